// A long text: all of it as flowing coloured text, its running verdict as one line, and a window.
import { h, s } from './elements.js';
import { fittedScale } from './lanes.js';
import { polarity } from './numbers.js';
import { heights } from './running.js';
import { linear } from './scales.js';
import { state } from './state.js';

const SHORT = 60;
const HEIGHT = 64;

/** The words [from, to) that are drawn one by one: all of a short text, a part of a long one. */
export const windowAt = (count, head, width, shown) => {
  const [from, to] = shown;
  if (count <= SHORT) return [0, count];
  const size = width < 560 ? 12 : Math.floor((width - 132) / 64);
  if (to - from === Math.min(size, count) && head >= from && head < to) return [from, to];
  const start = Math.max(0, Math.min(head - Math.floor(size / 2), count - size));
  return [start, Math.min(count, start + size)];
};

/** Nothing for a short text. @param {Reading} reading */
export const flowView = (reading, width, shown, go) => {
  const [from, to] = shown;
  const count = reading.tokens.length;
  if (count <= SHORT) return [];
  const lane = state.config.lanes.find((one) => one.name === 'gradients');
  const scale = fittedScale(lane, reading);
  const values = reading.lanes.gradients;
  const words = reading.tokens.map((token, index) => {
    const strength = Math.round(60 * Math.min(1, Math.abs(values[index] ?? 0) / scale));
    const colour = `color-mix(in srgb, var(--${polarity(values[index])}) ${strength}%, transparent)`;
    const inside = index >= from && index < to;
    return [
      token.gap,
      h(
        'span',
        {
          'data-go': index,
          class: inside ? 'inside' : null,
          style: { background: colour },
        },
        token.text,
      ),
    ];
  });
  const odds = heights(reading, reading.running.logits, reading.running.probabilities);
  const x = linear(0, count - 1, 4, width - 4);
  const y = linear(0, 1, HEIGHT - 6, 6);
  const [low, high] = state.config.neutral_zone;
  const path = odds.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  const at = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    go(Math.round(((event.clientX - box.left - 4) / (box.width - 8)) * (count - 1)));
  };
  const spark = s(
    'svg',
    {
      class: 'spark',
      width,
      height: HEIGHT,
      role: 'img',
      'aria-label': `Running verdict over ${count} words; the slider below goes through them`,
      onpointerdown: at,
      onpointermove: (event) => event.buttons === 1 && at(event),
    },
    reading.running.probabilities &&
      s('rect', {
        class: 'zone',
        x: 0,
        width,
        y: y(high),
        height: y(low) - y(high),
      }),
    s('rect', {
      class: 'window',
      x: x(from),
      width: x(to - 1) - x(from),
      y: 1,
      height: HEIGHT - 2,
    }),
    s('polyline', { points: path }),
  );
  const text = h('p', { class: 'flow' }, words);
  text.addEventListener('click', (event) => {
    const word = /** @type {HTMLElement} */ (event.target).closest('[data-go]');
    if (word) go(Number(/** @type {HTMLElement} */ (word).dataset.go));
  });
  return [spark, text];
};
