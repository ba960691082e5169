// Two texts side by side: their verdicts, their words aligned with changes, their states' path.
import { h, s } from './elements.js';
import { breakLines, laneBar, scaleOf } from './lanes.js';
import { plain, polarity, quote, signed } from './numbers.js';
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
          return s('circle', {
            cx: x,
            cy: y,
            r: 4,
            class: 'zero',
            'data-tip': 'Before the first word both states are zero.',
          });
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
