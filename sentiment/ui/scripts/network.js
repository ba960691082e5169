// The zoom into the network: what it holds at the reading head, and how the logit is put together.
import { complaint, h, s } from './elements.js';
import { plain, polarity, quote, signed } from './numbers.js';
import { fitted } from './scales.js';
import { openPanel, questions } from './navigation.js';
import { latest, on, selectWords, state } from './state.js';
import { term } from './tips.js';

const TITLES = { last: 'final state', max: 'max-pool', mean: 'mean-pool' };

/** For every hidden unit the word up to `head` that holds its maximum, (H,). */
export const winners = (hidden, head) =>
  hidden[0].map((_, unit) => {
    let best = 0;
    for (let t = 1; t <= head; t += 1) if (hidden[t][unit] > hidden[best][unit]) best = t;
    return best;
  });

const strip = (values, width, draw) => {
  const w = width / values.length;
  return values.map((value, i) =>
    s('rect', {
      x: i * w,
      width: Math.max(w - (w > 3 ? 0.6 : 0), 0.5),
      ...draw(value, i),
    }),
  );
};
const coloured = (value, scale) => ({
  class: polarity(value),
  'fill-opacity': (0.04 + 0.96 * Math.min(1, Math.abs(value) / scale)).toFixed(3),
});

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

/** The picture: words, lines to the units whose maximum they hold, and the state as a strip. */
const picture = (network, reading, head, width) => {
  const count = reading.tokens.length;
  const won = winners(network.hidden, head);
  const scale = fitted(network.hidden.flat());
  const weights = Object.values(network.weights);
  const worth = won.map((_, unit) => Math.abs(network.weights.max?.[unit] ?? weights[0][unit]));
  const strongest = [...worth].sort((a, b) => b - a)[Math.min(47, worth.length - 1)];
  const place = (index) => ((index + 0.5) * width) / count;
  const w = width / won.length;
  const from = Math.max(0, head - 5);
  const lines = won.map((token, unit) => {
    if (worth[unit] < strongest || !network.weights.max) return null;
    const value = network.hidden[token][unit] * network.weights.max[unit];
    return s('path', {
      class: `won ${polarity(value)}${token === head ? ' here' : ''}`,
      d: `M${place(token)},24C${place(token)},52 ${(unit + 0.5) * w},42 ${(unit + 0.5) * w},70`,
      'data-tip': `Unit ${network.units[unit]}: ${quote(reading.tokens[token].text)} holds its highest value, worth ${signed(value)} to the logit`,
    });
  });
  const every = Math.ceil(count / Math.max(1, Math.floor(width / 62)));
  return s(
    'svg',
    {
      class: 'network',
      width,
      height: 150,
      role: 'img',
      'aria-label': `Hidden state of ${won.length} units after ${reading.tokens[head].text}; it holds ${won.filter((t) => t === head).length} of the maxima so far`,
    },
    reading.tokens.map((token, index) => {
      const shown = index === head || (index % every === 0 && Math.abs(index - head) >= every);
      return (
        shown &&
        s(
          'text',
          {
            x: Math.max(18, Math.min(width - 18, place(index))),
            y: 16,
            class: index === head ? 'strong' : index > head ? 'later' : null,
          },
          token.text.slice(0, 12),
        )
      );
    }),
    lines,
    s(
      'g',
      { transform: 'translate(0 72)' },
      strip(network.hidden[head], width, (value) => ({
        y: 0,
        height: 26,
        ...coloured(value, scale),
      })),
    ),
    s('text', { x: 0, y: 112, class: 'note' }, `hidden state now, ±${scale}; heaviest units left`),
    s(
      'g',
      { transform: 'translate(0 120)' },
      network.hidden.slice(from, head).map((values, i, all) =>
        s(
          'g',
          { transform: `translate(0 ${(all.length - 1 - i) * 6})` },
          strip(values, width, (value) => ({
            y: 0,
            height: 5,
            ...coloured(value, scale),
          })),
        ),
      ),
    ),
  );
};

/** The zoom, under the stage. `element` fills itself when it is opened. */
export const networkZoom = () => {
  const title = h('summary', {}, 'Into the network');
  const body = h('div', { class: 'zoomed' });
  const element = h('details', { class: 'zoom', open: true }, title, body);
  /** @type {Network | null} */
  let network = null;
  let width = 0;
  const draw = () => {
    const { reading, head } = state;
    if (!reading || !network || network.text !== reading.text || !width || !element.open) return;
    const at = Math.min(head, network.hidden.length - 1);
    title.replaceChildren('Into the network at ', h('q', {}, reading.tokens[at].text));
    const inside = () => {
      openPanel('memory');
      selectWords(at);
    };
    body.replaceChildren(
      picture(network, reading, at, width),
      h('div', { class: 'beside' }, belt(network, reading, at), sum(reading, at)),
      network.forget &&
        h('button', { type: 'button', class: 'action into', onclick: inside }, 'Open this step ▸'),
    );
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
