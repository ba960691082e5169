// Two texts side by side: their verdicts, their words aligned with changes, their states' path.
import { curvesView, logits, ODDS } from './curves.js';
import { h, s } from './elements.js';
import { breakLines, laneBar, scaleOf } from './lanes.js';
import { fitted } from './scales.js';
import { plain, polarity, quote, sigmoid, signed } from './numbers.js';
import { state } from './state.js';
import { verdictView } from './verdict.js';

/** The lanes whose change adds up to that of a logit. */
export const comparedLanes = () => state.config.lanes.filter((lane) => lane.at_once && lane.signed);

export const sideView = (name, answer) =>
  h(
    'div',
    { class: 'side' },
    h('p', { class: 'name' }, h('b', {}, name), ' ', h('q', {}, answer.text)),
    verdictView(answer.verdict),
  );

/** Both running verdicts on one chart, along the aligned words; A is the dashed ghost. */
export const togetherView = (answer, width) => {
  const word = (row) =>
    row.second === null
      ? `(${answer.first.tokens[row.first].text})`
      : answer.second.tokens[row.second].text;
  const sides = [answer.first, answer.second];
  const many = sides[0].verdict.labels.length > 2; // whose logits alone tell no probability
  const most = fitted(sides.flatMap((side) => [side.bias, ...side.running]));
  const axis = many ? logits(most) : ODDS;
  const shown = many ? (value) => value : sigmoid;
  const along = (key) =>
    answer.rows.map((row) => (row[key] === null ? null : shown(answer[key].running[row[key]])));
  const ends = ['first', 'second'].map((key) => axis.shown(along(key).findLast((v) => v !== null)));
  return curvesView(
    answer.rows.map(word),
    [
      { name: 'A', kind: 'one', start: shown(answer.first.bias), values: along('first') },
      { name: 'B', kind: 'two', start: shown(answer.second.bias), values: along('second') },
    ],
    width,
    `Running verdicts of both texts along their aligned words: A ends at ${ends[0]}, B at ${ends[1]}`,
    axis,
  );
};

/** The change of the logit and the parts that add up to it, as bars. */
export const partsView = (answer) => {
  const total = (name) => answer.deltas[name].reduce((a, b) => a + b, 0);
  const parts = [
    ['final state', total('last')],
    ['max-pool', total('pool')],
    ['mean-pool', total('mean')],
    ['bias', answer.bias_delta],
  ];
  const scale = fitted([answer.logit_delta, ...parts.map(([, value]) => value)]);
  const row = (name, value, kind) =>
    h(
      'li',
      { class: `${kind} ${polarity(value)}` },
      h('span', {}, name),
      h(
        'i',
        { class: 'rail both', 'aria-hidden': 'true' },
        h('i', {
          class: polarity(value),
          style: { '--size': `${(50 * Math.abs(value)) / scale}%` },
        }),
      ),
      h('b', {}, signed(value)),
    );
  return [
    row('change of the logit, A to B', answer.logit_delta, 'whole'),
    ...parts.map(([name, value]) => row(name, value, '')),
  ];
};

