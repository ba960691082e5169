// The running verdict as a curve: the ghost beside it, and what a blanked state makes of it.
import { h, s } from './elements.js';
import { centres } from './lines.js';
import { plain, polarity, quote, signed } from './numbers.js';
import { linear } from './scales.js';
import { state } from './state.js';

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

export const shownStart = (reading) =>
  (reading.running.probabilities ? plain : signed)(atStart(reading));

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

/** Where the verdict would be without the state that carried its last turn. */
const blankedMark = (line, reading, y, middles) => {
  const odds = reading.running.probabilities;
  const found = reading.mechanism;
  const place = line.tokens.indexOf(found?.token ?? -1);
  if (!odds || place < 0 || found.blanked === null) return null;
  const x = middles[place];
  const [end, top] = [y(odds[found.token]), y(found.blanked)];
  const ghost = reading.ghost?.probabilities?.[found.token] ?? null;
  const near = ghost !== null && Math.abs(y(ghost) - top) < 18;
  const beside = x < 130 || line.width - x > 150;
  const words = `${found.carrier === 'cell' ? 'cell' : 'state'} blanked ${plain(found.blanked)}`;
  return s(
    'g',
    { class: 'blanked', 'data-token': found.token, 'data-tip': found.sentence },
    s('line', { x1: x, x2: x, y1: end, y2: top }),
    s('circle', { cx: x, cy: top, r: 5 }),
    s(
      'text',
      {
        x: beside ? x + 12 : x - 10,
        y: near ? Math.max(y(ghost), top) + 18 : top + 4,
        class: beside ? 'beside-end' : 'before-end',
      },
      words,
    ),
  );
};

export const curve = (line, reading, height) => {
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
  const size = { width: line.width, height };
  const under = s(
    'svg',
    { class: 'curve under', ...size, 'aria-hidden': 'true' },
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
  );
  const drawn = s(
    'svg',
    { class: 'curve', ...size, 'aria-hidden': 'true' },
    s('polyline', { class: 'read', points: points(path) }),
  );
  const marks = s(
    'svg',
    {
      class: 'curve marks',
      ...size,
      role: 'img',
      'aria-label': `Running verdict: ${first ? '' : `before any word ${shownStart(reading)}; `}${said.join('; ')}`,
    },
    blankedMark(line, reading, y, middles),
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
  // What is read so far shows through a frame that moves one way while the line in it moves the
  // other: both are transforms, which no frame of a play has to paint anew.
  return h(
    'div',
    { class: 'track', style: { width: `${line.width}px`, height: `${height}px` } },
    under,
    h('div', { class: 'reveal' }, h('div', { class: 'counter' }, drawn)),
    marks,
  );
};
