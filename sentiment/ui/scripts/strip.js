// The token strip: a text's own words in lines, and under each word its numbers in lanes.
import { h, s } from './elements.js';
import { broken } from './lines.js';
import { percent, plain, polarity, quote, signed } from './numbers.js';
import { lightToken, selectWords, state } from './state.js';

const CURVE = 140;
const PARTS = 96;

// Lines of words that fit the width, of about equal length; a column is as wide as its word or
// its numbers need, and wider where there is room. `words` holds what stands in each column.
const pen = document.createElement('canvas').getContext('2d');
export const breakLines = (words, width, label, least = 54) => {
  pen.font = `700 17px ${getComputedStyle(document.body).fontFamily}`;
  const wanted = words.map((word) => Math.max(least, Math.ceil(pen.measureText(word).width) + 22));
  return broken(wanted, Math.max(width - label, 90));
};

export const laneBar = (value, scale, isSigned) => {
  const size = Math.min(1, Math.abs(value ?? 0) / scale);
  const cut = Math.abs(value ?? 0) > scale;
  return h(
    'span',
    { class: `lane${isSigned ? ' signed' : ''}`, 'aria-hidden': 'true' },
    h('i', {
      class: `bar ${isSigned ? polarity(value) : 'size'}${cut ? ' cut' : ''}`,
      style: { '--size': `${100 * size * (isSigned ? 0.5 : 1)}%` },
    }),
  );
};
export const shownNumber = (lane, value) => {
  if (value === null || value === undefined) return '…';
  if (lane.unit.startsWith('share')) return percent(value);
  return lane.signed ? signed(value) : plain(value);
};
export const scaleOf = (lane) =>
  lane.unit === 'logit' ? state.scale : (state.config.scales[lane.name] ?? 1);

