// The picture to keep: sentence, verdict, running verdict and three numbers as one drawing.
import { s } from './elements.js';
import { around, labelRoom } from './labels.js';
import { ALWAYS, fittedScale, shownNumber, textWidth } from './lanes.js';
import { plain, polarity, quote, signed } from './numbers.js';
import { heights } from './running.js';
import { linear } from './scales.js';
import { state } from './state.js';

const WIDE = 1100;
const CURVE = 150;
const FONT = '"Source Sans 3", "Source Sans Pro", "Segoe UI", Helvetica, Arial, sans-serif';

const colours = () => {
  const style = getComputedStyle(document.querySelector('.microscope'));
  const names = ['ink', 'page', 'quiet', 'line', 'zone', 'positive', 'negative', 'zero', 'card'];
  return Object.fromEntries(
    names.map((name) => [name, style.getPropertyValue(`--${name}`).trim() || '#888']),
  );
};
const text = (x, y, words, fill, size = 14, more = {}) =>
  s('text', { x, y, fill, 'font-size': size, 'font-family': FONT, ...more }, words);

/** Lines of a sentence of about so many letters. */
const wrapped = (sentence, most) =>
  sentence.split(/\s+/).reduce(
    (lines, word) => {
      const last = lines[lines.length - 1];
      if (last && last.length + word.length > most) lines.push(word);
      else lines[lines.length - 1] = last ? `${last} ${word}` : word;
      return lines;
    },
    [''],
  );

/**
 * Spots of the numbers at the dots, and of the ghost's name, which come where they hide nothing.
 * @param {number[][]} own dots with what is written there
 * @param {number[][]} other
 */
const spotsOf = (own, other, words, named, width, height) => {
  const room = labelRoom(width, height);
  for (const line of [own, other]) room.curve(line);
  for (const dot of own) room.dot(dot, 5);
  const end = own.length - 1;
  const spot = (i, must) =>
    words[i] &&
    room.place(textWidth(words[i], '400 12px'), around(own[i], 5, own[i][1] < 18), { must });
  const last = spot(end, true);
  const name =
    named &&
    room.place(textWidth(named, '400 13px'), around(other[other.length - 1], 2, false), {
      must: true,
      far: true,
    });
  return { numbers: own.map((_, i) => (i === end ? last : spot(i, false))), name };
};

