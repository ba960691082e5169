// The Memory panel: heat maps of gates and cell, equations with real numbers, ledger, reach.
import { complaint, h, onWidth } from '../scripts/elements.js';
import { equationsOf } from '../scripts/equations.js';
import { heatMaps } from '../scripts/heat.js';
import { keptView, madeOf, reachView } from '../scripts/memory.js';
import { questions } from '../scripts/navigation.js';
import { definePanel, latest, lightToken, on, state } from '../scripts/state.js';

/** Where to look first: the chosen word, or the one that moved the logit most; there its unit. */
const telling = (answer) => {
  const { pinned, reading } = state;
  const within = (index) => index !== null && index >= answer.start && index < answer.stop;
  let at = within(pinned) ? pinned : answer.start;
  if (!within(pinned) && reading?.text === answer.text) {
    const logits = reading.running.logits;
    const step = (t) => Math.abs(logits[t] - (t ? logits[t - 1] : reading.running.bias));
    for (let t = answer.start; t < answer.stop; t += 1) if (step(t) > step(at)) at = t;
  }
  const column = at - answer.start;
  const weight = (r) => Math.abs(answer.states.hidden[r][column] * answer.worth[r]);
  const rows = answer.units.map((_, r) => r);
  return [rows.reduce((best, r) => (weight(r) > weight(best) ? r : best)), column];
};

definePanel('memory', (element) => {
  const said = h('div', {});
  const takeaway = h('p', { class: 'sentence-in-words', 'aria-live': 'polite' });
  const mechanism = h('p', { class: 'mechanism' });
  const windowed = h('div', { class: 'actions' });
  const words = h('div', {
    class: 'word-row',
    role: 'group',
    'aria-label': 'Words; choose one for the equations',
  });
  const maps = h('div', { class: 'maps' });
  const equations = h('section', {
    class: 'card equations',
    'aria-live': 'polite',
  });
  const ledger = h('div', { class: 'chart' });
  const reach = h('div', { class: 'chart' });
  const live = h(
    'div',
    { class: 'live' },
    takeaway,
    mechanism,
    h('h2', {}, 'What the gates did'),
    h(
      'p',
      {},
      'A row is a hidden unit, a column a word. The units are those on which the head puts most weight, the heaviest on top; the last row is the mean of all. Choose a cell to see its arithmetic.',
    ),
    windowed,
    h('div', { class: 'inside-out' }, h('div', {}, words, maps), equations),
    h('h2', {}, 'What is left of every word in the final cell'),
    ledger,
    h('h2', {}, 'How far back the gradient reaches'),
    reach,
  );
  element.replaceChildren(h('div', { id: 'remembering', class: 'panel' }, said, live));
  let answer = null;
  let width = 0;
  let row = 0;
  let column = 0;

  const choose = (unit, token) => {
    row = unit;
    column = token;
    mark();
    explain();
  };
  const mark = () => {
    for (const one of maps.querySelectorAll('.chosen')) one.classList.remove('chosen');
    for (const one of maps.querySelectorAll(`[data-row="${row}"][data-column="${column}"]`))
      one.classList.add('chosen');
    for (const one of words.querySelectorAll('.word'))
      one.setAttribute('aria-pressed', String(Number(one.dataset.column) === column));
  };
  const explain = () =>
    equations.replaceChildren(...equationsOf(answer, row, column, (unit) => choose(unit, column)));
  maps.addEventListener('click', (event) => {
    const cell = event.target.closest('[data-row]');
    if (cell && Number(cell.dataset.row) < answer.units.length)
      choose(Number(cell.dataset.row), Number(cell.dataset.column));
  });
  const draw = () => {
    if (!answer || !width) return;
    const count = answer.stop - answer.start;
    column = Math.min(column, count - 1);
    row = Math.min(row, answer.units.length - 1);
    const size = matchMedia('(min-width: 68rem)').matches ? width - 372 : width; // as the style sheet has it
    words.replaceChildren(
      ...answer.tokens.slice(answer.start, answer.stop).map((token, i) =>
        h(
          'button',
          {
            type: 'button',
            class: 'word',
            'data-column': i,
            'data-token': answer.start + i,
            'aria-pressed': 'false',
            onclick: () => choose(row, i),
          },
          token.text,
        ),
      ),
    );
    const each = size > 520 ? (size - 30) / 2 : size;
    maps.replaceChildren(...heatMaps(answer, each));
    const all = answer.tokens.length;
    windowed.replaceChildren(
      ...(all > count
        ? [
            h('span', { class: 'hint' }, `Words ${answer.start + 1} to ${answer.stop} of ${all} `),
            h(
              'button',
              {
                type: 'button',
                class: 'action',
                disabled: answer.start === 0,
                onclick: () => ask(Math.max(0, answer.start - state.config.limits.window)),
              },
              'Earlier',
            ),
            h(
              'button',
              {
                type: 'button',
                class: 'action',
                disabled: answer.stop === all,
                onclick: () => ask(answer.stop),
              },
              'Later',
            ),
          ]
        : []),
    );
    takeaway.textContent = madeOf(answer);
    mechanism.textContent =
      (state.reading?.text === answer.text && state.reading.mechanism?.sentence) || '';
    ledger.replaceChildren(...keptView(answer));
    reach.replaceChildren(...reachView(answer, width).filter(Boolean));
    mark();
    explain();
  };
  const load = latest('memory', (got) => {
    element.classList.remove('stale');
    answer = got.message ? null : got;
    live.hidden = !answer;
    said.replaceChildren(...(got.message ? [complaint(got.message)] : []));
    if (answer) [row, column] = telling(answer);
    draw();
  });
  const ask = (start = 0) => {
    element.classList.add('stale');
    load({ ...questions(), start });
  };
  const refresh = () => {
    if (state.panel === 'memory') ask();
  };
  live.addEventListener('pointerover', (event) => {
    const one = event.target.closest('[data-token]');
    lightToken(one ? one.dataset.token : null);
  });
  live.addEventListener('pointerleave', () => lightToken(null));
  on('reading', refresh);
  on('panel', refresh);
  onWidth(element, (now) => {
    width = now;
    draw();
  });
  refresh();
});
