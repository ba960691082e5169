// The Memory panel: heat maps of gates and cell, equations with real numbers, ledger, reach.
import { complaint, h, onWidth, s } from '../scripts/elements.js';
import { questions } from '../scripts/navigation.js';
import { plain, polarity, quote, signed } from '../scripts/numbers.js';
import { definePanel, latest, lightToken, on, state } from '../scripts/state.js';
import { term } from '../scripts/tips.js';

/** @type {[string, string, string, string, boolean][]} */
const MAPS = [
  ['forget', 'forget gate', 'f', 'how much of the cell is kept', false],
  ['input', 'input gate', 'i', 'how much of the candidate is written', false],
  ['candidate', 'candidate', 'g', 'what is offered for writing', true],
  ['cell', 'cell', 'c', 'the memory after the word', true],
  ['output', 'output gate', 'o', 'how much of the cell is shown', false],
  ['hidden', 'hidden state', 'h', 'what the word leaves for the next one and the head', true],
];
const sub = (letter, below) => [h('i', {}, letter), h('sub', {}, below)];

/** Where to look first: the chosen word, or the one that moved the logit most; there its unit. */
const telling = (answer) => {
  const { pinned, reading } = state;
  const within = (index) => index !== null && index >= answer.start && index < answer.stop;
  let at = within(pinned) ? pinned : answer.start;
  if (!within(pinned) && reading?.text === answer.text) {
    const logits = reading.running.logits;
    const step = (t) => Math.abs(logits[t] - (t ? logits[t - 1] : reading.running.bias));
    for (let t = answer.start; t < answer.stop; t += 1) if (step(t) > step(at)) at = t;
  }
  const column = at - answer.start;
  const weight = (r) => Math.abs(answer.states.hidden[r][column] * answer.worth[r]);
  const rows = answer.units.map((_, r) => r);
  return [rows.reduce((best, r) => (weight(r) > weight(best) ? r : best)), column];
};