/** A drawing of the words [from, to), by itself. @param {Reading} reading */
export const pictureSvg = (reading, from, to) => {
  const c = colours();
  const count = to - from;
  const left = 150;
  const step = Math.min(200, Math.max(62, (WIDE - left - 40) / count));
  const width = Math.max(WIDE, left + 40 + step * count);
  const { verdict, running } = reading;
  const said = wrapped(reading.sentence, Math.floor(width / 9.5));
  const top = 92 + 22 * said.length;
  const x = (i) => left + step * (i - from + 0.5);
  const odds = heights(reading, running.logits, running.probabilities);
  const y = linear(0, 1, top + 40 + CURVE - 12, top + 52);
  const [low, high] = state.config.neutral_zone;
  const lanes = state.config.lanes
    .filter((lane) => ALWAYS.includes(lane.name))
    .sort((a, b) => ALWAYS.indexOf(a.name) - ALWAYS.indexOf(b.name));
  const tint = lanes.find((lane) => lane.name === 'gradients');
  const scale = fittedScale(tint, reading);
  const indexes = Array.from({ length: count }, (_, i) => from + i);
  const places = (values) =>
    indexes.filter((i) => values[i] !== null).map((i) => [x(i), y(values[i])]);
  const shown = (values) => places(values).map(([a, b]) => `${a.toFixed(1)},${b}`);
  const ghost = reading.ghost?.probabilities;
  const without =
    ghost && to === reading.tokens.length
      ? `without ${quote(reading.ghost.words)} ${plain(1 / (1 + Math.exp(-reading.ghost.logit)))}`
      : null;
  const base = top + 40; // what is above the curve's own room
  const spots = spotsOf(
    places(odds).map(([a, b]) => [a, b - base]),
    ghost ? places(ghost).map(([a, b]) => [a, b - base]) : [],
    indexes.map(
      (i) => count <= 30 && (running.probabilities ? plain(odds[i]) : signed(running.logits[i])),
    ),
    without,
    width,
    CURVE,
  );
  const at = (spot, words, fill, size) =>
    spot && text(spot.x, base + spot.y, words, fill, size, { 'text-anchor': spot.anchor });
  const height = top + 60 + CURVE + 34 * lanes.length + 34;
  const most = state.config.scales.logit;
  const ends = running.probabilities ? ['0', '1'] : [`−${most}`, `+${most}`];
  const part = count < reading.tokens.length ? ` Words ${from + 1} to ${to}.` : '';
  return s(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
    },
    s('title', {}, `${reading.text}: ${verdict.label}`),
    s('rect', { width, height, fill: c.page }),
    text(
      20,
      40,
      verdict.label,
      c[verdict.label === verdict.leaning ? polarity(reading.logit) : 'ink'],
      28,
      { 'font-weight': 700 },
    ),
    text(
      20,
      64,
      verdict.probability === null
        ? `logit of ${reading.target} ${signed(reading.logit)}`
        : `probability of ${verdict.labels[1]} ${plain(verdict.probability)}, logit ${signed(reading.logit)}`,
      c.quiet,
    ),
    said.map((line, i) => text(20, 92 + 22 * i, line, c.ink, 17)),
    indexes.map((i) => {
      const value = reading.lanes.gradients[i] ?? 0;
      return [
        s('rect', {
          x: x(i) - step / 2 + 4,
          y: top + 2,
          width: step - 8,
          height: 28,
          rx: 6,
          fill: c[polarity(value)],
          'fill-opacity': (0.45 * Math.min(1, Math.abs(value) / scale)).toFixed(3),
        }),
        text(x(i), top + 22, reading.tokens[i].text.slice(0, 22), c.ink, 15, {
          'text-anchor': 'middle',
          'font-weight': 700,
        }),
      ];
    }),
    running.probabilities &&
      s('rect', {
        x: left,
        width: step * count,
        y: y(high),
        height: y(low) - y(high),
        fill: c.zone,
      }),
    text(left - 12, y(1) + 5, ends[1], c.quiet, 12, { 'text-anchor': 'end' }),
    text(left - 12, y(0.5) + 5, 'running verdict', c.ink, 13, { 'text-anchor': 'end' }),
    text(left - 12, y(0) + 5, ends[0], c.quiet, 12, { 'text-anchor': 'end' }),
    ghost && [
      s('polyline', {
        points: shown(ghost).join(' '),
        fill: 'none',
        stroke: c.quiet,
        'stroke-width': 2.5,
        'stroke-dasharray': '3 5',
      }),
      at(spots.name, without, c.quiet, 13),
    ],
    s('polyline', {
      points: shown(odds).join(' '),
      fill: 'none',
      stroke: c.ink,
      'stroke-width': 3,
    }),
    indexes.map((i) => [
      s('circle', {
        cx: x(i),
        cy: y(odds[i]),
        r: 5,
        fill: c[polarity(running.logits[i])],
        stroke: c.page,
      }),
      at(
        spots.numbers[i - from],
        running.probabilities ? plain(odds[i]) : signed(running.logits[i]),
        c.ink,
        12,
      ),
    ]),
    lanes.map((lane, row) => {
      const foot = top + 66 + CURVE + 34 * row;
      return [
        s('path', { d: `M20,${foot - 20}H${left + step * count}`, stroke: c.line }),
        text(left - 12, foot, lane.title, c.ink, 13, { 'text-anchor': 'end' }),
        indexes.map((i) => {
          const value = reading.lanes[lane.name]?.[i];
          const fill = lane.signed && value ? c[polarity(value)] : c.ink;
          return text(x(i), foot, shownNumber(lane, value), fill, 13, { 'text-anchor': 'middle' });
        }),
      ];
    }),
    text(20, height - 12, `LSTM Microscope, weights ${reading.revision}.${part}`, c.quiet, 12),
  );
};

export const svgText = (svg) => new XMLSerializer().serializeToString(svg);

/** The drawing as a PNG of twice its size. @param {SVGElement} svg @returns {Promise<Blob>} */
export const pngOf = async (svg) => {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(svg))}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = 2 * image.naturalWidth;
  canvas.height = 2 * image.naturalHeight;
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
};
