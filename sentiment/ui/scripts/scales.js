// Scales: from numbers to pixels, and full heights that fit what is shown.

/** A linear map of [low, high] to [from, to] that never leaves it. */
export const linear = (low, high, from, to) => (value) => {
  const share = Math.max(0, Math.min(1, (value - low) / (high - low || 1)));
  return from + share * (to - from);
};

const STEPS = [1, 1.5, 2, 3, 4, 5, 7.5, 10];
/** The next of 1, 1.5, 2, 3, 4, 5, 7.5, 10 times a power of ten; 1 for nothing. */
export const roundUp = (value) => {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = STEPS.find((one) => one * power >= value * (1 - 1e-12)) ?? 10;
  return Number((step * power).toPrecision(6));
};

/** A round full height that holds the values, and at least `least`. */
export const fitted = (values, least = 0) =>
  roundUp(values.reduce((top, value) => Math.max(top, Math.abs(value ?? 0)), least));
