// Heat maps of gates and states: a row a hidden unit, a column a word.
import { h, s } from './elements.js';
import { plain, polarity, quote, signed } from './numbers.js';
import { term } from './tips.js';

/** @type {[string, string, string, string, boolean][]} */
const MAPS = [
  ['forget', 'forget gate', 'f', 'how much of the cell is kept', false],
  ['input', 'input gate', 'i', 'how much of the candidate is written', false],
  ['candidate', 'candidate', 'g', 'what is offered for writing', true],
  ['cell', 'cell', 'c', 'the memory after the word', true],
  ['output', 'output gate', 'o', 'how much of the cell is shown', false],
  ['hidden', 'hidden state', 'h', 'what the word leaves for the next one and the head', true],
];

const heatMap = (answer, [name, title, letter, help, isSigned], size) => {
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
          s('text', { x: 40, y: top + 8, class: 'unit' }, mean ? 'mean' : String(answer.units[r])),
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

/** One map a gate or state, `width` pixels each. */
export const heatMaps = (answer, width) => MAPS.map((one) => heatMap(answer, one, width));
