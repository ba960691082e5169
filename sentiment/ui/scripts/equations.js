// The LSTM's equations of one hidden unit at one word, with the numbers that they had there.
import { h } from './elements.js';
import { plain, signed } from './numbers.js';
import { stepView } from './step.js';

const sub = (letter, below) => [h('i', {}, letter), h('sub', {}, below)];

/**
 * The equations of one unit at one word with their numbers; `choose` gets another row of units.
 * @param {(row: number) => void} choose
 */
export const equationsOf = (answer, row, column, choose) => {
  const at = (name) => answer.states[name][row][column];
  const before = column ? answer.states.cell[row][column - 1] : answer.before[row];
  const token = answer.tokens[answer.start + column].text;
  const gate = (letter, below, rest, name, digits = 3) =>
    h(
      'p',
      { class: 'equation' },
      sub(letter, 't'),
      rest,
      h('b', {}, ` = ${at(name) < 0 ? signed(at(name), digits) : plain(at(name), digits)}`),
    );
  const of = (weights, bias) => [
    ' (',
    sub('W', weights),
    ' [',
    sub('h', 't−1'),
    ', ',
    sub('x', 't'),
    '] + ',
    sub('b', bias),
    ')',
  ];
  const n = (value) => (value < 0 ? `(${plain(value, 3)})` : plain(value, 3));
  return [
    h('h3', {}, `Unit ${answer.units[row]} at `, h('q', {}, token)),
    ...stepView({
      before,
      forget: at('forget'),
      input: at('input'),
      candidate: at('candidate'),
      cell: at('cell'),
      output: at('output'),
      hidden: at('hidden'),
    }),
    gate('f', 'f', [' = σ', of('f', 'f')], 'forget'),
    gate('i', 'i', [' = σ', of('i', 'i')], 'input'),
    gate('g', 'c', [' = tanh', of('c', 'c')], 'candidate'),
    h(
      'p',
      { class: 'equation' },
      sub('c', 't'),
      ' = ',
      sub('f', 't'),
      ' ⊙ ',
      sub('c', 't−1'),
      ' + ',
      sub('i', 't'),
      ' ⊙ ',
      sub('g', 't'),
      h('br', {}),
      h(
        'span',
        { class: 'worked' },
        `= ${n(at('forget'))} × ${n(before)} + ${n(at('input'))} × ${n(at('candidate'))} = `,
        h('b', {}, plain(at('cell'), 3)),
      ),
    ),
    gate('o', 'o', [' = σ', of('o', 'o')], 'output'),
    h(
      'p',
      { class: 'equation' },
      sub('h', 't'),
      ' = ',
      sub('o', 't'),
      ' ⊙ tanh(',
      sub('c', 't'),
      ')',
      h('br', {}),
      h(
        'span',
        { class: 'worked' },
        `= ${n(at('output'))} × tanh ${n(at('cell'))} = `,
        h('b', {}, plain(at('hidden'), 3)),
      ),
    ),
    h(
      'div',
      { class: 'actions' },
      h(
        'label',
        {},
        'Unit ',
        h(
          'select',
          { onchange: (event) => choose(Number(event.target.value)) },
          answer.units.map((unit, r) =>
            h('option', { value: String(r), selected: r === row }, String(unit)),
          ),
        ),
      ),
    ),
    h(
      'p',
      { class: 'hint' },
      `⊙ multiplies unit by unit. The candidate g is written c̃ in many texts. Replayed gates agree with the forward pass within ${answer.gates_residual.toExponential(0)}.`,
    ),
  ];
};
