// What every panel shares: the page's state, its events, and questions to the server.

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

let connect;
const server = new Promise((resolve) => {
  connect = resolve;
});
export const connected = connect;

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
    const answer = await (await server)[name](question);
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
/** @type {(name: string, ...rest: Parameters<Mount>) => void} */
export const mountPanel = (name, ...rest) => mounts[name](...rest);
