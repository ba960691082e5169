// The Padding panel: what padding does to a state that reads it, and what it costs a batch.
import { driftView } from '../scripts/drift.js';
import { complaint, h, onWidth } from '../scripts/elements.js';
import { remember, setText } from '../scripts/navigation.js';
import { percent, plain, signed } from '../scripts/numbers.js';
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
  const both = h('div', { class: 'sides' });
  const suggested = h('p', { class: 'suggested', hidden: true });
  const chart = h('div', { class: 'chart' });
  const box = h('textarea', {
    id: 'batch',
    rows: '6',
    class: 'lines',
    maxlength: '5000',
    spellcheck: 'false',
  });
  box.value = BATCH;
  const times = h('div', { class: 'times', 'aria-live': 'polite' });
  const measure = h(
    'button',
    {
      type: 'button',
      class: 'action',
      onclick: () => {
        measure.disabled = true;
        times.textContent = 'Measuring …';
        timed({ lines: box.value });
      },
    },
    'Time it on this machine',
  );
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
      both,
      said,
      suggested,
      chart,
      h('h2', {}, 'What padding costs a batch'),
      h('label', { for: 'batch', class: 'quiet' }, 'A batch, one sentence a line'),
      box,
      costs,
      h('div', { class: 'actions' }, measure),
      times,
    ),
  );
  let answer = null;
  let example = null;
  let width = 0;

  const name = (value) =>
    answer.probabilities ? `${readingOf(value)}, ${plain(value)}` : `logit ${signed(value)}`;
  const verdicts = (k) => {
    const { classic, packed } = answer;
    const one = (title, note, value, tone) =>
      h(
        'div',
        { class: `side ${tone}` },
        h('p', { class: 'name' }, h('b', {}, title), ` ${note}`),
        h('p', { class: `headline ${tone}` }, h('strong', {}, value)),
      );
    const tone = (value) => {
      const [low, high] = state.config.neutral_zone;
      return value < low ? 'negative' : value > high ? 'positive' : 'zero';
    };
    if (!classic) return [];
    const own = packed.probability;
    return [
      one(
        'Classic: ',
        'a head over the final state, padding read',
        name(classic[k]),
        tone(classic[k]),
      ),
      one('Ours: ', 'packed, at any padding', name(own), tone(own)),
    ];
  };
  const sentenceOf = (k) => {
    const { classic, packed, turned_at: turned } = answer;
    const moved = `the state moved by ${plain(answer.moved[k])} (its length was ${plain(answer.state)})`;
    const tokens = `${k} padding token${k === 1 ? '' : 's'}`;
    if (!classic) {
      return k === 0
        ? `Without padding it reads ${name(answer.probabilities?.[0] ?? answer.logits[0])}.`
        : `After ${tokens}: ${moved}.`;
    }
    if (k === 0) {
      return `Without padding the classic head reads ${name(classic[0])}, ours ${name(packed.probability)}. Move the slider.`;
    }
    const turns =
      readingOf(classic[k]) !== readingOf(classic[0])
        ? `The padding changed its verdict: ${readingOf(classic[0])} became ${readingOf(classic[k])}`
        : turned === null
          ? 'Here the padding moves the probability and leaves the verdict'
          : `The verdict first changes at ${turned} padding token${turned === 1 ? '' : 's'}`;
    return `After ${tokens} the classic head reads ${name(classic[k])}, where it read ${name(classic[0])} without. ${turns}; ${moved}. Packed, ours stays ${name(packed.probability)}.`;
  };
  const draw = () => {
    if (!answer || !width) return;
    const k = Number(slider.value);
    shown.textContent = String(k);
    slider.setAttribute('aria-valuetext', `${k} padding tokens`);
    both.replaceChildren(...verdicts(k));
    said.textContent = sentenceOf(k);
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
    chart.replaceChildren(driftView(answer, k, Math.min(width, 900), name));
    const turning = answer.turned_at !== null;
    suggested.hidden = turning || !example || example === answer.text;
  };
  slider.addEventListener('input', () => {
    state.padding = Number(slider.value);
    draw();
    remember('same');
  });
  const ask = latest('padding', (got) => {
    answer = got.message ? null : got;
    if (answer && example === null) found({});
    if (got.message) {
      both.replaceChildren();
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
        'A step is one word or padding token read by the network. Hatched cells are padding.',
      ),
    );
  });
  const WAYS = {
    padded: 'one padded rectangle',
    bucketed: 'bucketed by length',
    packed: 'packed',
  };
  const timed = latest('timed', (got) => {
    measure.disabled = false;
    if (got.message) {
      times.replaceChildren(complaint(got.message));
      return;
    }
    const most = Math.max(...got.ways.map((way) => way.median));
    times.replaceChildren(
      h(
        'ul',
        { class: 'percentiles' },
        got.ways.map((way) =>
          h(
            'li',
            {},
            h('span', {}, WAYS[way.name]),
            h(
              'i',
              { class: 'rail', 'aria-hidden': 'true' },
              h('i', { style: { '--size': `${(100 * way.median) / most}%` } }),
            ),
            h('b', {}, `${plain(way.median, 1)} ms`),
            h('small', {}, `fastest ${plain(way.least, 1)} ms`),
          ),
        ),
      ),
      h(
        'p',
        { class: 'hint' },
        `Median of ${got.runs} runs of the recurrent layers alone on the server, just now, over ${got.copies === 1 ? 'the batch' : `${got.copies} copies of the batch`}. Another load gives other times; the steps above do not change.`,
      ),
    );
  });
  const batchSoon = debounce(200, () => batch({ lines: box.value }));
  box.addEventListener('input', batchSoon);
  const found = latest('padding_example', (got) => {
    example = got.text ?? null;
    if (!example) return;
    suggested.replaceChildren(
      'Padding turns the classic verdict on this one: ',
      h(
        'button',
        {
          type: 'button',
          class: 'chip',
          onclick: () => setText(example, { at: 'once' }),
        },
        example,
      ),
    );
    // The page's own first sentence gives way to one on which there is something to see.
    const untouched = state.text === state.config.first.text && !state.story;
    if (untouched && state.panel === 'padding' && answer?.turned_at === null) {
      if (state.padding === null) slider.value = String(most);
      setText(example, { at: 'again' });
      remember('same');
    } else draw();
  });
  const refresh = () => {
    if (state.panel !== 'padding') return;
    ask({ text: state.text });
  };
  on('reading', refresh);
  on('step', () => {
    if (state.padding === null) return;
    slider.value = String(state.padding);
    draw();
  });
  on('panel', refresh);
  onWidth(chart, (now) => {
    width = now;
    draw();
  });
  refresh();
  batch({ lines: box.value });
});
