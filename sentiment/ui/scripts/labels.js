// Where the labels of a drawing go, so that none lies on a curve, on a dot or on another label.

/**
 * @typedef {{ left: number, right: number, top: number, bottom: number }} Box
 * @typedef {{ x: number, y: number, anchor: 'start' | 'middle' | 'end' }} Spot a text's foot
 */
const ASCENT = 11;
const DESCENT = 3;
const AIR = 1.5;
const OVER = 4; // what a drawing may stand out at top and foot

/** @param {Spot} spot @param {number} wide @returns {Box} */
const boxAt = ({ x, y, anchor }, wide) => {
  const left = anchor === 'start' ? x : anchor === 'end' ? x - wide : x - wide / 2;
  return { left, right: left + wide, top: y - ASCENT, bottom: y + DESCENT };
};

/** How far two boxes overlap, in pixels. @param {Box} a @param {Box} b */
const shared = (a, b) => {
  const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return wide > 0 && high > 0 ? Math.min(wide, high) : 0;
};

/** Whether a stretch of a line goes through a box (Liang and Barsky 1984). */
export const crosses = ([[x1, y1], [x2, y2]], /** @type {Box} */ box) => {
  let [from, to] = [0, 1];
  for (const [step, room] of [
    [x1 - x2, x1 - box.left],
    [x2 - x1, box.right - x1],
    [y1 - y2, y1 - box.top],
    [y2 - y1, box.bottom - y1],
  ]) {
    if (step === 0 && room < 0) return false;
    if (step < 0) from = Math.max(from, room / step);
    if (step > 0) to = Math.min(to, room / step);
  }
  return from < to;
};

/** Spots around a dot, the first the one that is wanted most. */
export const around = (/** @type {number[]} */ [x, y], radius, below) => {
  const [over, under] = [y - radius - 5, y + radius + 14];
  const ends = below ? [under, over] : [over, under];
  return /** @type {Spot[]} */ ([
    ...ends.map((foot) => ({ x, y: foot, anchor: 'middle' })),
    ...ends.flatMap((foot) => [
      { x: x + 3, y: foot, anchor: 'start' },
      { x: x - 3, y: foot, anchor: 'end' },
    ]),
    { x: x + radius + 6, y: y + 4, anchor: 'start' },
    { x: x - radius - 6, y: y + 4, anchor: 'end' },
  ]);
};

/** Spots in all of a drawing, the nearest to a place first. */
const anywhere = (/** @type {number[]} */ [x, y], width, height) => {
  const spots = [];
  for (let foot = ASCENT + 1; foot < height - DESCENT; foot += 5)
    for (let along = 2; along < width; along += 12)
      spots.push({ x: along, y: foot, anchor: 'start' });
  const far = (spot) => Math.abs(spot.x - x) / 2 + Math.abs(spot.y - y);
  return spots.sort((a, b) => far(a) - far(b));
};

/**
 * The room of a drawing: what lies in it already, and spots for what is to be written.
 * @param {number} width @param {number} height
 */
export const labelRoom = (width, height) => {
  /** @type {Box[]} */
  const boxes = [];
  const lines = [];
  /** @param {Box} box */
  const cost = (box) => {
    if (box.left < 0 || box.right > width) return 1000;
    if (box.top < -OVER || box.bottom > height + OVER) return 1000;
    const tight = {
      left: box.left - AIR,
      right: box.right + AIR,
      top: box.top - AIR,
      bottom: box.bottom + AIR,
    };
    return (
      lines.filter((line) => crosses(line, tight)).length +
      boxes.reduce((sum, one) => sum + shared(one, tight), 0)
    );
  };
  return {
    /** A curve that no label may lie on. @param {number[][]} points */
    curve: (points) => {
      points.slice(1).forEach((point, i) => lines.push([points[i], point]));
    },
    /** A dot that no label may lie on. */
    dot: (/** @type {number[]} */ [x, y], radius) => {
      boxes.push({ left: x - radius, right: x + radius, top: y - radius, bottom: y + radius });
    },
    /**
     * The first free spot for a text so wide, else, of one that must be there, the one that hides
     * least; null for another. `far` from its dot it may be where it says itself what it is.
     * @param {number} wide @param {Spot[]} spots
     * @returns {Spot | null}
     */
    place: (wide, spots, { must = false, far = false } = {}) => {
      let best = null;
      let least = Infinity;
      const near = [spots[0].x, spots[0].y];
      const tried = function* () {
        yield* spots;
        if (far) yield* anywhere(near, width, height);
      };
      for (const spot of tried()) {
        const hidden = cost(boxAt(spot, wide));
        if (hidden < least) [best, least] = [spot, hidden];
        if (hidden === 0) break;
      }
      if (best === null || (least > 0 && !must)) return null;
      boxes.push(boxAt(best, wide));
      return best;
    },
  };
};
