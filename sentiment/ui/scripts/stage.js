// The stage: the text's own words, tinted; under them the running verdict, and their numbers.
import { h, s } from './elements.js';
import { ALWAYS, fittedScale, isShown, laneBar, shownNumber, wordSizes } from './lanes.js';
import { broken, centres } from './lines.js';
import { percent, plain, polarity, quote, signed } from './numbers.js';
import { linear } from './scales.js';
import { state } from './state.js';

const CURVE = 170;
const NARROW = 560;
/** A frame of another page that is lower than this has room for the curve alone. */
const FRAME = 560;

/** The value that the running verdict is drawn by, between 0 and 1. */
const heights = (reading, logits, odds) => {
  if (odds) return odds;
  const scale = state.config.scales.logit;
  return logits.map((z) => (z === null ? null : 0.5 + z / (2 * scale)));
};
/** The running verdict before any word: the head's bias alone. */
export const atStart = (reading) => {
  const { bias, probabilities } = reading.running;
  return probabilities ? 1 / (1 + Math.exp(-bias)) : bias;
};
const startHeight = (reading) => {
  const value = atStart(reading);
  return heights(reading, [value], reading.running.probabilities && [value])[0];
};
const points = (pairs) => pairs.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(' ');

const shownStart = (reading) => (reading.running.probabilities ? plain : signed)(atStart(reading));

/** What the running verdict is after a word, in words. */
export const afterWord = (reading, index) => {
  const odds = reading.running.probabilities;
  const logit = signed(reading.running.logits[index]);
  return odds
    ? `probability of ${reading.target} ${plain(odds[index])}, logit ${logit}`
    : `logit of ${reading.target} ${logit}`;
};

const mark = (reading, [a, b, index]) => {
  const tone = polarity(reading.running.logits[index]);
  const tip = `After ${quote(reading.tokens[index].text)}: ${afterWord(reading, index)}`;
  if (!reading.running.flips.includes(index)) {
    return s('circle', {
      cx: a,
      cy: b,
      r: 5,
      class: tone,
      'data-token': index,
      'data-tip': tip,
    });
  }
  return s('path', {
    class: `flip ${tone}`,
    d: `M${a},${b - 9}l9,9l-9,9l-9,-9z`,
    'data-token': index,
    'data-tip': `${tip}. Here the verdict turns.`,
  });
};

/** The dashed line of the text without its negator; where a word is gone it waits. */
const ghostLine = (line, reading, y, middles) => {
  const ghost = reading.ghost;
  if (!ghost) return null;
  const values = heights(reading, ghost.logits, ghost.probabilities);
  const own = heights(reading, reading.running.logits, reading.running.probabilities);
  const parts = values.findIndex((value, i) => value === null || Math.abs(value - own[i]) > 1e-6);
  if (parts < 0 || parts > line.tokens[line.tokens.length - 1]) return null;
  const known = (index) => {
    while (index >= 0 && values[index] === null) index -= 1;
    return index < 0 ? startHeight(reading) : values[index];
  };
  const first = line.tokens[0];
  const pairs = line.tokens
    .map((index, place) => [middles[place], y(known(index)), index])
    .filter(([, , index]) => index >= parts - 1);
  if (first >= parts) pairs.unshift([0, y(known(first - 1)), first - 1]);
  const last = line.tokens[line.tokens.length - 1] === reading.tokens.length - 1;
  const end = pairs[pairs.length - 1];
  const value = ghost.probabilities ? plain(known(end[2])) : signed(ghost.logit);
  const low = end[1] > 18;
  const beside = line.width - end[0] > 150;
  return s(
    'g',
    {
      class: 'ghost',
      'data-tip': `The same text without ${quote(ghost.words)}: ${ghost.text}`,
    },
    s('polyline', { points: points(pairs) }),
    last && s('circle', { cx: end[0], cy: end[1], r: 4 }),
    last &&
      s(
        'text',
        beside
          ? { x: end[0] + 12, y: end[1] + 4, class: 'beside-end' }
          : {
              x: Math.min(end[0] + 8, line.width - 2),
              y: low ? end[1] - 9 : end[1] + 18,
            },
        `without ${quote(ghost.words)} ${value}`,
      ),
  );
};

