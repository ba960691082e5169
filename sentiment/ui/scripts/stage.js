// The stage: the text's own words, tinted; under them the running verdict, and their numbers.
import { curve } from './curve.js';
import { h } from './elements.js';
import { ALWAYS, fittedScale, isShown, laneBar, shownNumber, wordSizes } from './lanes.js';
import { broken, centres } from './lines.js';
import { percent, polarity } from './numbers.js';
import { afterWord, shownStart } from './running.js';
import { state } from './state.js';

const CURVE = 170;
const NARROW = 560;
/** A frame of another page that is lower than this has room for the curve alone. */
const FRAME = 560;

const tinted = (value, scale) => {
  if (!value) return {};
  const strength = Math.round(8 + 37 * Math.min(1, Math.abs(value) / scale));
  return {
    background: `color-mix(in srgb, var(--${polarity(value)}) ${strength}%, transparent)`,
  };
};

const word = (reading, lanes, tint, index, size) => {
  const token = reading.tokens[index];
  const inside = state.span && index >= state.span[0] && index < state.span[1];
  const numbers = lanes.map(
    (lane) => `${lane.title} ${shownNumber(lane, reading.lanes[lane.name]?.[index])}`,
  );
  const value = reading.lanes[tint.name]?.[index] ?? 0;
  return h(
    'div',
    {
      class: `token${token.gap === '' && index > 0 ? ' glued' : ''}`,
      'data-token': index,
      style: { width: `${size}px` },
    },
    h(
      'button',
      {
        type: 'button',
        class: `word${token.known ? '' : ' unknown'}${inside ? ' inside' : ''}`,
        tabindex: index === state.focus ? '0' : '-1',
        'aria-pressed': state.pinned === index || inside ? 'true' : 'false',
        'data-index': index,
        'aria-label':
          `${token.text}, word ${index + 1} of ${reading.tokens.length}` +
          `${token.known ? '' : ', unknown to the model'}: ` +
          `${[afterWord(reading, index), ...numbers].join(', ')}`,
        style: tinted(value, tint.scale),
      },
      token.text,
    ),
  );
};

const row = (reading, lane, line) =>
  h(
    'div',
    { class: 'row', 'aria-hidden': 'true' },
    line.tokens.map((index, place) => {
      const value = reading.lanes[lane.name]?.[index];
      return h(
        'div',
        {
          class: 'cell',
          'data-token': index,
          style: { width: `${line.sizes[place]}px` },
        },
        laneBar(value, lane.scale, lane.signed),
        h('small', {}, shownNumber(lane, value)),
      );
    }),
  );

const full = (lane) =>
  lane.unit.startsWith('share')
    ? percent(lane.scale)
    : `${lane.signed ? '±' : ''}${lane.scale}${lane.unit === 'logit' ? ' logits' : ''}`;

/** What the unnamed rows of a narrow stage are. */
const keyOf = (lanes, ends) =>
  `Under each word: the running verdict (${ends[0]} on top, ${ends[1]} at the foot), then ` +
  `${lanes.map((lane) => `${lane.title} (full ${full(lane)})`).join(', ')}.`;

/**
 * Draws words [from, to) of a reading into `root`, and gives the width of its widest line.
 * @param {HTMLElement} root
 * @param {Reading} reading
 * @param {number} width
 * @param {number[]} window
 */
export const drawStage = (root, reading, width, window) => {
  const [from, to] = window;
  const short = innerHeight < FRAME && document.documentElement.classList.contains('embed');
  const narrow = short || width < NARROW;
  const label = narrow ? 0 : 132;
  const lanes = state.config.lanes
    .filter((lane) => isShown(lane))
    .map((lane) => ({ ...lane, scale: fittedScale(lane, reading) }))
    .sort((a, b) => ALWAYS.indexOf(a.name) - ALWAYS.indexOf(b.name));
  const tint = lanes.find((lane) => lane.name === 'gradients');
  const texts = reading.tokens.slice(from, to).map((token) => token.text);
  const glued = reading.tokens.slice(from, to).map((token, i) => i > 0 && token.gap === '');
  const room = Math.max(width - label, 90);
  const lines = broken(wordSizes(texts, 52), room, glued).map((line) => ({
    ...line,
    room,
    tokens: line.tokens.map((index) => index + from),
  }));
  const usual = lines.length > 2 ? 110 : narrow || lines.length > 1 ? 130 : CURVE;
  const height = short ? Math.min(usual, 92) : usual;
  const ends = reading.running.probabilities
    ? [`1 ${state.config.labels[1]}`, `0 ${state.config.labels[0]}`]
    : [`+${state.config.scales.logit}`, `−${state.config.scales.logit}`];
  const heads = h(
    'div',
    { class: 'heads' },
    h('div', { class: 'name words' }, ''),
    h(
      'div',
      { class: 'name curve', style: { height: `${height}px` } },
      h('span', {}, ends[0]),
      h(
        'div',
        {},
        h('b', {}, 'running verdict'),
        h('span', {}, `starts at ${shownStart(reading)}`),
      ),
      h('span', {}, ends[1]),
    ),
    lanes.map((lane) =>
      h('div', { class: 'name' }, h('b', {}, lane.title), h('span', {}, `full ${full(lane)}`)),
    ),
  );
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const active =
    focused?.classList.contains('word') && root.contains(focused) ? focused.dataset.index : null;
  state.focus = Math.max(from, Math.min(state.focus, to - 1));
  root.replaceChildren(
    ...lines.map((line, number) =>
      h(
        'div',
        {
          class: `line${narrow ? ' narrow' : ''}`,
          style: { '--label': `${label}px` },
          'data-centres': centres(line).join(' '),
        },
        !narrow && (number === 0 ? heads : heads.cloneNode(true)),
        h(
          'div',
          { class: 'body' },
          h(
            'div',
            { class: 'tokens' },
            line.tokens.map((index, place) => word(reading, lanes, tint, index, line.sizes[place])),
          ),
          curve(line, reading, height),
          lanes.map((lane) => row(reading, lane, line)),
          h('i', { class: 'glide', 'aria-hidden': 'true' }),
        ),
      ),
    ),
    narrow && !short ? h('p', { class: 'hint rows-named' }, keyOf(lanes, ends)) : '',
  );
  if (active !== null) {
    /** @type {HTMLElement | null} */
    const again = root.querySelector(`[data-index="${active}"]`);
    again?.focus({ preventScroll: true });
  }
  return { lanes, narrow };
};
