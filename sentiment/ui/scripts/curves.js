// Several running verdicts on one chart, one column a word.
import { s } from './elements.js';
import { plain, quote, signed } from './numbers.js';
import { linear } from './scales.js';
import { state } from './state.js';

const HEIGHT = 200;
const FOOT = 26;

/** What is drawn upwards, and how its numbers are shown. */
export const ODDS = { from: 0, to: 1, ends: ['0', '1'], shown: (value) => plain(value) };
/** Logits, where no single one tells a probability. @param {number} most its largest size */
export const logits = (most) => ({
  from: -most,
  to: most,
  ends: [`−${most}`, `+${most}`],
  shown: (value) => signed(value),
});

/** Labels at the right end, none nearer to the next than a line. */
const apart = (places) => {
  const sorted = places.map((y, index) => ({ y, index })).sort((a, b) => a.y - b.y);
  sorted.forEach((one, i) => {
    if (i && one.y - sorted[i - 1].y < 16) one.y = sorted[i - 1].y + 16;
  });
  const found = [...places];
  for (const { y, index } of sorted) found[index] = y;
  return found;
};

/**
 * @param {string[]} words
 * @param {{ name: string, kind: string, start: number, values: (number | null)[] }[]} series
 *   probabilities, ``start`` before any word; where a series has no value, it waits
 * @param {number} width
 * @param {string} label
 * @param {typeof ODDS} axis
 */
export const curvesView = (words, series, width, label, axis = ODDS) => {
  const room = Math.min(150, width * 0.3);
  const right = width - room;
  const step = (right - 30) / words.length;
  const x = (i) => 30 + step * (i + 0.5);
  const y = linear(axis.from, axis.to, HEIGHT - FOOT - 8, 10);
  const [low, high] = state.config.neutral_zone;
  const end = x(words.length - 1);
  const lines = series.map((one) => {
    let last = one.start;
    return one.values.map((value) => {
      last = value ?? last;
      return last;
    });
  });
  const ends = apart(lines.map((values) => y(values[values.length - 1])));
  const every = Math.ceil(46 / step);
  return s(
    'svg',
    { class: 'curves', width, height: HEIGHT, role: 'img', 'aria-label': label },
    axis === ODDS &&
      s('rect', { class: 'zone', x: 30, width: end - 24, y: y(high), height: y(low) - y(high) }),
    [axis.from, axis.to].map((value, i) => s('text', { x: 14, y: y(value) + 4 }, axis.ends[i])),
    words.map(
      (word, i) =>
        (i % every === 0 || i === words.length - 1) &&
        s('text', { x: x(i), y: HEIGHT - 6 }, word.length > 12 ? `${word.slice(0, 11)}…` : word),
    ),
    series.map((one, k) => [
      s('polyline', {
        class: `line-of ${one.kind}`,
        points: [[30, y(one.start)], ...lines[k].map((value, i) => [x(i), y(value)])]
          .map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`)
          .join(' '),
      }),
      s('circle', {
        class: 'start',
        cx: 30,
        cy: y(one.start),
        r: 3.5,
        'data-tip': `${one.name} before any word: ${axis.shown(one.start)}`,
      }),
      lines[k].map(
        (value, i) =>
          one.values[i] !== null &&
          s('circle', {
            class: one.kind,
            cx: x(i),
            cy: y(value),
            r: i === words.length - 1 ? 5.5 : 3.5,
            'data-tip': `${one.name} after ${quote(words[i])}: ${axis.shown(value)}`,
          }),
      ),
      s(
        'text',
        { class: `strong name-of ${one.kind}`, x: end + 12, y: ends[k] + 4 },
        `${one.name} ${axis.shown(lines[k][words.length - 1])}`,
      ),
    ]),
  );
};
