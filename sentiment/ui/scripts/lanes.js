// Lanes: bars and numbers under words, and how wide a word's column must be.
import { h } from './elements.js';
import { broken } from './lines.js';
import { percent, plain, polarity, signed } from './numbers.js';
import { fitted } from './scales.js';
import { state } from './state.js';

const pen = document.createElement('canvas').getContext('2d');
/** How wide a text is, in pixels, in the page's own letters. @param {string} font weight, size */
export const textWidth = (text, font) => {
  pen.font = `${font} ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
};
/** How wide each word's column must be, in pixels. */
export const wordSizes = (words, least) =>
  words.map((word) => Math.max(least, Math.ceil(textWidth(word, '700 17px')) + 22));
export const breakLines = (words, width, label, least = 54) =>
  broken(wordSizes(words, least), Math.max(width - label, 90));

export const laneBar = (value, scale, isSigned) => {
  const size = Math.min(1, Math.abs(value ?? 0) / scale);
  const cut = Math.abs(value ?? 0) > scale;
  return h(
    'span',
    { class: `lane${isSigned ? ' signed' : ''}`, 'aria-hidden': 'true' },
    h('i', {
      class: `bar ${isSigned ? polarity(value) : 'size'}${cut ? ' cut' : ''}`,
      style: { '--size': `${100 * size * (isSigned ? 0.5 : 1)}%` },
    }),
  );
};
export const shownNumber = (lane, value) => {
  if (value === null || value === undefined) return '…';
  if (lane.unit.startsWith('share')) return percent(value);
  return lane.signed ? signed(value) : plain(value);
};
export const scaleOf = (lane) =>
  lane.unit === 'logit' ? state.scale : (state.config.scales[lane.name] ?? 1);

/** Full height of a lane in one reading: fixed, or what fits this text and lanes of its unit. */
export const fittedScale = (lane, reading) => {
  const alike = state.config.lanes.filter((one) => one.unit === lane.unit);
  const shown = lane.unit === 'logit' ? alike.filter((one) => isShown(one)) : [lane];
  return fitted(
    shown.flatMap((one) => reading.lanes[one.name] ?? []),
    lane.unit === 'logit' ? 0.1 : 0,
  );
};
/** The three numbers that are always in view, in their order; others are asked for. */
export const ALWAYS = ['norm', 'wins', 'gradients'];
export const isShown = (lane) => ALWAYS.includes(lane.name) || state.lanes.includes(lane.name);
