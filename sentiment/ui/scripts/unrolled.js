// The unrolled network as a picture: words, lines to the units whose maximum they hold, the state.
// All of it is made once a text; the reading head then only changes what differs.
import { h, s } from './elements.js';
import { polarity, quote, signed } from './numbers.js';
import { fitted } from './scales.js';

const LINES = 48;
const EARLIER = 5;
const HEIGHT = 150;
const NOW = { top: 72, height: 26 };
const BEFORE = { top: 120, height: 5, step: 6 };

/**
 * For every word the word before or at it that holds each unit's maximum so far, (T, H).
 * @param {number[][]} hidden
 * @returns {number[][]}
 */
export const winnersAlong = (hidden) => {
  const found = [];
  hidden.forEach((row, t) => {
    const best = found[t - 1];
    found.push(row.map((value, unit) => (t && value <= hidden[best[unit]][unit] ? best[unit] : t)));
  });
  return found;
};

const tones = new Map();
/** The page's colours, read once a scheme: reading them makes the browser settle all styles. */
const colours = (element) => {
  const dark = document.body.classList.contains('dark');
  if (!tones.has(dark)) {
    const style = getComputedStyle(element);
    const value = (name) => [name, style.getPropertyValue(`--${name}`).trim()];
    tones.set(dark, Object.fromEntries(['positive', 'negative', 'zero'].map(value)));
  }
  return tones.get(dark);
};

/** One row of units on a canvas. */
const strip = (pen, scheme, values, scale, width, { top, height }) => {
  const w = width / values.length;
  values.forEach((value, unit) => {
    pen.globalAlpha = 0.04 + 0.96 * Math.min(1, Math.abs(value) / scale);
    pen.fillStyle = scheme[polarity(value)];
    pen.fillRect(unit * w, top, Math.max(w - (w > 3 ? 0.6 : 0), 0.5), height);
  });
};

/**
 * @param {Network} network
 * @param {Reading} reading
 * @param {number} width
 * @returns {{ element: HTMLElement, show: (head: number) => void }}
 */
export const unrolled = (network, reading, width) => {
  const { hidden, weights } = network;
  const units = hidden[0].length;
  const along = winnersAlong(hidden);
  const scale = fitted(hidden.flat());
  const heaviest = Array.from({ length: weights.max ? units : 0 }, (_, unit) => unit)
    .sort((a, b) => Math.abs(weights.max[b]) - Math.abs(weights.max[a]))
    .slice(0, LINES);
  const count = reading.tokens.length;
  const place = (index) => ((index + 0.5) * width) / count;
  const x = (unit) => ((unit + 0.5) * width) / units;

  const paths = heaviest.map((unit) => ({ unit, from: -1, here: false, path: s('path', {}) }));
  const words = reading.tokens.map((token, index) =>
    s(
      'text',
      { x: Math.max(18, Math.min(width - 18, place(index))), y: 16 },
      token.text.slice(0, 12),
    ),
  );
  const every = Math.ceil(count / Math.max(1, Math.floor(width / 62)));
  const drawing = s(
    'svg',
    { class: 'network', width, height: HEIGHT, role: 'img' },
    words,
    paths.map(({ path }) => path),
    s('text', { x: 0, y: 112, class: 'note' }, `hidden state now, ±${scale}; heaviest units left`),
  );
  const sharp = Math.min(2, devicePixelRatio || 1);
  const canvas = /** @type {HTMLCanvasElement} */ (
    h('canvas', { width: Math.round(width * sharp), height: HEIGHT * sharp, 'aria-hidden': 'true' })
  );
  canvas.style.width = `${width}px`;
  const element = h('div', { class: 'unrolled' }, canvas, drawing);

  const line = (one, head) => {
    const token = along[head][one.unit];
    const here = token === head;
    if (one.from === token && one.here === here) return;
    if (one.from !== token) {
      const value = hidden[token][one.unit] * weights.max[one.unit];
      const a = place(token);
      one.path.setAttribute('d', `M${a},24C${a},52 ${x(one.unit)},42 ${x(one.unit)},70`);
      one.path.dataset.tip = `Unit ${network.units[one.unit]}: ${quote(reading.tokens[token].text)} holds its highest value, worth ${signed(value)} to the logit`;
      one.tone = polarity(value);
    }
    one.path.setAttribute('class', `won ${one.tone}${here ? ' here' : ''}`);
    Object.assign(one, { from: token, here });
  };
  const show = (head) => {
    words.forEach((word, index) => {
      const shown = index === head || (index % every === 0 && Math.abs(index - head) >= every);
      word.setAttribute(
        'class',
        !shown ? 'hidden' : index === head ? 'strong' : index > head ? 'later' : '',
      );
    });
    for (const one of paths) line(one, head);
    const held = along[head].filter((token) => token === head).length;
    drawing.setAttribute(
      'aria-label',
      `Hidden state of ${units} units after ${reading.tokens[head].text}; it holds ${held} of the maxima so far`,
    );
    const pen = canvas.getContext('2d');
    const scheme = colours(element);
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    pen.clearRect(0, 0, width, HEIGHT);
    strip(pen, scheme, hidden[head], scale, width, NOW);
    const { top, height, step } = BEFORE;
    for (let back = 1; back <= Math.min(EARLIER, head); back += 1)
      strip(pen, scheme, hidden[head - back], scale, width, {
        top: top + (back - 1) * step,
        height,
      });
  };
  return { element, show };
};
