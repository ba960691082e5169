// The card at a word or a phrase: what it is worth, in plain words.
import { complaint, h } from './elements.js';
import { isShown, shownNumber } from './lanes.js';
import { plain, polarity, signed } from './numbers.js';
import { wordParts } from './parts.js';
import { selectWords, state } from './state.js';
import { term } from './tips.js';

const close = () =>
  h(
    'button',
    {
      type: 'button',
      class: 'close',
      'aria-label': 'Close the card',
      onclick: () => selectWords(null),
    },
    '×',
  );

const fact = (lane, value, run) =>
  h(
    'li',
    {},
    h('span', {}, lane.plain || lane.title),
    h('b', { class: lane.signed ? polarity(value) : null }, shownNumber(lane, value)),
    h(
      'small',
      {},
      term(lane.term, lane.title),
      run > 1 && `: one score for ${run} words, shared equally`,
    ),
  );

/** What is said of one word. @param {Reading} reading @param {number} index */
export const wordCard = (reading, index) => {
  const { running, tokens, lanes } = reading;
  const units = Math.round(lanes.wins[index] * state.config.hidden);
  const value = (i) =>
    running.probabilities ? plain(running.probabilities[i]) : signed(running.logits[i]);
  const ways = ['deletion', 'shapley', 'gradients'];
  const known = state.config.lanes.filter((lane) => lane.name in lanes);
  const first = ways.map((name) => known.find((lane) => lane.name === name)).filter(Boolean);
  const others = known.filter((lane) => !first.includes(lane) && isShown(lane));
  const step = index
    ? `It moved the verdict from ${value(index - 1)} to ${value(index)}.`
    : `With it the verdict begins at ${value(index)}.`;
  const won = reading.channels[index];
  const most = won.map((one) => `unit ${one.unit} ${signed(one.contribution)}`).join(', ');
  return [
    close(),
    h(
      'h2',
      {},
      'Word ',
      h('q', {}, tokens[index].text),
      ` at position ${index + 1}`,
      tokens[index].known ? '' : ', unknown to the model',
    ),
    h(
      'p',
      {},
      step,
      ' ',
      `It holds the highest value of ${units} of ${state.config.hidden} `,
      'hidden units',
      won.length ? ` (worth most: ${most}).` : '.',
    ),
    wordParts(reading, index),
    h(
      'ul',
      { class: 'worth' },
      [...first, ...others].map((lane) =>
        fact(lane, lanes[lane.name]?.[index], reading.runs[lane.name]),
      ),
    ),
    h(
      'p',
      { class: 'hint' },
      `Signed numbers are logits: + speaks for ${reading.target}, − against it.`,
    ),
  ];
};

/** What is said of a phrase. @param {Answer<Phrase>} answer @param {Reading} reading */
export const phraseCard = (answer, reading) => {
  if (answer.message) return [close(), complaint(answer.message)];
  const part = (name, value) =>
    h('li', { class: polarity(value) }, h('span', {}, name), h('b', {}, signed(value)));
  const { alone, share } = answer;
  const halves = alone.first &&
    alone.second && [
      ': ',
      h('q', {}, alone.first.words),
      ` alone ${signed(alone.first.logit)}, `,
      h('q', {}, alone.second.words),
      ` alone ${signed(alone.second.logit)}, and their `,
      term('interaction'),
      ' ',
      h('b', { class: polarity(alone.interaction) }, signed(alone.interaction)),
    ];
  return [
    close(),
    h('h2', {}, 'Phrase ', h('q', {}, answer.words)),
    h(
      'p',
      {},
      'Read alone it gives ',
      h('b', { class: polarity(alone.logit) }, signed(alone.logit)),
      halves,
      '.',
    ),
    ...(share
      ? [
          h(
            'p',
            {},
            'Its ',
            term('share in context', 'share in this text'),
            ` is ${signed(share.score)} of the logit ${signed(reading.logit)}:`,
          ),
          h(
            'ul',
            { class: 'sum' },
            part('final state', share.last),
            part('max-pool', share.max),
            part('mean-pool', share.mean),
            part('all the rest', share.rest),
            part('bias', share.bias),
          ),
          h('p', { class: 'hint' }, `residual ${signed(share.residual, 6)}. Escape closes.`),
        ]
      : [h('p', { class: 'hint' }, 'Shares in context are of an LSTM of one direction.')]),
  ];
};
