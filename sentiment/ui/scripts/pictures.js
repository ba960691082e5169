// What an LSTM is, in three drawn pictures.
import { s } from './elements.js';

const text = (x, y, words, kind = null) => s('text', { x, y, class: kind }, words);
const box = (x, y, width, height, kind) => s('rect', { x, y, width, height, rx: 8, class: kind });
const arrow = (x1, y1, x2, y2) =>
  s('path', {
    class: 'arrow',
    d: `M${x1},${y1}L${x2},${y2}`,
    'marker-end': 'url(#tip-of-arrow)',
  });
const strip = (x, y, shades) =>
  shades.map((shade, i) =>
    s('rect', {
      x: x + i * 12,
      y,
      width: 11,
      height: 16,
      class: shade < 0 ? 'negative' : 'positive',
      'fill-opacity': Math.abs(shade),
    }),
  );
const marker = () =>
  s(
    'defs',
    {},
    s(
      'marker',
      {
        id: 'tip-of-arrow',
        viewBox: '0 0 8 8',
        refX: 7,
        refY: 4,
        markerWidth: 7,
        orient: 'auto',
      },
      s('path', { d: 'M0,0L8,4L0,8z', class: 'tip-of-arrow' }),
    ),
  );

const STATES = [
  [0.2, -0.15, 0.1, 0.05, -0.1, 0.15],
  [-0.5, 0.3, -0.6, 0.2, 0.4, -0.3],
  [-0.8, 0.5, -0.9, -0.4, 0.6, -0.7],
];
const reading = () => [
  ...['not', 'good'].flatMap((word, i) => [
    text(190 + i * 190, 122, word, 'strong'),
    arrow(190 + i * 190, 106, 190 + i * 190, 78),
    box(145 + i * 190, 34, 90, 44, 'cell'),
    text(190 + i * 190, 61, 'LSTM'),
  ]),
  strip(24, 48, STATES[0]),
  text(60, 84, 'nothing yet'),
  arrow(100, 56, 143, 56),
  arrow(235, 56, 247, 56),
  strip(249, 48, STATES[1]),
  text(285, 32, 'after “not”'),
  arrow(323, 56, 333, 56),
  arrow(425, 56, 438, 56),
  strip(440, 48, STATES[2]),
  text(476, 32, 'after “not good”'),
];
const cell = () => [
  s('path', { class: 'belt-line', d: 'M30,48H500' }),
  text(66, 34, 'old memory'),
  text(470, 34, 'new memory'),
  s('circle', { cx: 180, cy: 48, r: 15, class: 'valve' }),
  text(180, 53, '×', 'strong'),
  s('circle', { cx: 330, cy: 48, r: 15, class: 'valve' }),
  text(330, 53, '+', 'strong'),
  arrow(180, 104, 180, 65),
  text(180, 121, 'forget gate: how much stays'),
  arrow(330, 104, 330, 65),
  text(352, 121, 'input gate: what comes in'),
];
const head = () => [
  ...['last state', 'highest of each', 'average'].flatMap((name, i) => [
    text(86, 32 + i * 42, name),
    strip(150, 20 + i * 42, STATES[2 - i]),
    arrow(228, 28 + i * 42, 318, 70),
  ]),
  s('circle', { cx: 338, cy: 70, r: 20, class: 'valve' }),
  text(338, 76, 'Σ', 'strong'),
  arrow(359, 70, 398, 70),
  text(452, 75, 'the verdict', 'strong'),
];
const DRAWN = { reading, cell, head };
const SAID = {
  reading: 'The words not and good go into the LSTM one after the other; its state goes along.',
  cell: 'A belt of memory with two valves: the forget gate and the input gate.',
  head: 'Last state, highest of each unit and average are summed up into the verdict.',
};

/** One of the pictures by its name, null for none. */
export const pictureOf = (name) =>
  DRAWN[name]
    ? s(
        'svg',
        {
          class: 'drawn',
          viewBox: '0 0 530 132',
          role: 'img',
          'aria-label': SAID[name],
        },
        marker(),
        DRAWN[name](),
      )
    : null;
