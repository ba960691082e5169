// Playing a reading: a reading head that goes from word to word, and everything that follows it.
import { h, reduced } from './elements.js';
import { plain, polarity, quote, signed } from './numbers.js';
import { emit, state } from './state.js';
import { readingOf, toneOf } from './verdict.js';

const WORD = 250;
const TURN = 650;

/**
 * Controls of the reading head; `moved(index)` hears of every step, `going(index, delay, duration)`
 * of the way to the next word while it plays, and `ended()` of its end.
 */
export const player = (moved, going, ended) => {
  let timer = null;
  let speed = 1;
  const last = () => state.reading.tokens.length - 1;
  const icon = (name) => h('span', { 'aria-hidden': 'true' }, name);
  const button = (label, shown, onclick) =>
    h('button', { type: 'button', class: 'action', 'aria-label': label, onclick }, icon(shown));
  const play = button('Play the reading', '▶', () => (timer ? stop() : start()));
  const scrub = h('input', {
    type: 'range',
    min: '0',
    max: '0',
    value: '0',
    class: 'scrub',
    'aria-label': 'Reading head',
    oninput: () => {
      stop();
      go(Number(scrub.value));
    },
  });
  const pace = h(
    'select',
    {
      'aria-label': 'Speed',
      onchange: () => {
        speed = Number(pace.value);
      },
    },
    [0.5, 1, 2].map((one) => h('option', { value: String(one), selected: one === 1 }, `${one}×`)),
  );
  const said = h('output', { class: 'said' });
  const stop = () => {
    clearTimeout(timer);
    if (timer) {
      if (state.reading) moved(state.head); // it may stand between two words
      ended();
    }
    timer = null;
    play.setAttribute('aria-label', 'Play the reading');
    play.replaceChildren(icon('▶'));
  };
  const go = (index) => {
    if (!state.reading) return;
    state.head = Math.max(0, Math.min(index, last()));
    show();
    moved(state.head);
    emit('head', state.head);
  };
  const show = () => {
    const { running, tokens } = state.reading;
    const { head } = state;
    const odds = running.probabilities;
    scrub.max = String(last());
    scrub.value = String(head);
    const value = odds ? plain(odds[head]) : signed(running.logits[head]);
    scrub.setAttribute('aria-valuetext', `after ${tokens[head].text}: ${value}`);
    const becomes = odds ? `here it becomes ${readingOf(odds[head])}` : 'here it turns';
    const turn = running.flips.includes(head) ? `, ${becomes}` : '';
    said.replaceChildren(
      `after ${quote(tokens[head].text)} `,
      h('b', { class: odds ? toneOf(odds[head]) : polarity(running.logits[head]) }, value),
      turn,
    );
  };
  const next = () => {
    if (state.head >= last()) {
      stop();
      return;
    }
    go(state.head + 1);
    const turns = state.reading.running.flips.includes(state.head);
    wait(turns ? TURN : WORD);
  };
  const wait = (whole) => {
    if (state.head < last()) going(state.head, (whole - WORD) / speed, WORD / speed);
    timer = setTimeout(next, whole / speed);
  };
  const start = () => {
    if (!state.reading) return;
    if (reduced()) {
      go(state.head >= last() ? 0 : state.head + 1); // steps instead of motion
      return;
    }
    play.setAttribute('aria-label', 'Pause');
    play.replaceChildren(icon('❚❚'));
    go(state.head >= last() ? 0 : state.head);
    wait(WORD);
  };
  const element = h(
    'div',
    { class: 'player', role: 'group', 'aria-label': 'Play the reading' },
    play,
    button('One word back', '◀', () => {
      stop();
      go(state.head - 1);
    }),
    button('One word on', '▮▶', () => {
      stop();
      go(state.head + 1);
    }),
    scrub,
    pace,
    said,
  );
  return { element, go, stop, show };
};
