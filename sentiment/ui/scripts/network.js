// The zoom into the network: what it holds at the reading head, and how the logit is put together.
import { complaint, h } from './elements.js';
import { plain, polarity, signed } from './numbers.js';
import { fitted } from './scales.js';
import { openPanel, questions } from './navigation.js';
import { latest, on, selectWords, state } from './state.js';
import { term } from './tips.js';
import { unrolled } from './unrolled.js';

const TITLES = { last: 'final state', max: 'max-pool', mean: 'mean-pool' };

/** A bar that goes to where it is told, and the number beside it. */
const rail = (both) => {
  const bar = h('i', {});
  const frame = h('i', { class: both ? 'rail both' : 'rail', 'aria-hidden': 'true' }, bar);
  const show = (size, tone) => {
    bar.style.setProperty('--size', both ? String(size) : `${100 * size}%`);
    if (both) bar.setAttribute('class', tone);
  };
  return { frame, show };
};

const valve = (name, label) => {
  const { frame, show } = rail(false);
  const [number, change] = [h('b', {}), h('small', {})];
  const element = h('li', {}, term(name, label), frame, number, change);
  const set = (share, shown, said) => {
    show(share);
    number.textContent = shown;
    change.textContent = said;
  };
  return { element, set };
};

/** The cell's belt: what of the old memory is kept, how much of the new is let in. */
const belt = (network) => {
  if (!network.forget) return null;
  const kept = valve('forget gate', 'kept of the old memory');
  const written = valve('input gate', 'let in of the new');
  const size = valve('cell', 'size of the memory');
  const element = h(
    'ul',
    { class: 'belt', 'aria-label': 'The memory at this word' },
    [kept, written, size].map((one) => one.element),
  );
  const most = fitted(network.cell);
  const show = (head) => {
    const before = head ? network.cell[head - 1] : 0;
    const cell = network.cell[head];
    kept.set(network.forget[head], plain(network.forget[head]), 'forget gate');
    written.set(network.input[head], plain(network.input[head]), 'input gate');
    size.set(cell / most, plain(cell, 1), `${signed(cell - before, 1)} at this word`);
  };
  return { element, show };
};

/** The logit put together of its parts and the bias. */
const sum = (reading) => {
  const { running } = reading;
  const parts = Object.keys(TITLES).filter((name) => running[name].some((value) => value !== 0));
  const scale = fitted(parts.flatMap((name) => running[name]));
  const rows = parts.map((name) => {
    const { frame, show } = rail(true);
    const number = h('b', {});
    const element = h('li', {}, h('span', {}, TITLES[name]), frame, number);
    return { name, element, show, number };
  });
  const [logit, odds] = [h('b', {}), h('small', {})];
  const total = h('li', {}, h('span', {}, term('logit', 'sum: logit')), h('i', {}), logit, odds);
  const bias = h('li', {}, h('span', {}, 'bias'), h('i', {}), h('b', {}, signed(running.bias)));
  const element = h(
    'ul',
    { class: 'parts-sum', 'aria-label': 'How the logit is put together' },
    rows.map((row) => row.element),
    bias,
    total,
  );
  const show = (head) => {
    for (const row of rows) {
      const value = running[row.name][head];
      row.show(value / scale, polarity(value));
      row.element.setAttribute('class', polarity(value));
      row.number.textContent = signed(value);
    }
    logit.textContent = signed(running.logits[head]);
    total.setAttribute('class', `total ${polarity(running.logits[head])}`);
    const probability = running.probabilities?.[head];
    odds.textContent = probability === undefined ? '' : `→ ${plain(probability)}`;
  };
  return { element, show };
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
    const drawing = unrolled(network, reading, width);
    const views = [drawing, belt(network), sum(reading)].filter(Boolean);
    beside.replaceChildren(...views.slice(1).map((one) => one.element));
    body.replaceChildren(drawing.element, beside, network.forget ? into : '');
    shown = { network, width, show: (head) => views.forEach((one) => one.show(head)) };
  };
  const draw = () => {
    const { reading, head } = state;
    if (!reading || !network || network.text !== reading.text || !width || !element.open) return;
    const at = Math.min(head, network.hidden.length - 1);
    title.replaceChildren('Into the network at ', h('q', {}, reading.tokens[at].text));
    if (shown.network !== network || shown.width !== width) make(reading);
    shown.show(at);
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
