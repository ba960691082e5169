// The zoom into the network: what it holds at the reading head, and how the logit is put together.
import { complaint, h } from './elements.js';
import { plain, polarity, signed } from './numbers.js';
import { fitted } from './scales.js';
import { openPanel, questions } from './navigation.js';
import { latest, on, selectWords, state } from './state.js';
import { term } from './tips.js';
import { unrolled } from './unrolled.js';

const TITLES = { last: 'final state', max: 'max-pool', mean: 'mean-pool' };

const valve = (label, name, share, change) =>
  h(
    'li',
    {},
    term(name, label),
    h(
      'i',
      { class: 'rail', 'aria-hidden': 'true' },
      h('i', { style: { '--size': `${100 * share}%` } }),
    ),
    h('b', {}, plain(share)),
    h('small', {}, change),
  );

/** The cell's belt: what of the old memory is kept, how much of the new is let in. */
const belt = (network, reading, head) => {
  if (!network.forget) return null;
  const before = head ? network.cell[head - 1] : 0;
  return h(
    'ul',
    { class: 'belt', 'aria-label': 'The memory at this word' },
    valve('kept of the old memory', 'forget gate', network.forget[head], 'forget gate'),
    valve('let in of the new', 'input gate', network.input[head], 'input gate'),
    h(
      'li',
      {},
      term('cell', 'size of the memory'),
      h(
        'i',
        { class: 'rail', 'aria-hidden': 'true' },
        h('i', {
          style: {
            '--size': `${(100 * network.cell[head]) / fitted(network.cell)}%`,
          },
        }),
      ),
      h('b', {}, plain(network.cell[head], 1)),
      h('small', {}, `${signed(network.cell[head] - before, 1)} at this word`),
    ),
  );
};

const sum = (reading, head) => {
  const { running } = reading;
  const parts = Object.keys(TITLES).filter((name) => running[name].some((value) => value !== 0));
  const scale = fitted(parts.flatMap((name) => running[name]));
  const logit = running.logits[head];
  const odds = running.probabilities?.[head];
  return h(
    'ul',
    { class: 'parts-sum', 'aria-label': 'How the logit is put together' },
    parts.map((name) =>
      h(
        'li',
        { class: polarity(running[name][head]) },
        h('span', {}, TITLES[name]),
        h(
          'i',
          { class: 'rail both', 'aria-hidden': 'true' },
          h('i', {
            class: polarity(running[name][head]),
            style: {
              '--size': `${(50 * Math.abs(running[name][head])) / scale}%`,
            },
          }),
        ),
        h('b', {}, signed(running[name][head])),
      ),
    ),
    h('li', {}, h('span', {}, 'bias'), h('i', {}), h('b', {}, signed(running.bias))),
    h(
      'li',
      { class: `total ${polarity(logit)}` },
      h('span', {}, term('logit', 'sum: logit')),
      h('i', {}),
      h('b', {}, signed(logit)),
      odds === undefined || odds === null ? null : h('small', {}, `→ ${plain(odds)}`),
    ),
  );
};

/** The zoom, under the stage. `element` fills itself when it is opened. */
export const networkZoom = () => {
  const title = h('summary', {}, 'Into the network');
  const beside = h('div', { class: 'beside' });
  const body = h('div', { class: 'zoomed' });
  const element = h('details', { class: 'zoom', open: true }, title, body);
  /** @type {Network | null} */
  let network = null;
  let width = 0;
  /** What is on show, and of what it was made. */
  /** @type {{ network: Network | null, width: number, show: (head: number) => void }} */
  let shown = { network: null, width: 0, show: () => {} };
  const into = h(
    'button',
    {
      type: 'button',
      class: 'action into',
      onclick: () => {
        openPanel('memory');
        selectWords(state.head);
      },
    },
    'Open this step ▸',
  );
  const make = (reading) => {
    const { element: drawing, show } = unrolled(network, reading, width);
    body.replaceChildren(drawing, beside, network.forget ? into : '');
    shown = { network, width, show };
  };
  const draw = () => {
    const { reading, head } = state;
    if (!reading || !network || network.text !== reading.text || !width || !element.open) return;
    const at = Math.min(head, network.hidden.length - 1);
    title.replaceChildren('Into the network at ', h('q', {}, reading.tokens[at].text));
    if (shown.network !== network || shown.width !== width) make(reading);
    shown.show(at);
    beside.replaceChildren(...[belt(network, reading, at), sum(reading, at)].filter(Boolean));
  };
  const load = latest('network', (answer) => {
    network = answer.message ? null : answer;
    if (!answer.message) draw();
    // Of a server that is gone the reading tells.
    else body.replaceChildren(answer.gone ? '' : complaint(answer.message));
  });
  const ask = () => {
    if (!state.reading || !element.open || state.panel !== 'read') return;
    if (network?.text === state.reading.text) draw();
    else if (state.reading.tokens.length <= state.config.limits.studied) load(questions());
    else body.replaceChildren(h('p', { class: 'hint' }, 'Drawn for shorter texts.'));
  };
  on('head', draw);
  on('panel', ask);
  element.addEventListener('toggle', ask);
  const resized = (now) => {
    width = now;
    draw();
  };
  const forget = () => {
    network = null;
  };
  return { element, ask, resized, forget };
};