const curve = (line, reading) => {
  const running = reading.running;
  const odds = running.probabilities;
  const scale = state.config.scales.logit;
  const values = odds ?? running.logits.map((z) => 0.5 + z / (2 * scale));
  const y = (value) => 10 + (CURVE - 20) * (1 - Math.max(0, Math.min(1, value)));
  const centres = [];
  line.sizes.reduce((left, size) => {
    centres.push(left + size / 2);
    return left + size;
  }, 0);
  const points = line.tokens.map((index, place) => [centres[place], y(values[index]), index]);
  const first = line.tokens[0];
  const path = [...(first > 0 ? [[0, y(values[first - 1])]] : []), ...points]
    .map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`)
    .join(' ');
  const words = (index) =>
    `after ${quote(reading.tokens[index].text)}: ${odds ? `probability of ${reading.target} ${plain(odds[index])}` : `logit of ${reading.target}`}, logit ${signed(running.logits[index])}`;
  return s(
    'svg',
    {
      class: 'curve',
      width: line.width,
      height: CURVE,
      role: 'img',
      'aria-label': `Running verdict: ${line.tokens.map((index) => `${reading.tokens[index].text} ${odds ? plain(odds[index]) : signed(running.logits[index])}`).join(', ')}`,
    },
    odds &&
      s('rect', {
        class: 'zone',
        x: 0,
        width: line.width,
        y: y(state.config.neutral_zone[1]),
        height: y(state.config.neutral_zone[0]) - y(state.config.neutral_zone[1]),
      }),
    s('line', {
      class: 'middle',
      x1: 0,
      x2: line.width,
      y1: y(0.5),
      y2: y(0.5),
    }),
    s('polyline', { points: path }),
    points.map(([a, b, index]) => {
      const flip = running.flips.includes(index);
      const mark = flip
        ? s('path', {
            class: `flip ${polarity(running.logits[index])}`,
            d: `M${a},${b - 9}l9,9l-9,9l-9,-9z`,
            'data-token': index,
            'data-tip': `${words(index)}. Here the verdict flips.`,
          })
        : s('circle', {
            cx: a,
            cy: b,
            r: 5,
            class: polarity(running.logits[index]),
            'data-token': index,
            'data-tip': words(index),
          });
      return [
        mark,
        s(
          'text',
          { x: a, y: b < 34 ? b + 22 : b - 12, class: flip ? 'strong' : null },
          odds ? plain(odds[index]) : signed(running.logits[index]),
        ),
      ];
    }),
  );
};
const parts = (line, reading) => {
  const scale = state.config.scales.logit;
  const y = (value) => PARTS / 2 - (PARTS / 2 - 6) * Math.max(-1, Math.min(1, value / scale));
  const centres = [];
  line.sizes.reduce((left, size) => {
    centres.push(left + size / 2);
    return left + size;
  }, 0);
  const draw = (name) => {
    const points = line.tokens.map((index, place) => [
      centres[place],
      y(reading.running[name][index]),
    ]);
    const first = line.tokens[0];
    if (first > 0) points.unshift([0, y(reading.running[name][first - 1])]);
    return [
      s('polyline', {
        class: `part ${name}`,
        points: points.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(' '),
      }),
      line.tokens.map((index, place) =>
        s('circle', {
          class: `part ${name}`,
          cx: centres[place],
          cy: y(reading.running[name][index]),
          r: 3.5,
          'data-token': index,
          'data-tip': `${{ last: 'final-state', max: 'max-pool', mean: 'mean-pool' }[name]} part after ${quote(reading.tokens[index].text)}: ${signed(reading.running[name][index])} logits`,
        }),
      ),
    ];
  };
  return s(
    'svg',
    {
      class: 'parts',
      width: line.width,
      height: PARTS,
      role: 'img',
      'aria-label': 'The three parts of the running logit',
    },
    s('line', {
      class: 'middle',
      x1: 0,
      x2: line.width,
      y1: PARTS / 2,
      y2: PARTS / 2,
    }),
    ['mean', 'max', 'last'].map(draw),
  );
};

// Draws the strip of one reading into `root`; `rows` names the lanes, the curve and the parts.
// Gives the width of the widest line.
export const drawStrip = (root, reading, rows, width) => {
  const narrow = width < 560;
  const label = narrow ? 0 : 124;
  const lanes = state.config.lanes.filter((lane) => rows.has(lane.name));
  const tint = state.config.lanes.find((lane) => rows.has(lane.name) && lane.signed);
  const scale = state.config.scales.logit;
  const strengths = state.scale;
  const focus = Math.min(state.focus ?? 0, reading.tokens.length - 1);
  const head = (content, size) => h('div', { class: `head ${size}` }, content);
  const found = breakLines(
    reading.tokens.map((token) => token.text),
    width,
    label,
  );
  const drawn = found.map((line) =>
    h(
      'div',
      {
        class: `line${narrow ? ' narrow' : ''}`,
        style: { '--label': `${label}px` },
      },
      h(
        'div',
        { class: 'heads' },
        head('', 'words'),
        lanes.map((lane) =>
          head(
            [
              lane.signed && h('span', { class: 'top' }, `+${scaleOf(lane)}`),
              h('span', { class: 'name' }, lane.title),
              lane.signed && h('span', { class: 'bottom' }, `−${scaleOf(lane)}`),
            ],
            lane.signed ? 'tall signed' : 'tall',
          ),
        ),
        rows.has('curve') &&
          head(
            [
              h(
                'span',
                { class: 'top' },
                reading.running.probabilities ? `1 ${state.config.labels[1]}` : `+${scale}`,
              ),
              h('span', { class: 'name' }, 'running verdict'),
              h(
                'span',
                { class: 'bottom' },
                reading.running.probabilities ? `0 ${state.config.labels[0]}` : `−${scale}`,
              ),
            ],
            'curve',
          ),
        rows.has('parts') &&
          head(
            [
              h('span', { class: 'top' }, `+${scale} logits`),
              h(
                'span',
                { class: 'keys' },
                h('span', { class: 'key last' }, 'final'),
                h('span', { class: 'key max' }, 'max'),
                h('span', { class: 'key mean' }, 'mean'),
              ),
              h('span', { class: 'bottom' }, `−${scale} logits`),
            ],
            'parts',
          ),
      ),
      h(
        'div',
        { class: 'body' },
        h(
          'div',
          { class: 'tokens' },
          line.tokens.map((index, place) => {
            const token = reading.tokens[index];
            const value = tint ? (reading.lanes[tint.name]?.[index] ?? 0) : 0;
            const strength = Math.round(8 + 34 * Math.min(1, Math.abs(value) / strengths));
            const inside = state.span && index >= state.span[0] && index < state.span[1];
            const numbers = lanes
              .map(
                (lane) => `${lane.title} ${shownNumber(lane, reading.lanes[lane.name]?.[index])}`,
              )
              .join(', ');
            return h(
              'div',
              {
                class: `token${token.gap === '' && index > 0 ? ' glued' : ''}`,
                'data-token': index,
                style: { width: `${line.sizes[place]}px` },
              },
              h(
                'button',
                {
                  type: 'button',
                  class: `word${token.known ? '' : ' unknown'}${inside ? ' inside' : ''}`,
                  tabindex: index === focus ? '0' : '-1',
                  'aria-pressed': state.pinned === index || inside ? 'true' : 'false',
                  'data-index': index,
                  'aria-label': `${token.text}, word ${index + 1} of ${reading.tokens.length}${token.known ? '' : ', unknown to the model'}${numbers ? `: ${numbers}` : ''}`,
                  style: value
                    ? {
                        background: `color-mix(in srgb, var(--${polarity(value)}) ${strength}%, transparent)`,
                      }
                    : {},
                },
                token.text,
              ),
              lanes.map((lane) => {
                const one = reading.lanes[lane.name]?.[index];
                return [
                  laneBar(one, scaleOf(lane), lane.signed),
                  h('small', { 'aria-hidden': 'true' }, shownNumber(lane, one)),
                ];
              }),
            );
          }),
        ),
        rows.has('curve') && curve(line, reading),
        rows.has('parts') && parts(line, reading),
      ),
    ),
  );
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const active =
    focused?.classList.contains('word') && root.contains(focused)
      ? Number(focused.dataset.index)
      : null;
  root.replaceChildren(...drawn);
  if (active !== null)
    root.querySelector(`[data-index="${active}"]`)?.focus({ preventScroll: true });
  return label + Math.max(...found.map((line) => line.width));
};

// Pointer and keys on a strip: hover lights, a click pins, a drag or Shift with an arrow selects.
export const stripEvents = (root) => {
  let from = null;
  let moved = false;
  const at = (event) => {
    const there = document.elementFromPoint(event.clientX, event.clientY);
    const word = /** @type {HTMLElement | null} */ (there?.closest('.token'));
    return word && root.contains(word) ? Number(word.dataset.token) : null;
  };
  root.addEventListener('pointerover', (event) => {
    const mark = event.target.closest('[data-token]');
    lightToken(mark ? mark.dataset.token : null);
  });
  root.addEventListener('pointerleave', () => lightToken(null));
  root.addEventListener('focusin', (event) => {
    const mark = event.target.closest('[data-token]');
    if (mark) lightToken(mark.dataset.token);
  });
  root.addEventListener('focusout', () => lightToken(null));
  root.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !event.target.closest('.token')) return;
    from = at(event);
    moved = false;
    if (event.pointerType === 'mouse') event.preventDefault();
  });
  root.addEventListener('pointermove', (event) => {
    if (from !== null && event.buttons === 0) {
      cancel();
      return;
    } // let go outside the strip
    if (from === null) return;
    const to = at(event);
    if (to !== null && (to !== from || moved)) {
      moved = true;
      for (const word of root.querySelectorAll('.word'))
        word.classList.toggle(
          'inside',
          Number(word.dataset.index) >= Math.min(from, to) &&
            Number(word.dataset.index) <= Math.max(from, to),
        );
    }
  });
  root.addEventListener('pointerup', (event) => {
    if (from === null) return;
    const start = from;
    const to = at(event);
    from = null;
    if (to === null) return;
    state.focus = to;
    if (moved && to !== start) selectWords(start, to);
    else if (state.phraseMode && state.pinned !== null && state.pinned !== to)
      selectWords(state.pinned, to);
    else if (event.shiftKey && state.pinned !== null) selectWords(state.pinned, to);
    else selectWords(state.pinned === to ? null : to);
    root.querySelector(`[data-index="${to}"]`)?.focus({ preventScroll: true });
  });
  const cancel = () => {
    if (from === null) return;
    from = null;
    for (const word of root.querySelectorAll('.word'))
      word.classList.toggle(
        'inside',
        Boolean(state.span) &&
          Number(word.dataset.index) >= state.span[0] &&
          Number(word.dataset.index) < state.span[1],
      );
  };
  root.addEventListener('pointercancel', cancel);
  document.addEventListener('pointerup', (event) => {
    if (!root.contains(event.target)) cancel();
  });
  root.addEventListener('click', (event) => {
    // A click without a pointer comes from a screen reader or a key.
    const word = event.target.closest('.word');
    if (word && event.detail === 0) {
      const index = Number(word.dataset.index);
      state.focus = index;
      selectWords(state.pinned === index ? null : index);
    }
  });
  let anchor = null;
  root.addEventListener('keydown', (event) => {
    const word = event.target.closest('.word');
    if (!word) return;
    const index = Number(word.dataset.index);
    const count = root.querySelectorAll('.word').length;
    const to = {
      ArrowRight: index + 1,
      ArrowLeft: index - 1,
      Home: 0,
      End: count - 1,
    }[event.key];
    if (event.key === 'Escape') {
      anchor = null;
      selectWords(null);
      return;
    }
    if (to === undefined || to < 0 || to >= count) return;
    event.preventDefault();
    state.focus = to;
    if (event.shiftKey) {
      anchor ??= index;
      selectWords(anchor, to);
    } else anchor = null;
    for (const one of root.querySelectorAll('.word'))
      one.tabIndex = Number(one.dataset.index) === to ? 0 : -1;
    root.querySelector(`[data-index="${to}"]`)?.focus();
  });
};
