// The faithfulness meter: the methods ranked on one axis, with the band of random rankings.
import { h } from './elements.js';
import { plain, signed } from './numbers.js';
import { state } from './state.js';
import { term } from './tips.js';

const NEEDED = 4;

const method = (one, random) => {
  const at = Math.max(0, Math.min(100, one.comprehensiveness_percentile));
  return h(
    'li',
    {},
    h('span', {}, one.name),
    h(
      'i',
      { class: 'rank', 'aria-hidden': 'true' },
      h('i', { class: 'random' }),
      h('b', { style: { left: `${at}%` } }),
    ),
    h('b', {}, `${Math.round(at)} %`),
    h(
      'small',
      {},
      `without its top words ${signed(-one.comprehensiveness)}, random ${signed(-random)}`,
    ),
  );
};

/** @param {Reading} reading */
export const meterView = (reading) => {
  const value = reading.faithfulness;
  const { studied } = state.config.limits;
  if (!value) {
    if (reading.tokens.length <= studied) return [];
    const text = `Phrase scores of every word and the faithfulness meter are worked out up to ${studied} words; drag over words for a phrase’s score.`;
    return [h('p', { class: 'hint' }, text)];
  }
  if (reading.tokens.length < NEEDED) {
    const text =
      'The faithfulness meter ranks the words of a text; it needs four of them to tell rankings apart.';
    return [h('p', { class: 'hint' }, text)];
  }
  const ranked = [...value.methods].sort(
    (a, b) => b.comprehensiveness_percentile - a.comprehensiveness_percentile,
  );
  const note = `For each method its highest words are taken away (a hundredth to a half of them, at least one; the mean over five such shares), and the fall of the probability of ${value.label}, ${plain(value.probability)}, is set beside that of ${value.random} random rankings: the dot tells what share of those the method beats, the band is the middle half of chance. Figures of one model and one text; short texts have few distinct rankings. The share in context is judged in texts of up to 24 words.`;
  return [
    h('h2', {}, term('faithfulness', 'Which method found the words that count here?')),
    h(
      'ul',
      { class: 'meterlist' },
      ranked.map((one) => method(one, value.random_comprehensiveness)),
    ),
    h('details', {}, h('summary', {}, 'How this is measured'), h('p', { class: 'hint' }, note)),
  ];
};
