// The Padding panel: what padding does to a state that reads it, and what it costs a batch.
import { complaint, h, onWidth, s } from '../scripts/elements.js';
import { remember } from '../scripts/navigation.js';
import { percent, plain, polarity, signed } from '../scripts/numbers.js';
import { debounce, definePanel, latest, on, state } from '../scripts/state.js';
import { readingOf } from '../scripts/verdict.js';
import { term } from '../scripts/tips.js';

const BATCH = [
  'not good',
  'It was a warm and funny film about nothing much at all.',
  'Dull.',
  'I thought it would be good, but it was not.',
  'A masterpiece!',
  'Nobody laughed.',
].join('\n');

definePanel('padding', (element) => {
  const most = state.config.limits.padding;
  const start = Math.min(state.padding ?? 8, most);
  const shown = h('output', { for: 'paddings' }, String(start));
  const slider = h('input', {
    id: 'paddings',
    type: 'range',
    min: '0',
    max: String(state.config.limits.padding),
    value: String(start),
  });
  const said = h('p', { class: 'sentence-in-words', 'aria-live': 'polite' });
  const row = h('div', { class: 'padded-row' });
  const chart = h('div', { class: 'chart' });
  const box = h('textarea', {
    id: 'batch',
    rows: '6',
    class: 'lines',
    maxlength: '5000',
    spellcheck: 'false',
  });
  box.value = BATCH;
  const costs = h('div', { class: 'costs', 'aria-live': 'polite' });
  element.replaceChildren(
    h(
      'div',
      { id: 'padding-panel', class: 'panel' },
      h('h2', {}, 'The same sentence, with padding behind it'),
      h(
        'p',
        {},
        'Sentences of a batch are padded to one length. A network that is told the lengths (',
        term('packing'),
        ') stops at the last word. One that is not reads the padding as if it were words, and its state drifts.',
      ),
      h(
        'div',
        { class: 'slider' },
        h('label', { for: 'paddings' }, 'Padding tokens'),
        slider,
        shown,
      ),
      row,
      said,
      chart,
      h('h2', {}, 'What padding costs a batch'),
      h('label', { for: 'batch', class: 'quiet' }, 'A batch, one sentence a line'),
      box,
      costs,
    ),
  );
  let answer = null;
  let width = 0;

  const draw = () => {
    if (!answer || !width) return;
    const k = Number(slider.value);
    shown.textContent = String(k);
    slider.setAttribute('aria-valuetext', `${k} padding tokens`);
    const odds = answer.probabilities;
    const values = odds ?? answer.logits;
    const low = odds ? 0 : Math.min(...answer.logits) - 0.5;
    const high = odds ? 1 : Math.max(...answer.logits) + 0.5;
    const size = Math.min(width, 900);
    const height = 240;
    const x = (i) => 46 + ((size - 66) * i) / (values.length - 1);
    const y = (value) => 14 + (height - 50) * (1 - (value - low) / (high - low));
    const packed = values[0];
    const end = values[values.length - 1];
    const moved = `${plain(answer.moved[k])} from where it was (its length was ${plain(answer.state)})`;
    const name = (value) =>
      odds ? `${readingOf(value)}, ${plain(value)}` : `logit ${signed(value)}`;
    row.replaceChildren(
      h('span', {}, answer.text.length > 160 ? `${answer.text.slice(0, 160)} …` : answer.text),
      ...(k > 0
        ? [
            h(
              'span',
              { class: 'pads', 'aria-hidden': 'true' },
              Array.from({ length: k }, () => h('i', {})),
            ),
          ]
        : []),
    );
    said.textContent =
      k === 0
        ? `Without padding both read ${name(packed)}. Move the slider.`
        : `Packed it stays ${name(packed)} at any padding. Unpacked, after ${k} padding token${k === 1 ? '' : 's'}, it reads ${name(values[k])}: the state moved by ${moved}${answer.turned_at !== null && answer.turned_at <= k ? `, and from ${answer.turned_at} on the verdict is another one` : ''}. Its final-state part alone goes from ${signed(answer.last[0])} to ${signed(answer.last[k])}, all that a head over the final state would see.`;
    chart.replaceChildren(
      s(
        'svg',
        {
          width: size,
          height,
          role: 'img',
          class: 'drift',
          'aria-label': `Verdict against padding: packed ${name(packed)} throughout, unpacked ${name(values[values.length - 1])} after ${values.length - 1} padding tokens`,
        },
        odds &&
          s('rect', {
            class: 'zone',
            x: x(0),
            width: x(values.length - 1) - x(0),
            y: y(state.config.neutral_zone[1]),
            height: y(state.config.neutral_zone[0]) - y(state.config.neutral_zone[1]),
          }),
        (odds ? [0, 0.5, 1] : [low, high]).map((value) => [
          s('line', {
            class: 'middle',
            x1: x(0),
            x2: x(values.length - 1),
            y1: y(value),
            y2: y(value),
          }),
          s('text', { x: 22, y: y(value) + 4 }, plain(value, 1)),
        ]),
        [0, 10, 20, 30, 40].map((i) => s('text', { x: x(i), y: height - 18 }, String(i))),
        s(
          'text',
          { x: x(20), y: height - 2 },
          `padding tokens; up: ${odds ? `probability of ${state.config.labels[1]}` : 'logit'}`,
        ),
        s('line', {
          class: 'packed',
          x1: x(0),
          x2: x(values.length - 1),
          y1: y(packed),
          y2: y(packed),
        }),
        s('polyline', {
          class: 'unpacked',
          points: values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(' '),
        }),
        s('circle', {
          cx: x(k),
          cy: y(values[k]),
          r: 7,
          class: polarity(answer.logits[k]),
          'data-tip': `${k} padding tokens: ${name(values[k])}`,
        }),
        s(
          'text',
          {
            x: x(values.length - 1) - 26,
            y: y(packed) + (end < packed ? -8 : 20),
            class: 'strong end',
          },
          'packed',
        ),
        s(
          'text',
          {
            x: x(values.length - 1) - 26,
            y: y(end) + (end < packed ? 20 : -8),
            class: 'strong end',
          },
          'unpacked',
        ),
      ),
    );
  };
  slider.addEventListener('input', () => {
    state.padding = Number(slider.value);
    draw();
    remember('same');
  });
  const ask = latest('padding', (got) => {
    answer = got.message ? null : got;
    if (got.message) {
      said.textContent = got.message;
      chart.replaceChildren();
      row.replaceChildren();
    } else draw();
  });
  const batch = latest('batch', (got) => {
    if (got.message) {
      costs.replaceChildren(complaint(got.message));
      return;
    }
    const cell = (length) =>
      h(
        'span',
        { class: 'cells', 'aria-hidden': 'true' },
        h('i', {
          class: 'words',
          style: { width: `${(100 * length) / got.width}%` },
        }),
        h('i', {
          class: 'waste',
          style: { width: `${(100 * (got.width - length)) / got.width}%` },
        }),
      );
    const cost = (name, steps, entry) =>
      h(
        'li',
        {},
        h('span', {}, entry ? term(entry, name) : name),
        h(
          'i',
          { class: 'rail', 'aria-hidden': 'true' },
          h('i', { style: { '--size': `${(100 * steps) / got.padded}%` } }),
        ),
        h('b', {}, `${steps} steps`),
        h(
          'small',
          {},
          steps > got.packed
            ? `${percent(1 - got.packed / steps)} of them on padding`
            : 'none on padding',
        ),
      );
    costs.replaceChildren(
      h(
        'ul',
        { class: 'rectangle' },
        got.rows.map((one) =>
          h('li', {}, h('small', {}, one.text), cell(one.length), h('b', {}, String(one.length))),
        ),
      ),
      h(
        'ul',
        { class: 'percentiles' },
        cost('one padded rectangle', got.padded),
        cost(`bucketing, ${got.bucket} alike`, got.bucketed, 'bucketing'),
        cost('packing', got.packed, 'packing'),
      ),
      h(
        'p',
        { class: 'hint' },
        'A step is one word or padding token read by the LSTM. Hatched cells are padding.',
      ),
    );
  });
  const batchSoon = debounce(200, () => batch({ lines: box.value }));
  box.addEventListener('input', batchSoon);
  const refresh = () => {
    if (state.panel === 'padding') ask({ text: state.text });
  };
  on('reading', refresh);
  on('panel', refresh);
  onWidth(chart, (now) => {
    width = now;
    draw();
  });
  refresh();
  batch({ lines: box.value });
});
