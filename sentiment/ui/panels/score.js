// What Score a file gives: progress, a histogram and the first rows.
import { complaint, h, s } from '../scripts/elements.js';
import { plain } from '../scripts/numbers.js';
import { definePanel, state } from '../scripts/state.js';

const understood = (got) =>
  h(
    'div',
    { id: 'understood', class: 'panel' },
    h(
      'p',
      { class: 'sentence-in-words' },
      `${got.understood} Texts are taken from “${got.text}”. Press Score if this is right.`,
    ),
    got.notes.map((note) => h('p', { class: 'note' }, note)),
    h(
      'div',
      {
        class: 'scroller',
        tabindex: '0',
        role: 'region',
        'aria-label': 'As understood',
      },
      h(
        'table',
        {},
        h('caption', {}, `The first ${got.preview.length} rows as they are understood`),
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            got.columns.map((name) =>
              h('th', { scope: 'col' }, name === got.text ? `${name} (the text)` : name),
            ),
          ),
        ),
        h(
          'tbody',
          {},
          got.preview.map((row, i) =>
            h(
              'tr',
              {},
              row.map((value) => h('td', {}, value)),
              got.errors[i] && h('td', {}, got.errors[i]),
            ),
          ),
        ),
      ),
    ),
  );

definePanel('score', (element, props, watch) => {
  const draw = () => {
    const got = props.value;
    if (!got) {
      element.replaceChildren();
      return;
    }
    if (got.message) {
      element.replaceChildren(complaint(got.message));
      return;
    }
    if (got.understood) {
      element.replaceChildren(understood(got));
      return;
    }
    if (got.running) {
      element.replaceChildren(
        h(
          'div',
          { class: 'panel' },
          h(
            'p',
            { 'aria-live': 'polite' },
            `${got.rows.toLocaleString('en')} rows scored, ${got.failed.toLocaleString('en')} with an error …`,
          ),
          h(
            'i',
            { class: 'rail progress' },
            h('i', { style: { '--size': `${100 * (got.fraction ?? 0)}%` } }),
          ),
        ),
      );
      return;
    }
    const most = Math.max(...got.histogram.map(([, count]) => count), 1);
    const size = Math.min(640, Math.max(280, element.clientWidth || 640));
    const w = (size - 20) / got.histogram.length;
    element.replaceChildren(
      h(
        'div',
        { id: 'scored', class: 'panel' },
        h(
          'p',
          { class: 'sentence-in-words' },
          `${got.rows.toLocaleString('en')} rows in ${plain(got.seconds, 1)} s; ${got.rows === 0 ? 'there was nothing to read' : got.failed ? `${got.failed.toLocaleString('en')} could not be read and carry an error instead of a verdict` : 'every one was read'}.${got.truncated ? ` Only the first ${got.rows.toLocaleString('en')} rows were scored: that is the limit here. The command line has none.` : ''}`,
        ),
        got.notes.map((note) => h('p', { class: 'note' }, note)),
        h(
          'figure',
          {},
          h(
            'figcaption',
            {},
            state.config.labels.length === 2
              ? `Probability of ${state.config.labels[1]}, number of rows`
              : 'Rows of each label',
          ),
          s(
            'svg',
            {
              width: size,
              height: 170,
              class: 'histogram',
              role: 'img',
              'aria-label': got.histogram.map(([name, count]) => `${name}: ${count}`).join(', '),
            },
            got.histogram.map(([name, count, tone], i) => [
              s('rect', {
                x: 10 + i * w,
                width: w - 2,
                y: 130 - (110 * count) / most,
                height: (110 * count) / most,
                class: tone,
                'data-tip': `${name}: ${count} rows`,
              }),
              count > 0 &&
                s('text', { x: 10 + i * w + w / 2, y: 124 - (110 * count) / most }, String(count)),
              (got.histogram.length <= 6 || i % 2 === 0) &&
                s('text', { x: 10 + i * w + w / 2, y: 148 }, name.split(' ')[0]),
            ]),
          ),
        ),
        h(
          'div',
          {
            class: 'scroller',
            tabindex: '0',
            role: 'region',
            'aria-label': 'First rows',
          },
          h(
            'table',
            {},
            h('caption', {}, `The first ${got.preview.length} rows`),
            h(
              'thead',
              {},
              h(
                'tr',
                {},
                got.columns.map((name) => h('th', { scope: 'col' }, name)),
              ),
            ),
            h(
              'tbody',
              {},
              got.preview.map((row) =>
                h(
                  'tr',
                  {},
                  row.map((value) => h('td', {}, value)),
                ),
              ),
            ),
          ),
        ),
      ),
    );
  };
  watch('value', draw);
  draw();
});
