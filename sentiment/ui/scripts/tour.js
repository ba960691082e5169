// A one-minute tour: six stops, each with its place lit up.
import { h, reduced } from './elements.js';
import { openPanel } from './navigation.js';

const STOPS = [
  ['#sentence', 'read', 'Type any sentence. The network reads it again at every key.'],
  [
    '#reading .verdict',
    'read',
    'Its verdict, with its probability. The sentence beside or below it says in words what happened.',
  ],
  [
    '#reading .stage',
    'read',
    'Your words, with what each did. Blue with a plus speaks for the label, orange with a minus against it. Hover, click, or drag over a phrase.',
  ],
  [
    '#reading svg.curve',
    'read',
    'The running verdict: what the network would say if the text stopped here. Where a word turns it, a diamond stands.',
  ],
  [
    '#comparing',
    'compare',
    'Two texts next to each other, on one scale. Change a word and see the verdict follow; undo brings it back.',
  ],
  [
    '#remembering',
    'memory',
    'Inside: what the gates kept and wrote at every word, and how far back the gradient reaches.',
  ],
];
let card = null;
// Tab goes round among the card's own buttons.
const within = (event) => {
  const buttons = [...card.querySelectorAll('button')];
  const next = buttons.indexOf(document.activeElement) + (event.shiftKey ? -1 : 1);
  event.preventDefault();
  buttons[(next + buttons.length) % buttons.length].focus();
};
const close = () => {
  card?.remove();
  card = null;
  for (const one of document.querySelectorAll('.toured')) one.classList.remove('toured');
  document.getElementById('sentence')?.focus();
};
const stop = (number) => {
  const [selector, panel, text] = STOPS[number];
  openPanel(panel);
  card?.remove();
  for (const one of document.querySelectorAll('.toured')) one.classList.remove('toured');
  const last = number === STOPS.length - 1;
  card = h(
    'div',
    {
      class: 'tour',
      role: 'dialog',
      'aria-modal': 'true',
      'aria-label': `Tour, stop ${number + 1} of ${STOPS.length}`,
      onkeydown: (event) => {
        if (event.key === 'Escape') close();
        else if (event.key === 'Tab') within(event);
      },
    },
    h('p', {}, h('b', {}, `${number + 1} of ${STOPS.length} `), text),
    h(
      'div',
      {},
      number > 0 &&
        h('button', { type: 'button', class: 'action', onclick: () => stop(number - 1) }, 'Back'),
      h(
        'button',
        {
          type: 'button',
          class: 'action first',
          onclick: () => (last ? (openPanel('read'), close()) : stop(number + 1)),
        },
        last ? 'Done' : 'Next',
      ),
      !last && h('button', { type: 'button', class: 'action', onclick: close }, 'Leave the tour'),
    ),
  );
  document.body.append(card);
  card.querySelector('.first').focus({ preventScroll: true });
  const find = (patience) => {
    /** @type {HTMLElement | null} */
    const place = document.querySelector(selector);
    if (place) {
      place.classList.add('toured');
      place.scrollIntoView({
        block: place.offsetHeight > innerHeight / 2 ? 'start' : 'center',
        behavior: reduced() ? 'auto' : 'smooth',
      });
    } else if (patience) setTimeout(() => find(patience - 1), 100);
  };
  find(20);
};
export const tour = () => stop(0);
