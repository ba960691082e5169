// Words in lines: how wide each word's column is, and where a line ends.

/**
 * @typedef {{ tokens: number[], sizes: number[], width: number }} Line
 *
 * Lines of columns that fit `room`, of about equal length. `wanted` are the columns' natural
 * widths; where all fit on one line, they fill it. No line begins with a column that is `glued` to
 * the one before, as a full stop is, if both fit a line.
 * @param {number[]} wanted
 * @param {number} room
 * @param {boolean[]} [glued]
 * @returns {Line[]}
 */
export const broken = (wanted, room, glued = []) => {
  let sizes = wanted.map((size) => Math.min(room, size));
  const whole = sizes.reduce((a, b) => a + b, 0);
  let full = room;
  if (whole <= room) {
    const count = Math.max(1, sizes.length);
    sizes = sizes.map((size) => size + (room - whole) / count);
  } else {
    const rows = Math.ceil(whole / room);
    full = Math.min(room, (whole / rows) * 1.06 + Math.max(...sizes) / 2);
  }
  /** @type {Line[]} */
  const found = [];
  let used = Infinity;
  sizes.forEach((size, index) => {
    const end = found[found.length - 1];
    const clings = glued[index] && end && used + size <= room;
    if (used + size > full + 0.5 && !clings) {
      found.push({ tokens: [], sizes: [], width: 0 });
      used = 0;
      const host = glued[index] && end?.tokens.length > 1 ? end.sizes[end.sizes.length - 1] : room;
      if (host + size <= room) {
        const next = found[found.length - 1];
        next.tokens.push(end.tokens.pop());
        next.sizes.push(end.sizes.pop());
        end.width -= host;
        used = host;
      }
    }
    const line = found[found.length - 1];
    line.tokens.push(index);
    line.sizes.push(size);
    used += size;
    line.width = used;
  });
  return found;
};

/** The middle of every column of a line, in pixels from its left. @param {Line} line */
export const centres = (line) => {
  let left = 0;
  return line.sizes.map((size) => {
    left += size;
    return left - size / 2;
  });
};
