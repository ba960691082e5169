// The running verdict: the height that it is drawn at, and what it is in words.
import { plain, signed } from './numbers.js';
import { state } from './state.js';

/** The value that the running verdict is drawn by, between 0 and 1. */
export const heights = (reading, logits, odds) => {
  if (odds) return odds;
  const scale = state.config.scales.logit;
  return logits.map((z) => (z === null ? null : 0.5 + z / (2 * scale)));
};
/** The running verdict before any word: the head's bias alone. */
export const atStart = (reading) => {
  const { bias, probabilities } = reading.running;
  return probabilities ? 1 / (1 + Math.exp(-bias)) : bias;
};
export const startHeight = (reading) => {
  const value = atStart(reading);
  return heights(reading, [value], reading.running.probabilities && [value])[0];
};

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