definePanel('memory', (element) => {
  const said = h('div', {});
  const windowed = h('div', { class: 'actions' });
  const words = h('div', {
    class: 'word-row',
    role: 'group',
    'aria-label': 'Words; choose one for the equations',
  });
  const maps = h('div', { class: 'maps' });
  const equations = h('section', {
    class: 'card equations',
    'aria-live': 'polite',
  });
  const ledger = h('div', { class: 'chart' });
  const reach = h('div', { class: 'chart' });
  const live = h(
    'div',
    { class: 'live' },
    h('h2', {}, 'What the gates did'),
    h(
      'p',
      {},
      'A row is a hidden unit, a column a word. The units are those on which the head puts most weight, the heaviest on top; the last row is the mean of all. Choose a cell to see its arithmetic.',
    ),
    windowed,
    h('div', { class: 'inside-out' }, h('div', {}, words, maps), equations),
    h('h2', {}, 'What is left of every word in the final cell'),
    ledger,
    h('h2', {}, 'How far back the gradient reaches'),
    reach,
  );
  element.replaceChildren(h('div', { id: 'remembering', class: 'panel' }, said, live));
  let answer = null;
  let width = 0;
  let row = 0;
  let column = 0;

  const choose = (unit, token) => {
    row = unit;
    column = token;
    mark();
    explain();
  };
  const mark = () => {
    for (const one of maps.querySelectorAll('.chosen')) one.classList.remove('chosen');
    for (const one of maps.querySelectorAll(`[data-row="${row}"][data-column="${column}"]`))
      one.classList.add('chosen');
    for (const one of words.querySelectorAll('.word'))
      one.setAttribute('aria-pressed', String(Number(one.dataset.column) === column));
  };
  const map = ([name, title, letter, help, isSigned], size) => {
    const rows = [...answer.states[name], answer.means[name]];
    const count = answer.stop - answer.start;
    const w = Math.max(6, Math.min(46, (size - 44) / count));
    const hgt = 9;
    const reach2 = name === 'cell' ? Math.max(...rows.flat().map(Math.abs), 1) : 1;
    const svg = s(
      'svg',
      {
        class: 'heat',
        width: 44 + w * count,
        height: hgt * rows.length + 8 + 46,
        role: 'img',
        'aria-label': `${title}: mean of all units per word: ${answer.means[name].map((value, i) => `${answer.tokens[answer.start + i].text} ${plain(value)}`).join(', ')}`,
      },
      answer.tokens.slice(answer.start, answer.stop).map((token, c) => {
        const x = 44 + (c + 0.5) * w + 3;
        const y = hgt * rows.length + 18;
        return s(
          'text',
          {
            x,
            y,
            class: 'turned',
            transform: `rotate(-45 ${x} ${y})`,
            'data-token': answer.start + c,
          },
          token.text.length > 9 ? `${token.text.slice(0, 8)}…` : token.text,
        );
      }),
      rows.map((values, r) => {
        const mean = r === rows.length - 1;
        const top = r * hgt + (mean ? 6 : 0);
        return [
          (r % 4 === 0 || mean) &&
            s(
              'text',
              { x: 40, y: top + 8, class: 'unit' },
              mean ? 'mean' : String(answer.units[r]),
            ),
          values.map((value, c) =>
            s('rect', {
              x: 44 + c * w,
              y: top,
              width: w - 1,
              height: hgt - 1,
              class: isSigned ? polarity(value) : 'gate',
              'fill-opacity': (0.06 + 0.94 * Math.min(1, Math.abs(value) / reach2)).toFixed(3),
              'data-row': r,
              'data-column': c,
              'data-token': answer.start + c,
              'data-tip': `${title}, ${mean ? 'mean of all units' : `unit ${answer.units[r]}`}, at ${quote(answer.tokens[answer.start + c].text)}: ${isSigned ? signed(value) : plain(value)}`,
            }),
          ),
        ];
      }),
    );
    return h(
      'figure',
      {},
      h(
        'figcaption',
        {},
        term(title),
        ' ',
        h('i', {}, letter),
        ` – ${help}`,
        h(
          'span',
          { class: 'scale' },
          isSigned
            ? `orange −${plain(reach2, 1)} to blue +${plain(reach2, 1)}`
            : 'faint 0 to strong 1',
        ),
      ),
      svg,
    );
  };
  maps.addEventListener('click', (event) => {
    const cell = event.target.closest('[data-row]');
    if (cell && Number(cell.dataset.row) < answer.units.length)
      choose(Number(cell.dataset.row), Number(cell.dataset.column));
  });
  const explain = () => {
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
    equations.replaceChildren(
      h('h3', {}, `Unit ${answer.units[row]} at `, h('q', {}, token)),
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
            { onchange: (event) => choose(Number(event.target.value), column) },
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
    );
  };
  const bars = () => {
    const kept = answer.ledger.kept;
    const top = Math.max(...answer.ledger.written, 1e-9);
    ledger.replaceChildren(
      h(
        'ul',
        { class: 'kept' },
        answer.tokens.map((token, i) =>
          h(
            'li',
            { 'data-token': i },
            h('span', {}, token.text),
            h(
              'i',
              {
                class: 'rail',
                'data-tip': `wrote ${plain(answer.ledger.written[i])}, of which ${plain(kept[i])} is left in the final cell`,
              },
              h('i', {
                class: 'wrote',
                style: {
                  '--size': `${(100 * answer.ledger.written[i]) / top}%`,
                },
              }),
              h('i', { style: { '--size': `${(100 * kept[i]) / top}%` } }),
            ),
            h('b', {}, plain(kept[i])),
            h('small', {}, `${signed(100 * answer.ledger.shares[i], 0)} %`),
          ),
        ),
      ),
      h(
        'p',
        { class: 'hint' },
        `The final cell is an exact sum over the words: what each wrote (faint, ‖i ⊙ g‖) and what the later forget gates left of it (strong). Full length ${plain(top)}. The percentages are signed shares of the final cell that sum to 100 %; residual ${answer.ledger.residual.toExponential(0)}.`,
      ),
    );
  };
  const lines = () => {
    if (!width) return;
    const { cell, forget, full, twin_hidden: twin, twin_full: twinFull, note } = answer.reach;
    const series = [
      ['LSTM, cell, all paths: ‖∂(w·h_T)/∂c_t‖', cell, 'cell'],
      ['LSTM, cell, by the forget gates alone', forget, 'forget'],
      ['LSTM, whole head: ‖∂z/∂x_t‖', full, 'full'],
      ['vanilla RNN, along the state', twin, 'twin'],
      ['vanilla RNN, whole head', twinFull, 'twin-full'],
    ].filter(([, values]) => values);
    const all = series.flatMap(([, values]) => values).filter((value) => value > 0);
    const low = Math.floor(Math.log10(Math.max(Math.min(...all), 1e-12)));
    const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...all))));
    const size = Math.min(width, 900);
    const height = 260;
    const count = answer.tokens.length;
    const x = (i) => 56 + (size - 80) * (count === 1 ? 0.5 : i / (count - 1));
    const y = (value) =>
      12 + (height - 56) * (1 - (Math.log10(Math.max(value, 1e-12)) - low) / (high - low));
    const every = Math.ceil(count / Math.max(1, Math.floor((size - 80) / 64)));
    reach.replaceChildren(
      s(
        'svg',
        {
          class: 'reach',
          width: size,
          height,
          role: 'img',
          'aria-label': `Gradient norm at each word, logarithmic. ${series.map(([name, values]) => `${name}: first word ${values[0].toPrecision(2)}, last word ${values[count - 1].toPrecision(2)}`).join('; ')}`,
        },
        Array.from({ length: high - low + 1 }, (_, i) => low + i).map((power) => [
          s('line', {
            class: 'middle',
            x1: x(0),
            x2: x(count - 1),
            y1: y(10 ** power),
            y2: y(10 ** power),
          }),
          s(
            'text',
            { x: 24, y: y(10 ** power) + 4 },
            power < -3 || power > 3 ? `1e${String(power).replace('-', '−')}` : String(10 ** power),
          ),
        ]),
        answer.tokens.map(
          (token, i) =>
            i % every === 0 && s('text', { x: x(i), y: height - 24 }, token.text.slice(0, 10)),
        ),
        s('text', { x: size / 2, y: height - 4 }, 'word; up: gradient norm, logarithmic'),
        series.map(([name, values, kind]) => [
          s('polyline', {
            class: kind,
            points: values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(' '),
          }),
          values.map((value, i) =>
            s('circle', {
              class: kind,
              cx: x(i),
              cy: y(value),
              r: 3.5,
              'data-token': i,
              'data-tip': `${name} at ${quote(answer.tokens[i].text)}: ${value.toPrecision(3)}`,
            }),
          ),
        ]),
      ),
      h(
        'ul',
        { class: 'keys-row' },
        series.map(([name, , kind]) =>
          h(
            'li',
            {},
            s(
              'svg',
              { width: 34, height: 10, class: 'reach', 'aria-hidden': 'true' },
              s('polyline', { class: kind, points: '0,5 34,5' }),
            ),
            name,
          ),
        ),
      ),
      note && h('p', { class: 'notice' }, note),
      h(
        'p',
        { class: 'hint' },
        'How strongly a small push at each word would move the logit. A flat line means that far words still count; a ',
        term('vanilla RNN'),
        '’s line along the state falls with distance, since the state is multiplied at every step; through the whole head its far words are reached by the pools too.',
      ),
    );
  };
  const draw = () => {
    if (!answer || !width) return;
    const count = answer.stop - answer.start;
    column = Math.min(column, count - 1);
    row = Math.min(row, answer.units.length - 1);
    const size = matchMedia('(min-width: 68rem)').matches ? width - 372 : width; // as the style sheet has it
    words.replaceChildren(
      ...answer.tokens.slice(answer.start, answer.stop).map((token, i) =>
        h(
          'button',
          {
            type: 'button',
            class: 'word',
            'data-column': i,
            'data-token': answer.start + i,
            'aria-pressed': 'false',
            onclick: () => choose(row, i),
          },
          token.text,
        ),
      ),
    );
    const each = size > 520 ? (size - 30) / 2 : size;
    maps.replaceChildren(...MAPS.map((one) => map(one, each)));
    const all = answer.tokens.length;
    windowed.replaceChildren(
      ...(all > count
        ? [
            h('span', { class: 'hint' }, `Words ${answer.start + 1} to ${answer.stop} of ${all} `),
            h(
              'button',
              {
                type: 'button',
                class: 'action',
                disabled: answer.start === 0,
                onclick: () => ask(Math.max(0, answer.start - state.config.limits.window)),
              },
              'Earlier',
            ),
            h(
              'button',
              {
                type: 'button',
                class: 'action',
                disabled: answer.stop === all,
                onclick: () => ask(answer.stop),
              },
              'Later',
            ),
          ]
        : []),
    );
    bars();
    lines();
    mark();
    explain();
  };
  const load = latest('memory', (got) => {
    element.classList.remove('stale');
    answer = got.message ? null : got;
    live.hidden = !answer;
    said.replaceChildren(...(got.message ? [complaint(got.message)] : []));
    if (answer) [row, column] = telling(answer);
    draw();
  });
  const ask = (start = 0) => {
    element.classList.add('stale');
    load({ ...questions(), start });
  };
  const refresh = () => {
    if (state.panel === 'memory') ask();
  };
  live.addEventListener('pointerover', (event) => {
    const one = event.target.closest('[data-token]');
    lightToken(one ? one.dataset.token : null);
  });
  live.addEventListener('pointerleave', () => lightToken(null));
  on('reading', refresh);
  on('panel', refresh);
  onWidth(element, (now) => {
    width = now;
    draw();
  });
  refresh();
});
