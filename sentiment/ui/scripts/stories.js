// Stories: short guided readings that set the page step by step, and can be linked.
import { h, say } from './elements.js';
import { remember, standAt } from './navigation.js';
import { pictureOf } from './pictures.js';
import { askServer, emit, on, state } from './state.js';

const card = h('section', {
  class: 'story',
  'aria-label': 'Story',
  hidden: true,
});
const UNTRUE =
  'The loaded model reads this otherwise: what this step says is not so of it. Look for yourself.';
/** Where the parts of the page are that a step can be about. */
const LOOKS = {
  stage: '#reading .stage .line:has(.token.now)',
  network: '#reading .zoom',
  kept: '#remembering .kept',
  reach: '#remembering .reach',
  drift: '#padding-panel .drift',
};
/** @type {StoryTold | null} */
let told = null;

const SETTLED = 2500;
const LATEST = 6000;
const HEADING = 52;
let scrolled = 0;
for (const event of ['wheel', 'touchmove'])
  addEventListener(event, () => (scrolled = performance.now()), { passive: true });
/**
 * Brings what a step speaks of into sight above the card, as long as it is being drawn and a
 * person does not scroll.
 */
const bring = (place, number) => {
  const begun = performance.now();
  let found = 0;
  const look = () => {
    const now = performance.now();
    if (!place || !told || state.step !== number || scrolled > begun) return;
    const { top, height } = document.querySelector(place)?.getBoundingClientRect() ?? {};
    if (height) {
      found ||= now;
      const free = innerHeight - card.offsetHeight - HEADING;
      const hidden = top < 0 || top + Math.min(height, free) > free + HEADING / 2;
      if (hidden) scrollTo({ top: scrollY + top - HEADING });
    }
    if (found ? now - found < SETTLED : now - begun < LATEST) setTimeout(look, 250);
  };
  setTimeout(look, 150);
};

const button = (name, kind, onclick, disabled = false) =>
  h('button', { type: 'button', class: `action ${kind}`, disabled, onclick }, name);

const leave = () => {
  told = null;
  state.story = null;
  state.step = 0;
  card.hidden = true;
  document.body.classList.remove('telling');
  remember('same');
  document.getElementById('stories')?.querySelector('summary')?.focus({ preventScroll: true });
};

const show = (number, focus = true) => {
  const step = told.steps[number];
  const last = number === told.steps.length - 1;
  state.step = number;
  card.replaceChildren(
    h(
      'div',
      { class: 'told', 'aria-live': 'polite' },
      h(
        'p',
        { class: 'which' },
        h('b', {}, told.title),
        h('span', {}, ` ${number + 1} of ${told.steps.length}`),
      ),
      pictureOf(step.picture) ?? '',
      h('p', {}, step.says),
      step.holds ? '' : h('p', { class: 'notice' }, UNTRUE),
    ),
    h(
      'div',
      { class: 'steps' },
      button('Back', 'back', () => show(number - 1), number === 0),
      button(last ? 'Done' : 'Next', 'first', () => (last ? leave() : show(number + 1))),
      last ? '' : button('Leave', 'leave', leave),
    ),
  );
  card.hidden = false;
  document.body.classList.add('telling');
  document.body.style.setProperty('--told', `${card.offsetHeight + 24}px`);
  const text = step.text ?? state.text;
  const whole = state.reading?.text === text ? state.reading.tokens.length - 1 : null;
  standAt({
    ...state,
    text,
    compare: step.compare ?? state.compare,
    panel: step.panel,
    pinned: step.word,
    span: step.phrase,
    padding: step.padding ?? state.padding,
    headAsked: step.head ?? whole, // a step that names no word speaks of the whole text
  });
  emit('step', step);
  remember('same');
  bring(LOOKS[step.look], number);
  const next = /** @type {HTMLElement} */ (card.querySelector('.first'));
  if (focus) next.focus({ preventScroll: true });
};

/** Tells a story from one of its steps on. */
export const tell = async (name, from = 0, focus = true) => {
  const answer = await askServer('story', { name });
  if (answer.message) {
    say(answer.message);
    return;
  }
  told = answer;
  state.story = name;
  if (!card.isConnected) document.body.append(card);
  show(Math.max(0, Math.min(from, answer.steps.length - 1)), focus);
};

card.addEventListener('keydown', (event) => {
  if (!told) return;
  const to = { ArrowRight: state.step + 1, ArrowLeft: state.step - 1 }[event.key];
  if (event.key === 'Escape') leave();
  else if (to !== undefined && told.steps[to]) {
    event.preventDefault();
    show(to);
  }
});
// Who goes on by themselves leaves the story.
on('text', () => {
  if (told && state.text !== told.steps[state.step].text && told.steps[state.step].text) leave();
});

/** The list of stories, behind one control of the bar. */
export const storyList = () => {
  const list = h(
    'details',
    { id: 'stories', class: 'stories' },
    h('summary', { class: 'action' }, 'Stories'),
    h(
      'ul',
      {},
      state.config.stories.map((story) =>
        h(
          'li',
          {},
          h(
            'button',
            {
              type: 'button',
              onclick: () => {
                list.removeAttribute('open');
                tell(story.name);
              },
            },
            h('b', {}, story.title),
            h('small', {}, story.about),
          ),
        ),
      ),
    ),
  );
  list.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    list.removeAttribute('open');
    list.querySelector('summary').focus();
  });
  document.addEventListener('pointerdown', (event) => {
    if (!list.contains(/** @type {Node} */ (event.target))) list.removeAttribute('open');
  });
  return list;
};
