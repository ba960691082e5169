// The logit by what the head takes from its three pools: beside wins, what they are worth.
import { h } from './elements.js';
import { polarity, signed } from './numbers.js';
import { term } from './tips.js';

const POOLS = { last: 'final state', pool: 'max-pool', mean: 'mean-pool' };

const pooled = ([name, value], place) => [
  `${place ? ',' : ':'} ${name} `,
  h('b', { class: polarity(value) }, signed(value)),
];

/**
 * Names and values of the pools that a head has.
 * @param {Reading} reading
 * @param {(pool: string) => number} value
 * @returns {[string, number][]}
 */
const partsBy = (reading, value) =>
  Object.keys(POOLS)
    .filter((pool) => reading.lanes[pool]?.some((one) => one !== 0))
    .map((pool) => [POOLS[pool], value(pool)]);

/** What the states at one word give to the logit. @param {Reading} reading @param {number} index */
export const wordParts = (reading, index) =>
  h(
    'p',
    { class: 'parts' },
    'What the states here give to ',
    term('ledger', 'the logit'),
    partsBy(reading, (pool) => reading.lanes[pool][index]).flatMap(pooled),
    '.',
  );

/** What each pool gives to the logit of the whole text. @param {Reading} reading */
export const wholeParts = (reading) => {
  const sum = (pool) => reading.lanes[pool].reduce((total, one) => total + one, 0);
  const found = partsBy(reading, sum);
  const most = [...found].sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]))[0];
  return h(
    'p',
    { class: 'parts' },
    term('ledger', 'The logit'),
    ` ${signed(reading.logit)} in its parts`,
    [...found, ['bias', reading.ledger.bias]].flatMap(pooled),
    '.',
    found.length > 1 && most && ` Of the pools the ${most[0]} gives most.`,
  );
};
