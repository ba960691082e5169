// What every panel shares: the page's state, its events, and questions to the server.
import { askEarly } from './early.js';

/** @type {State} */
export const state = {
  config: null,
  text: '',
  compare: '',
  panel: 'read',
  target: null,
  baseline: null,
  lanes: [],
  reading: null,
  pinned: null,
  span: null,
  focus: 0,
  head: 0,
  scale: 1,
  padding: null,
  headAsked: null,
  story: null,
  step: 0,
};

/** @type {Record<string, Set<(value?: any) => void>>} */
const listeners = {};
/** @param {string} event @param {(value?: any) => void} listener */
export const on = (event, listener) => {
  (listeners[event] ??= new Set()).add(listener);
};
/** @param {string} event @param {any} [value] */
export const emit = (event, value) => {
  for (const listener of listeners[event] ?? []) listener(value);
};

let server = null;
let connect;
const connecting = new Promise((resolve) => {
  connect = resolve;
});
/** Gradio's own client is there: from now on it asks. */
export const connected = (found) => {
  server = found;
  connect(found);
};

const GONE = 'The page’s server cannot be reached. Trying again …';
/**
 * One question to the server; a server that is gone is an answer too.
 * @template {keyof Answers} Name
 * @param {Name} name
 * @param {Question} question
 * @returns {Promise<Answer<Answers[Name]>>}
 */
export const askServer = async (name, question) => {
  try {
    const early = server ? null : await askEarly(name, question);
    const answer = early ?? (await (await connecting)[name](question));
    return answer ?? { message: GONE, busy: true, gone: true };
  } catch {
    return /** @type {any} */ ({ message: GONE, busy: true, gone: true });
  }
};

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const PATIENCE = 4;
/**
 * Asks one question of a kind at a time; of those that come meanwhile, only the newest waits.
 * A busy server is asked again a few times, one that is gone until it is there: `draw` hears of
 * that at once, so that no old answer stands under a new question.
 * @template {keyof Answers} Name
 * @param {Name} name
 * @param {(answer: Answer<Answers[Name]>, question: Question) => void} draw
 * @param {{ between?: boolean }} [options]
 */
export const latest = (name, draw, { between = false } = {}) => {
  let running = false;
  /** @type {Question | null} */
  let waiting = null;
  const run = async (/** @type {Question} */ question) => {
    if (running) {
      waiting = question;
      return;
    }
    running = true;
    let answer = await askServer(name, question);
    for (let tries = 0; answer.busy && waiting === null; tries += 1) {
      if (answer.gone && tries === 0) draw(answer, question);
      if (!answer.gone && tries >= PATIENCE) break;
      const wait = Math.max(500 * 2 ** Math.min(tries, 3), 1000 * (answer.seconds ?? 0));
      for (let gone = 0; gone < wait && waiting === null; gone += 250) await pause(250);
      if (waiting === null) answer = await askServer(name, question);
    }
    running = false;
    const next = waiting;
    waiting = null;
    if (next === null || between) draw(answer, question);
    if (next !== null) run(next);
  };
  return run;
};

/** @param {number} wait milliseconds @param {(...values: any[]) => void} call */
export const debounce = (wait, call) => {
  let timer;
  const later = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => call(...values), wait);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
};

// Selection of words, shared by every view of the current text.
/** @param {number | string | null} index */
export const lightToken = (index) => {
  for (const mark of document.querySelectorAll('.lit')) mark.classList.remove('lit');
  if (index === null) return;
  for (const mark of document.querySelectorAll(`[data-token="${index}"]`))
    mark.classList.add('lit');
};
/** Pins a word, or the phrase from one word to another; null clears. */
export const selectWords = (/** @type {number | null} */ first, last = first) => {
  state.pinned = first !== null && first === last ? first : null;
  state.span = null;
  if (first !== null && last !== null && first !== last) {
    state.span = [Math.min(first, last), Math.max(first, last) + 1];
  }
  emit('select');
};

/** @type {Record<string, Mount>} */
const mounts = {};
/** @param {string} name @param {Mount} mount */
export const definePanel = (name, mount) => {
  mounts[name] = mount;
};
/** @type {Record<string, HTMLElement>} */
let early = {};
/** @type {Record<string, HTMLElement>} */
const places = {};
let moved;
/**
 * Mounts panels before Gradio has places for them; `then` hears once all have moved there. False
 * where Gradio has mounted one of them already.
 * @param {Record<string, HTMLElement>} elements
 * @param {Record<string, any>} props
 * @param {() => void} then
 */
export const drawEarly = (elements, props, then) => {
  if (Object.keys(elements).some((name) => places[name])) return false;
  early = elements;
  moved = then;
  for (const [name, element] of Object.entries(elements))
    mounts[name](element, props[name], () => {});
  return true;
};
let pressed = false;
addEventListener('pointerdown', () => (pressed = true), true);
for (const end of ['pointerup', 'pointercancel'])
  addEventListener(end, () => {
    pressed = false;
    setTimeout(move);
  });
/**
 * All go where Gradio wants them, as they are: a box that is being typed in keeps its focus, and
 * a drag comes to its end first.
 */
const move = () => {
  const names = Object.keys(early);
  if (pressed || !names.length || !names.every((name) => places[name])) return;
  const active = /** @type {HTMLTextAreaElement} */ (document.activeElement);
  const { selectionStart, selectionEnd } = active;
  for (const name of names) places[name].replaceWith(early[name]);
  early = {};
  moved();
  if (document.activeElement === active || !active.isConnected) return;
  active.focus({ preventScroll: true });
  if (Number.isInteger(selectionStart)) active.setSelectionRange(selectionStart, selectionEnd);
};
/** @type {(name: string, ...rest: Parameters<Mount>) => void} */
export const mountPanel = (name, element, ...rest) => {
  places[name] = element;
  if (early[name]) move();
  else mounts[name](element, ...rest);
};
