// Going about the page: the text that is read, the panel that is open, and the address of both.
import { NAMES, asked, written } from './address.js';
import { debounce, emit, latest, on, state } from './state.js';

const aboutSentence = (name) =>
  state.config.panels.find((panel) => panel.name === name).about_sentence;

/** A link to the page as it stands. */
export const link = () => {
  const { space } = state.config;
  const base = space
    ? `https://huggingface.co/spaces/${space}`
    : location.origin + location.pathname;
  return `${base}?${written(state)}`;
};

/**
 * Writes the state into the address. Typing makes one entry of history, which its pauses rewrite;
 * a chosen word or lane rewrites the present one; anything else makes one of its own.
 * @param {'new' | 'typing' | 'same'} [how]
 */
export const remember = (how = 'new') => {
  if (state.text.length > state.config.limits.characters) return; // no address holds it
  const query = new URLSearchParams(location.search);
  for (const name of NAMES) query.delete(name);
  const others = query.toString();
  const own = written(state);
  if (history.state?.microscope === own) return;
  const again = how === 'same' || (how === 'typing' && history.state?.typed);
  const typed = how === 'same' ? history.state?.typed : how === 'typing';
  const next = `${location.pathname}?${own}${others ? `&${others}` : ''}`;
  history[again ? 'replaceState' : 'pushState'](
    { ...history.state, microscope: own, typed },
    '',
    next,
  );
};
export const rememberSoon = debounce(900, () => remember('typing'));

/** What the server needs to know to explain the present text. */
export const questions = () => ({
  text: state.text,
  target: state.target,
  baseline: state.baseline,
});

// A verdict stands in while the explanation is awaited: one that comes after it has nothing to
// say, and may be that of an older text.
let explained = null;
const predict = latest(
  'predict',
  (answer) => {
    if (explained !== state.text) emit('verdict', answer);
  },
  { between: true },
);
const more = latest('more', (answer, question) => {
  const { reading } = state;
  if (!reading || question.text !== reading.text || answer.message) return;
  Object.assign(reading.lanes, answer.lanes);
  reading.runs = answer.runs;
  reading.faithfulness = answer.faithfulness;
  reading.interplay = answer.interplay;
  emit('more');
});
export const moreSoon = debounce(150, more);
const explain = latest('explain', (answer, question) => {
  explained = question.text;
  state.reading = answer.message ? null : answer;
  if (state.reading) clampSelection();
  emit('reading', answer);
  if (state.reading) moreSoon({ ...questions(), text: answer.text });
});
const explainSoon = debounce(110, () => explain(questions()));

const clampSelection = () => {
  const count = state.reading.tokens.length;
  if (state.pinned >= count) state.pinned = null;
  if (state.span && state.span[1] > count) state.span = null;
};

const NOTHING_CHOSEN = { pinned: null, span: null, focus: 0, headAsked: null };
/**
 * Reads another text. `at` says why: 'typing', 'once' (a choice of its own), or 'again' (the
 * address already says so).
 * @param {string} text
 * @param {{ at?: 'typing' | 'once' | 'again' }} [options]
 */
export const setText = (text, { at = 'typing' } = {}) => {
  // Words that a person chose belong to one text, and to no other.
  if (at !== 'again' && text !== state.text) Object.assign(state, NOTHING_CHOSEN);
  state.text = text;
  emit('text');
  if (at === 'typing') {
    predict(questions());
    explainSoon();
    rememberSoon();
    return;
  }
  explainSoon.cancel();
  explain(questions());
  if (at === 'once') remember();
};

// What is asked of Gradio before it is there waits.
let waiting = null;
let trigger = (data) => {
  waiting = data;
};
export const triggered = (call) => {
  trigger = call;
  if (waiting) call(waiting);
};
// Where each panel was scrolled to, and the panel that the page opens with: Gradio first selects
// the first tab, then the one that was asked for.
const places = {};
let opening = null;
// Once a panel is hidden the page is shorter, and says that it stands at its top: what counts is
// where it stood when the person chose another one.
let stood = 0;
for (const event of ['pointerdown', 'keydown', 'click'])
  addEventListener(event, () => (stood = scrollY), true);
const show = (name, open) => {
  places[state.panel] = open ? scrollY : stood;
  state.panel = name;
  document.getElementById('bar')?.classList.toggle('aside', !aboutSentence(name));
  if (open) trigger({ panel: name });
  emit('panel', name);
  requestAnimationFrame(() => scrollTo({ top: places[name] ?? 0 }));
};
export const opens = (name) => {
  opening = name;
  setTimeout(() => {
    opening = null;
  }, 5000);
};
/** Gradio's tab says that it was chosen. */
export const selected = (name) => {
  if (opening !== null && name !== opening) return;
  opening = null;
  if (state.panel === name) return;
  show(name, false);
  rememberSoon.cancel();
  remember();
};
/** Gradio hides the tabs that do not fit a narrow page, so a panel is opened by the server. */
export const openPanel = (name) => {
  if (state.panel === name) return;
  trigger({ panel: name });
  selected(name);
};
/** Opens a text under the microscope. */
export const openText = (text) => {
  setText(text, { at: 'again' });
  if (state.panel === 'read') remember();
  else openPanel('read');
};

/** Sets the page: its text, its panel, the words that are chosen. @param {Place} place */
export const standAt = (place) => {
  const panel = state.panel;
  const { text, target, baseline } = state;
  Object.assign(state, place, { panel });
  if (text !== place.text || target !== place.target || baseline !== place.baseline) {
    setText(place.text, { at: 'again' });
  } else {
    emit('select');
    emit('stand');
  }
  emit('compare');
  emit('lanes');
  if (place.panel !== panel) show(place.panel, true);
};
/** The state that an address asks for, on the way back. */
export const goTo = (search) => standAt({ headAsked: null, ...asked(search, state.config) });
addEventListener('popstate', () => state.config && goTo(location.search));
on('select', () => state.config && remember('same'));
