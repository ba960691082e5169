// Words in lines: how wide each word's column is, and where a line ends.

/**
 * @typedef {{ tokens: number[], sizes: number[], width: number }} Line
 *
 * Lines of columns that fit `room`, of about equal length. `wanted` are the columns' natural
 * widths; where all fit on one line, they fill it.
 * @param {number[]} wanted
 * @param {number} room
 * @returns {Line[]}
 */
export const broken = (wanted, room) => {
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
    if (used + size > full + 0.5) {
      found.push({ tokens: [], sizes: [], width: 0 });
      used = 0;
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
