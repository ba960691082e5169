// The About panel: the model, its measured figures and its limits.
import { h } from '../scripts/elements.js';
import { definePanel } from '../scripts/state.js';

definePanel('about', (element, props) => {
  /** @type {AboutModel} */
  const got = props.value;
  const number = (value) =>
    typeof value === 'number'
      ? Number.isInteger(value)
        ? value.toLocaleString('en')
        : String(Number(value.toPrecision(4)))
      : (value ?? '–');
  const size = (wanted) => got.sizes.find(([name]) => name === wanted)[1];
  element.replaceChildren(
    h(
      'div',
      { id: 'about', class: 'panel' },
      h('h2', {}, 'What it cannot do'),
      h(
        'ul',
        { class: 'plain' },
        [
          `It knows the kind of texts that it learnt from${got.language ? `, in ${got.language}` : ''}. Other subjects and languages are read, but not to be trusted.`,
          'It has no world knowledge and no sense of irony; rare words are all one “unknown” word to it.',
          'An explanation tells what this network did, not what the sentence means, and methods can disagree: the faithfulness meter shows how far.',
          'Nothing that you type is logged or written to disk (but for files you score, which are deleted when the page is closed, and within two hours), and the page asks no other machine for anything.',
        ].map((line) => h('li', {}, line)),
      ),
      h('h2', {}, 'The model'),
      h(
        'p',
        {},
        `A recurrent network (${size('cell')}) that reads exactly the words of a text (packed), and a linear head over ${size('parts the head sees')}. Its labels: ${got.labels.join(', ')}.${got.datasets.length ? ` Of what it learnt from its card names the data sets ${got.datasets.join(', ')}${got.language ? ` (${got.language})` : ''}.` : got.card ? ' Its card does not say what it learnt from.' : ' It comes without a card, so what it learnt from is not known here.'}${got.license ? ` Licence of the weights: ${got.license}.` : got.card ? ' Its card names no licence.' : ''}`,
      ),
      h(
        'ul',
        { class: 'facts column' },
        got.sizes.map(([name, value]) =>
          h('li', {}, h('span', {}, name), h('b', {}, number(value))),
        ),
        got.repository && h('li', {}, h('span', {}, 'on the Hub'), h('b', {}, got.repository)),
        h('li', {}, h('span', {}, 'revision'), h('b', {}, got.revision)),
      ),
      got.tables.map((table) => [
        h('h2', {}, table.name),
        h(
          'div',
          {
            class: 'scroller',
            tabindex: '0',
            role: 'region',
            'aria-label': table.name,
          },
          h(
            'table',
            {},
            h(
              'thead',
              {},
              h(
                'tr',
                {},
                table.columns.map((name) => h('th', { scope: 'col' }, name)),
              ),
            ),
            h(
              'tbody',
              {},
              table.rows.map((row) =>
                h(
                  'tr',
                  {},
                  row.map((value, i) =>
                    h(i ? 'td' : 'th', i ? {} : { scope: 'row' }, number(value)),
                  ),
                ),
              ),
            ),
          ),
        ),
      ]),
      h('h2', {}, 'Use it in four lines'),
      h(
        'pre',
        { tabindex: '0', 'aria-label': 'Python code' },
        h(
          'code',
          {},
          `import sentiment\n\nclassifier = ${got.load}\nclassifier.predict("not good").label\nclassifier.explain("not good").running_logits # after each word`,
        ),
      ),
      h('p', { class: 'hint' }, 'MIT licence.'),
    ),
  );
});
