// The chart of a verdict against the padding behind its text.
import { s } from './elements.js';
import { plain, signed } from './numbers.js';
import { state } from './state.js';

const HEIGHT = 240;

/**
 * The classic head's verdict, which drifts, and ours, packed, which does not; `k` is chosen.
 * @param {Padded} answer
 * @param {number} k
 * @param {number} size
 * @param {(value: number) => string} name
 */
export const driftView = (answer, k, size, name) => {
  const values = answer.classic ?? answer.logits;
  const odds = answer.classic !== null;
  const packed = odds ? answer.packed.probability : answer.logits[0];
  const low = odds ? 0 : Math.min(...values) - 0.5;
  const high = odds ? 1 : Math.max(...values) + 0.5;
  const last = values.length - 1;
  const x = (i) => 46 + ((size - 66) * i) / last;
  const y = (value) => 14 + (HEIGHT - 50) * (1 - (value - low) / (high - low));
  const end = values[last];
  const under = end < packed;
  const beneath = under && y(end) + 22 > y(low); // beside the numbers of the axis
  const turned = answer.turned_at;
  const up = odds ? `probability of ${state.config.labels[1]}` : 'logit';
  return s(
    'svg',
    {
      width: size,
      height: HEIGHT,
      role: 'img',
      class: 'drift',
      'aria-label': `Verdict against padding: packed ${name(packed)} throughout, unpacked ${name(end)} after ${last} padding tokens`,
    },
    odds &&
      s('rect', {
        class: 'zone',
        x: x(0),
        width: x(last) - x(0),
        y: y(state.config.neutral_zone[1]),
        height: y(state.config.neutral_zone[0]) - y(state.config.neutral_zone[1]),
      }),
    (odds ? [0, 0.5, 1] : [low, high]).map((value) => [
      s('line', {
        class: 'middle',
        x1: x(0),
        x2: x(last),
        y1: y(value),
        y2: y(value),
      }),
      s('text', { x: 22, y: y(value) + 4 }, plain(value, 1)),
    ]),
    [0, 10, 20, 30, 40]
      .filter((i) => i <= last)
      .map((i) => s('text', { x: x(i), y: HEIGHT - 18 }, String(i))),
    s('text', { x: x(last / 2), y: HEIGHT - 2 }, `padding tokens; up: ${up}`),
    s('line', {
      class: 'packed',
      x1: x(0),
      x2: x(last),
      y1: y(packed),
      y2: y(packed),
    }),
    s('polyline', {
      class: 'unpacked',
      points: values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(' '),
    }),
    turned !== null && [
      s('path', {
        class: 'turning',
        d: `M${x(turned)},${y(values[turned]) - 9}l9,9l-9,9l-9,-9z`,
        'data-tip': `At ${turned} the verdict is another one for the first time`,
      }),
    ],
    s('circle', {
      cx: x(k),
      cy: y(values[k]),
      r: 7,
      'data-tip': `${k} padding tokens: ${odds ? name(values[k]) : signed(values[k])}`,
    }),
    s(
      'text',
      { x: x(last), y: y(packed) + (under ? -9 : 20), class: 'strong end' },
      'ours, packed',
    ),
    s(
      'text',
      {
        x: x(last),
        y: beneath ? y(packed) - 24 : y(end) + (under ? 22 : -10),
        class: 'strong end',
      },
      odds ? 'classic, padded' : 'padded',
    ),
  );
};
