// A verdict: its label, its probability on the meter, its logit, and a word of caution.
import { h } from './elements.js';
import { plain, polarity, signed } from './numbers.js';
import { state } from './state.js';
import { term } from './tips.js';

/** @param {Verdict} answer */
export const verdictView = (answer) => {
  const [first, second] = answer.labels;
  const { between } = state.config;
  const [low, high] = state.config.neutral_zone;
  const tone =
    answer.probability === null || answer.label !== answer.leaning
      ? 'zero'
      : polarity(answer.logit);
  const meter =
    answer.probability === null
      ? h(
          'ul',
          { class: 'odds' },
          answer.labels.map((label, i) =>
            h(
              'li',
              {},
              h('span', {}, label),
              h('i', {
                style: { '--size': `${100 * answer.probabilities[i]}%` },
              }),
              h('b', {}, plain(answer.probabilities[i])),
            ),
          ),
        )
      : h(
          'div',
          {
            class: 'meter',
            role: 'img',
            'aria-label': `Probability of ${second} ${plain(answer.probability)}, on a scale from 0, ${first}, to 1, ${second}; from ${plain(low)} to ${plain(high)} it is ${between}.`,
          },
          h(
            'div',
            { class: 'track' },
            h('i', {
              class: 'needle',
              style: { left: `${100 * answer.probability}%` },
            }),
          ),
          h(
            'p',
            {},
            h('span', {}, `0 ${first}`),
            h('span', {}, between),
            h('span', {}, `${second} 1`),
          ),
        );
  return [
    h(
      'div',
      { class: `headline ${tone}` },
      h('strong', {}, answer.label),
      answer.undecided &&
        answer.label === between &&
        h('span', { class: 'leaning' }, `leaning to ${answer.leaning}`),
      h(
        'span',
        {},
        term(
          'probability',
          answer.probability === null ? 'probability ' : `probability of ${second} `,
        ),
        h('b', {}, plain(answer.probability ?? Math.max(...answer.probabilities))),
      ),
      h('span', {}, term('logit'), ' ', h('b', {}, signed(answer.logit))),
    ),
    meter,
    answer.notice && h('p', { class: 'notice' }, answer.notice),
  ];
};

/** What people read of a probability of the second of two labels. */
export const readingOf = (probability) => {
  const [low, high] = state.config.neutral_zone;
  const [first, second] = state.config.labels;
  return probability < low ? first : probability > high ? second : state.config.between;
};
/** The colour of a probability: none inside the zone. */
export const toneOf = (probability) => {
  const [low, high] = state.config.neutral_zone;
  return probability < low ? 'negative' : probability > high ? 'positive' : 'zero';
};
