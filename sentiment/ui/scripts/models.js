// Several models on one sentence: what each makes of it, and of its words shuffled.
import { curvesView } from './curves.js';
import { complaint, h, onWidth } from './elements.js';
import { plain, signed } from './numbers.js';
import { latest, state } from './state.js';
import { readingOf, toneOf } from './verdict.js';

const OWN = { 'vanilla RNN': 'one', 'bag of words': 'three' };
/** How each is drawn and named: the loaded model comes first, then its twin, others, the bag. */
const kindOf = (model, index) => (index ? (OWN[model.name] ?? 'four') : 'two');
const named = (model) => (OWN[model.name] ? `the ${model.name}` : `“${model.name}”`);
const read = (value) => `${readingOf(value)} ${plain(value)}`;

/** The words that weigh most in the sum of the bag. */
const weighty = (answer, model) => {
  const found = answer.tokens
    .map((token, i) => ({ token, weight: model.words[i] }))
    .filter((one) => Math.abs(one.weight) >= 0.05)
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
    .slice(0, 6);
  if (!found.length) return 'None of these words weighs much in the bag of words.';
  const shown = found.map((one) => `“${one.token.text}” ${signed(one.weight)}`).join(', ');
  return `What weighs most in the bag of words, in logits: ${shown}.`;
};

const takeaway = (answer) => {
  const [loaded] = answer.models;
  const bag = answer.models[answer.models.length - 1];
  const other = answer.models.filter(
    (one) => readingOf(one.probability) !== readingOf(loaded.probability),
  );
  const names = new Intl.ListFormat('en').format(other.map(named));
  const apart = other.length
    ? `The ${loaded.name} reads ${readingOf(loaded.probability)}, ${names} ${other.length > 1 ? 'do' : 'does'} not.`
    : `All read ${readingOf(loaded.probability)} here.`;
  const moved = Math.abs(loaded.probability - loaded.shuffled);
  return `${apart} Shuffled, the ${loaded.name}’s verdict ${moved < 0.005 ? 'stays' : `goes from ${plain(loaded.probability)} to ${plain(loaded.shuffled)}`}; the bag of words cannot notice: ${plain(bag.probability)} both times.`;
};

/** The section of the Compare panel; `ask` reads the present sentence. */
export const modelsSection = () => {
  const chart = h('div', { class: 'chart' });
  const said = h('p', { class: 'sentence-in-words', 'aria-live': 'polite' });
  const list = h('ul', { class: 'models' });
  const note = h('p', { class: 'hint' });
  let seed = 1;
  let answer = null;
  let width = 0;
  const draw = () => {
    if (!answer || !width) return;
    chart.replaceChildren(
      curvesView(
        answer.tokens.map((token) => token.text),
        answer.models.map((one, index) => ({
          name: one.name,
          kind: kindOf(one, index),
          start: one.start,
          values: one.probabilities,
        })),
        width,
        `Running verdicts: ${answer.models.map((one) => `${one.name} ends at ${plain(one.probability)}`).join(', ')}`,
      ),
    );
    said.textContent = takeaway(answer);
    list.replaceChildren(
      ...answer.models.map((one) =>
        h(
          'li',
          {},
          h('b', {}, one.name),
          h('b', { class: toneOf(one.probability) }, read(one.probability)),
          h('span', {}, `shuffled ${read(one.shuffled)}`),
          h('small', {}, one.about),
        ),
      ),
    );
    const bag = answer.models.find((one) => one.words !== null);
    note.textContent = `Shuffled: “${answer.shuffled}”. ${weighty(answer, bag)}`;
  };
  const load = latest('models', (got) => {
    answer = got.message ? null : got;
    actions.hidden = !answer;
    if (!got.message) {
      draw();
      return;
    }
    // Of a server that is gone the comparison tells.
    chart.replaceChildren(got.gone ? '' : complaint(got.message));
    said.replaceChildren();
    list.replaceChildren();
    note.replaceChildren();
  });
  const ask = () => load({ text: state.text, seed });
  const again = () => {
    seed += 1;
    ask();
  };
  onWidth(chart, (now) => {
    width = now;
    draw();
  });
  const actions = h(
    'div',
    { class: 'actions' },
    h('button', { type: 'button', class: 'action', onclick: again }, 'Shuffle again'),
  );
  const element = h(
    'section',
    { class: 'several', 'aria-label': 'Several models on your sentence' },
    h('h2', {}, 'Other models on your sentence'),
    said,
    chart,
    list,
    note,
    actions,
  );
  return { element, ask };
};