export const pathView = (answer, width) => {
  const both = [...answer.path.first, ...answer.path.second];
  const xs = both.map(([x]) => x);
  const ys = both.map(([, y]) => y);
  const height = Math.min(420, Math.max(260, width * 0.5));
  const span = Math.max(Math.max(...xs) - Math.min(...xs), 1e-9);
  const rise = Math.max(Math.max(...ys) - Math.min(...ys), 1e-9);
  const scale = Math.min((width - 120) / span, (height - 60) / rise);
  const left = (width - scale * span) / 2;
  const top = (height - scale * rise) / 2;
  const at = ([x, y]) => [
    left + scale * (x - Math.min(...xs)),
    height - top - scale * (y - Math.min(...ys)),
  ];
  const draw = (points, text, kind) => {
    const places = points.map(at);
    const many = text.tokens.length > 14;
    return s(
      'g',
      { class: kind },
      s('polyline', {
        points: places.map((p) => p.map((v) => v.toFixed(1)).join(',')).join(' '),
      }),
      places.map(([x, y], i) => {
        if (i === 0)
          return [
            s('circle', {
              cx: x,
              cy: y,
              r: 4,
              class: 'zero',
              'data-tip': 'Before the first word both states are zero.',
            }),
            kind === 'two' && s('text', { x: x + 10, y: y - 8, class: 'beside-end' }, 'start'),
          ];
        const last = i === places.length - 1;
        const words = `${kind === 'one' ? 'A' : 'B'} after ${quote(text.tokens[i - 1].text)}: logit ${signed(text.running[i - 1])}`;
        return [
          s('circle', {
            cx: x,
            cy: y,
            r: last ? 8 : 5.5,
            class: polarity(text.running[i - 1]),
            'data-tip': words,
          }),
          (!many || last) &&
            s(
              'text',
              {
                x,
                y: places[i - 1][1] > y ? y - 13 : y + 23,
                class: last ? 'strong' : null,
              },
              last
                ? `${kind === 'one' ? 'A' : 'B'}: ${text.tokens[i - 1].text}`
                : text.tokens[i - 1].text,
            ),
        ];
      }),
    );
  };
  return s(
    'svg',
    {
      class: 'path',
      width,
      height,
      role: 'img',
      'aria-label': 'Path of the hidden state of both texts on two common axes',
    },
    draw(answer.path.first, answer.first, 'one'),
    draw(answer.path.second, answer.second, 'two'),
  );
};

export const alignedView = (answer, width, shown) => {
  const narrow = width < 560;
  const label = narrow ? 0 : 124;
  const word = (row, key) => (row[key] === null ? '' : answer[key].tokens[row[key]].text);
  const longer = (row) =>
    [word(row, 'first'), word(row, 'second')].sort((a, b) => b.length - a.length)[0];
  const lines = breakLines(answer.rows.map(longer), width, label, 58);
  const lanes = comparedLanes().filter((lane) => shown.has(lane.name));
  return lines.map((line) =>
    h(
      'div',
      {
        class: `line${narrow ? ' narrow' : ''}`,
        style: { '--label': `${label}px` },
      },
      h(
        'div',
        { class: 'heads' },
        h('div', { class: 'head words' }, narrow ? '' : 'A'),
        h('div', { class: 'head words' }, narrow ? '' : 'B'),
        lanes.map((lane) =>
          h(
            'div',
            { class: 'head tall signed' },
            h('span', { class: 'top' }, `+${scaleOf(lane)}`),
            h('span', { class: 'name' }, `Δ ${lane.title}`),
            h('span', { class: 'bottom' }, `−${scaleOf(lane)}`),
          ),
        ),
        h('div', { class: 'head plain' }, h('span', { class: 'name' }, '‖h(B) − h(A)‖')),
      ),
      h(
        'div',
        { class: 'tokens' },
        line.tokens.map((i, place) => {
          const row = answer.rows[i];
          return h(
            'div',
            {
              class: `token ${row.kind}`,
              style: { width: `${line.sizes[place]}px` },
              role: 'group',
              'aria-label': `${word(row, 'first') || 'nothing'} against ${word(row, 'second') || 'nothing'}, ${row.kind}: ${lanes.map((lane) => `Δ ${lane.title} ${signed(answer.deltas[lane.name][i])}`).join(', ')}`,
            },
            h('span', { class: 'word' }, word(row, 'first') || '–'),
            h('span', { class: 'word' }, word(row, 'second') || '–'),
            lanes.map((lane) => [
              laneBar(answer.deltas[lane.name][i], scaleOf(lane), true),
              h('small', {}, signed(answer.deltas[lane.name][i])),
            ]),
            h('small', { class: 'distance' }, plain(answer.distances[i])),
          );
        }),
      ),
    ),
  );
};