const curve = (line, reading, height) => {
  const values = heights(reading, reading.running.logits, reading.running.probabilities);
  const odds = reading.running.probabilities;
  const y = linear(0, 1, height - 14, 14);
  const middles = centres(line);
  const own = line.tokens.map((index, place) => [middles[place], y(values[index]), index]);
  const first = line.tokens[0];
  const before = first > 0 ? values[first - 1] : startHeight(reading);
  const path = [[0, y(before)], ...own];
  const [low, high] = state.config.neutral_zone;
  const crowded = reading.tokens.length > 16;
  const last = reading.tokens.length - 1;
  const label = ([a, b, index]) => {
    const flip = reading.running.flips.includes(index);
    if (crowded && !flip && index !== last) return null;
    const text = odds ? plain(odds[index]) : signed(reading.running.logits[index]);
    const below = b < 30 || (values[index] < (values[index - 1] ?? 0.5) && b < height - 34);
    return s(
      'text',
      {
        x: a,
        y: below ? b + 21 : b - 11,
        class: flip || index === last ? 'strong' : null,
        'data-token': index,
      },
      text,
    );
  };
  const said = line.tokens.map((i) => `${reading.tokens[i].text} ${afterWord(reading, i)}`);
  return s(
    'svg',
    {
      class: 'curve',
      width: line.width,
      height,
      role: 'img',
      'aria-label': `Running verdict: ${first ? '' : `before any word ${shownStart(reading)}; `}${said.join('; ')}`,
    },
    odds &&
      s('rect', {
        class: 'zone',
        x: 0,
        width: line.width,
        y: y(high),
        height: y(low) - y(high),
      }),
    s('line', {
      class: 'middle',
      x1: 0,
      x2: line.width,
      y1: y(0.5),
      y2: y(0.5),
    }),
    own.map(([a, , index], place) =>
      s('rect', {
        class: 'column',
        x: a - line.sizes[place] / 2,
        width: line.sizes[place],
        y: 0,
        height,
        'data-token': index,
      }),
    ),
    ghostLine(line, reading, y, middles),
    s('polyline', { class: 'whole', points: points(path) }),
    s('polyline', {
      class: 'read',
      points: points(path),
      'data-path': points(path),
    }),
    first === 0 &&
      s('circle', {
        class: 'start',
        cx: 0,
        cy: y(before),
        r: 4,
        'data-tip': `Before any word: ${shownStart(reading)}, the head’s bias alone`,
      }),
    own.map((point) => [mark(reading, point), label(point)]),
  );
};

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
  const lines = broken(wordSizes(texts, 52), Math.max(width - label, 90)).map((line) => ({
    ...line,
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
        ),
      ),
    ),
  );
  if (active !== null) {
    /** @type {HTMLElement | null} */
    const again = root.querySelector(`[data-index="${active}"]`);
    again?.focus({ preventScroll: true });
  }
  return { lanes, narrow };
};

/** What of a drawn stage belongs to each word, and what the reading head showed last. */
const drawn = new WeakMap();
const parts = (root) => {
  const known = drawn.get(root);
  if (known && known.first === root.firstElementChild) return known;
  const marks = [];
  for (const one of root.querySelectorAll('[data-token]'))
    (marks[Number(one.dataset.token)] ??= []).push(one);
  const lines = [...root.querySelectorAll('.line')].map((line) => {
    const path = line.querySelector('polyline.read');
    const all = path.dataset.path.split(' ');
    const tokens = [...line.querySelectorAll('.tokens .token')].map((t) => Number(t.dataset.token));
    return { path, all, tokens, extra: all.length - tokens.length, read: -1 };
  });
  const found = { first: root.firstElementChild, marks, lines, head: null };
  drawn.set(root, found);
  return found;
};

/** Shows the stage as it is when the network has read word `index`, and no further. */
export const headAt = (root, index) => {
  const stage = parts(root);
  const { marks, lines, head } = stage;
  if (head === index) return;
  const [low, high] =
    head === null ? [-1, marks.length] : [Math.min(head, index), Math.max(head, index)];
  for (let token = Math.max(low, 0); token <= high; token += 1)
    for (const one of marks[token] ?? []) {
      one.classList.toggle('ahead', token > index);
      one.classList.toggle('now', token === index);
    }
  for (const line of lines) {
    const read = line.tokens.filter((token) => token <= index).length;
    if (read === line.read) continue;
    line.path.setAttribute('points', read ? line.all.slice(0, read + line.extra).join(' ') : '');
    line.read = read;
  }
  stage.head = index;
};
