// One tooltip for the whole page: the glossary's entries and readings of marks.
import { h } from './elements.js';
import { state } from './state.js';

const tip = h('div', { id: 'tip', role: 'tooltip', hidden: true });
const showTip = (anchor, text) => {
  if (!tip.isConnected) document.body.append(tip);
  tip.textContent = text;
  tip.hidden = false;
  const box = anchor.getBoundingClientRect();
  const width = Math.min(320, innerWidth - 16);
  tip.style.maxWidth = `${width}px`;
  const left = Math.max(
    8,
    Math.min(box.left + box.width / 2 - tip.offsetWidth / 2, innerWidth - tip.offsetWidth - 8),
  );
  const above = box.top - tip.offsetHeight - 8;
  tip.style.left = `${left}px`;
  tip.style.top = `${above > 4 ? above : box.bottom + 8}px`;
};
export const hideTip = () => {
  tip.hidden = true;
};
const tipOf = (event) => event.target.closest?.('[data-tip]');
// What Escape has closed stays closed while the page moves the word and focuses it anew.
let shown = null;
let dismissed = null;
for (const kind of ['pointerover', 'focusin'])
  document.addEventListener(kind, (event) => {
    const anchor = tipOf(event);
    if (anchor && anchor === dismissed) return;
    dismissed = null;
    shown = anchor;
    if (anchor) showTip(anchor, anchor.dataset.tip);
    else if (kind === 'pointerover') hideTip();
  });
document.addEventListener('focusout', hideTip);
addEventListener('scroll', hideTip, { passive: true });
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  if (!tip.hidden) dismissed = shown;
  hideTip();
});

export const GLOSSARY = {
  token: 'A word or mark as the model reads it. “don’t” is two: “do” and “n’t”.',
  logit:
    'The network’s raw score, the log-odds of {label}: 0 is undecided, +2 is about 88 %, −2 about 12 %.',
  probability: 'The logit squeezed into 0 to 1. From ⅓ to ⅔ the page says {between}.',
  'hidden state':
    'The vector of numbers that the network shows after each word and reads again at the next. What an LSTM knows of the text so far is this and the cell.',
  'hidden norm':
    'The length of the hidden state after a word. A long state is no important one: a norm has no sign and no target.',
  'state change':
    'How far a word moved the hidden state: the length of the difference to the state before it.',
  'max-pool':
    'For each hidden unit, the highest value it took at any word. The winner is the word where that was.',
  'max-pool wins':
    'The share of the hidden units whose maximum the word holds. The shares sum to 100 %.',
  'pool contribution':
    'What the maxima that a word holds add to the logit, through the head’s weights.',
  'integrated gradients':
    'The logit’s gradient, summed along a path from as many unknown words (or another baseline) to yours (Sundararajan et al. 2017). The parts sum to the difference of the two logits, up to the residual shown.',
  deletion:
    'The logit minus the logit of the text without the word. Above 0: the word spoke for {label}.',
  'share in context':
    'Contextual decomposition (Murdoch et al. 2018) splits every state into what a phrase made and all the rest made. The phrase’s part of the logit is its share in this text, not what it reads alone.',
  'Shapley values':
    'What a word adds to the logit, averaged over the orders in which words come in, each to its place in the text (Shapley 1953). They sum to the logit less that of one unknown word; drawn orders, and over 24 words a regression, leave an error. In “not good” the turn goes to “not”, and “good” too may count against it.',
  LRP: 'Layer-wise relevance propagation (Arras et al. 2017): the logit handed back sum by sum to the words. What is not conserved went to the state before the first word.',
  interaction:
    'The logit of two pieces read together less the logits of each read alone: large where one turns the other, as “not” turns “good”.',
  ledger:
    'The logit as an exact sum: final-state, max-pool and mean-pool parts of every position, and a bias. It credits the state at a word, not the word as the cause.',
  'running verdict':
    'The verdict if the text stopped here. Exact: the network reads left to right, so a state depends on the words before it alone.',
  residual:
    'What a method’s sum leaves over against the number it must reach. Small is good; it is shown, not hidden.',
  faithfulness:
    'Whether the words a method ranks highest are those the verdict rests on: delete them and see how far the probability falls, against random rankings.',
  'forget gate':
    'Between 0 and 1: what each unit of the cell is multiplied by at this word, so how much of the memory stays.',
  'input gate': 'Between 0 and 1: how much of the new candidate is written into the cell.',
  'output gate': 'Between 0 and 1: how much of the cell shows in the hidden state.',
  candidate: 'Between −1 and 1: what this word offers for writing into the cell.',
  cell: 'The memory: at every word it is multiplied by the forget gate, and something new is added. No matrix comes between, so a gradient along it fades only as fast as that gate makes it.',
  packing:
    'Reading exactly the words of each sentence, and none of the padding that makes a batch rectangular.',
  bucketing: 'Putting sentences of like length into one batch, so that little padding is needed.',
  'vanilla RNN':
    'A recurrent network without gates and cell: the state is multiplied by the same matrix at every word.',
};
/** What is otherwise where each of more than two labels has a logit of its own. */
const OF_SEVERAL = {
  logit:
    'The network’s raw score of a label. Only its distance to the scores of the other labels counts.',
  probability: 'The logits of all labels squeezed into shares that sum to 1 (softmax).',
};
/** An entry of the glossary, in the words of the loaded model. */
const entry = (name) =>
  ((state.config.labels.length > 2 && OF_SEVERAL[name]) || (GLOSSARY[name] ?? name))
    .replaceAll('{label}', state.config.labels.length === 2 ? state.config.labels[1] : 'the label')
    .replaceAll('{between}', state.config.between);
/** A word that explains itself on hover and focus. */
export const term = (name, shown = name) =>
  h(
    'span',
    {
      class: 'term',
      tabindex: '0',
      'data-tip': entry(name),
      'aria-description': entry(name),
    },
    shown,
  );
