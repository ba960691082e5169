// The running verdict as a curve: the ghost beside it, and what a blanked state makes of it.
import { h, s } from './elements.js';
import { around, labelRoom } from './labels.js';
import { textWidth } from './lanes.js';
import { centres } from './lines.js';
import { plain, polarity, quote, signed } from './numbers.js';
import { afterWord, heights, shownStart, startHeight } from './running.js';
import { linear } from './scales.js';
import { state } from './state.js';
import { readingOf, toneOf } from './verdict.js';

const FONT = '700 13px';
const ANCHORS = { start: 'beside-end', middle: null, end: 'before-end' };
const points = (pairs) => pairs.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(' ');

/** A label at its spot; nothing where it has none. */
const label = (spot, words, more = {}, kind = '') =>
  spot &&
  s(
    'text',
    {
      x: spot.x,
      y: spot.y,
      ...more,
      class: [ANCHORS[spot.anchor], kind].filter(Boolean).join(' ') || null,
    },
    words,
  );

const mark = (reading, [a, b, index]) => {
  const { logits, probabilities: odds } = reading.running;
  const tone = odds ? toneOf(odds[index]) : polarity(logits[index]);
  const turns = odds ? `Here it becomes ${readingOf(odds[index])}.` : 'Here the verdict turns.';
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
    'data-tip': `${tip}. ${turns}`,
  });
};

/** Where the text without its negator goes; where a word is gone it waits. Null without one. */
const ghostOf = (line, reading, y, middles) => {
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
  const ended = line.tokens[line.tokens.length - 1] === reading.tokens.length - 1;
  const value = ghost.probabilities
    ? plain(known(pairs[pairs.length - 1][2]))
    : signed(ghost.logit);
  return {
    pairs,
    end: ended ? pairs[pairs.length - 1] : null,
    words: `without ${quote(ghost.words)} ${value}`,
    tip: `The same text without ${quote(ghost.words)}: ${ghost.text}`,
  };
};

/** Where the verdict would be without the state that carried its last turn; null without one. */
const blankedOf = (line, reading, y, middles) => {
  const odds = reading.running.probabilities;
  const found = reading.mechanism;
  const place = line.tokens.indexOf(found?.token ?? -1);
  if (!odds || place < 0 || found.blanked === null) return null;
  return {
    from: [middles[place], y(odds[found.token])],
    to: [middles[place], y(found.blanked)],
    token: found.token,
    words: `${found.carrier === 'cell' ? 'cell' : 'state'} blanked ${plain(found.blanked)}`,
    tip: found.sentence,
  };
};

/** The spots of all labels, those that must be there first; a line has `room` to its right. */
const labelled = (line, reading, height, path, ghost, blanked) => {
  const room = labelRoom(line.room, height);
  const own = path.slice(1);
  const { flips, probabilities: odds, logits } = reading.running;
  const last = reading.tokens.length - 1;
  const radius = (index) => (flips.includes(index) || index === last ? 9 : 8); // at the head
  room.curve(path);
  for (const point of own) room.dot(point, radius(point[2]));
  if (line.tokens[0] === 0) room.dot(path[0], 4);
  if (ghost) room.curve(ghost.pairs);
  if (ghost?.end) room.dot(ghost.end, 4);
  if (blanked) room.curve([blanked.from, blanked.to]);
  if (blanked) room.dot(blanked.to, 5);
  const words = own.map(([, , index]) => (odds ? plain(odds[index]) : signed(logits[index])));
  const key = ([, , index]) => flips.includes(index) || index === last;
  const numbers = new Map();
  const number = (place, must) => {
    const [a, b, index] = own[place];
    const falls = odds !== null && odds[index] < (odds[index - 1] ?? 0.5);
    const below = b < 30 || (falls && b < height - 34);
    const spots = around([a, b], radius(index), below);
    numbers.set(place, room.place(textWidth(words[place], FONT), spots, { must }));
  };
  const ending = (one, [x, y], size) =>
    one &&
    room.place(textWidth(one.words, FONT), around([x, y], size, y < 18), {
      must: true,
      far: true,
    });
  own.forEach((point, place) => key(point) && number(place, true));
  const ends = [
    ghost?.end && { name: 'ghost', one: ghost, at: ghost.end, size: 4 },
    blanked && { name: 'blanked', one: blanked, at: blanked.to, size: 5 },
  ].filter(Boolean);
  ends.sort((a, b) => a.at[1] - b.at[1]); // the higher dot has the room above
  /** @type {Record<string, any>} */
  const spots = Object.fromEntries(
    ends.map(({ name, one, at, size }) => [name, ending(one, at, size)]),
  );
  const crowded = reading.tokens.length > 16;
  own.forEach((point, place) => !key(point) && !crowded && number(place, false));
  return { ghost: spots.ghost, blanked: spots.blanked, numbers, words, key };
};

export const curve = (line, reading, height) => {
  const values = heights(reading, reading.running.logits, reading.running.probabilities);
  const odds = reading.running.probabilities;
  const edge = Math.min(20, Math.round(height / 6)); // room for a number above and below
  const y = linear(0, 1, height - edge, edge);
  const middles = centres(line);
  const own = line.tokens.map((index, place) => [middles[place], y(values[index]), index]);
  const first = line.tokens[0];
  const before = first > 0 ? values[first - 1] : startHeight(reading);
  const path = [[0, y(before)], ...own];
  const [low, high] = state.config.neutral_zone;
  const ghost = ghostOf(line, reading, y, middles);
  const blanked = blankedOf(line, reading, y, middles);
  const labels = labelled(line, reading, height, path, ghost, blanked);
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
    ghost &&
      s(
        'g',
        { class: 'ghost', 'data-tip': ghost.tip },
        s('polyline', { points: points(ghost.pairs) }),
        ghost.end && s('circle', { cx: ghost.end[0], cy: ghost.end[1], r: 4 }),
        label(labels.ghost, ghost.words),
      ),
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
    blanked &&
      s(
        'g',
        { class: 'blanked', 'data-token': blanked.token, 'data-tip': blanked.tip },
        s('line', {
          x1: blanked.from[0],
          x2: blanked.to[0],
          y1: blanked.from[1],
          y2: blanked.to[1],
        }),
        s('circle', { cx: blanked.to[0], cy: blanked.to[1], r: 5 }),
        label(labels.blanked, blanked.words),
      ),
    first === 0 &&
      s('circle', {
        class: 'start',
        cx: 0,
        cy: y(before),
        r: 4,
        'data-tip': `Before any word: ${shownStart(reading)}, the head’s bias alone`,
      }),
    own.map((point, place) => [
      mark(reading, point),
      label(
        labels.numbers.get(place),
        labels.words[place],
        { 'data-token': point[2] },
        labels.key(point) ? 'strong' : '',
      ),
    ]),
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
