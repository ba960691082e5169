// The Negation report, the file scores and the About panel.
(() => {
  const m = microscope;
  const { h, s, state } = m;

  m.panel('report', (element) => {
    const body = h('div', { 'aria-live': 'polite' });
    let result = null;
    const run = h('button', { type: 'button', class: 'action', onclick: () => start() }, 'Run again');
    const save = h('button', { type: 'button', class: 'action', disabled: true, onclick: () => m.save('negation-report.json', 'application/json', JSON.stringify(result, null, 1)) }, 'Export JSON');
    element.replaceChildren(h('div', { id: 'negation-report', class: 'panel' }, h('h3', {}, 'Does it understand negation?'),
      h('p', {}, 'A fixed suite of small texts, read just now by the loaded model. Each group tests one capability; a rate has its 95 % interval (Wilson). Failures are shown as they are: click one to see it under the microscope.'),
      h('div', { class: 'actions' }, run, save), body));
    const draw = (got) => {
      run.disabled = false;
      if (got.message) { body.replaceChildren(m.message(got.message)); return; }
      result = got;
      save.disabled = false;
      body.replaceChildren(h('p', { class: 'sentence-in-words' }, `It meets ${Math.round(got.pass_rate * got.n)} of ${got.n} expectations, ${m.percent(got.pass_rate)}.`),
        h('div', { class: 'capabilities' }, got.capabilities.map((one) => h('details', {}, h('summary', {}, h('span', { class: 'name' }, one.name), h('span', { class: 'interval', role: 'img', 'aria-label': `${m.percent(one.pass_rate)} of ${one.n}, 95 % interval ${m.percent(one.low)} to ${m.percent(one.high)}` }, h('i', { style: { left: `${100 * one.low}%`, width: `${100 * (one.high - one.low)}%` } }), h('b', { style: { left: `${100 * one.pass_rate}%` } })), h('b', { class: 'rate' }, m.percent(one.pass_rate)), h('small', {}, `n ${one.n}, ${m.percent(one.low)} to ${m.percent(one.high)}`)),
          h('p', { class: 'hint' }, one.description),
          one.failures.length ? h('ul', { class: 'failures' }, one.failures.slice(0, 40).map((failure) => h('li', {}, h('button', { type: 'button', class: 'chip', onclick: () => m.openText(failure.text) }, failure.text), h('small', {}, `wanted ${failure.expectation}, read ${m.plain(failure.probability)}`)))) : h('p', { class: 'hint' }, 'No failures.'),
          one.failures.length > 40 && h('p', { class: 'hint' }, `and ${one.failures.length - 40} more in the JSON`)))));
    };
    const load = m.latest('suite', draw);
    const start = () => { run.disabled = true; body.replaceChildren(h('p', { class: 'hint' }, 'Running …')); load({}); };
    const first = () => { if (state.panel === 'report' && !result) start(); };
    m.on('panel', first);
    first();
  });

  m.panel('scored', (element, props, watch) => {
    const draw = () => {
      const got = props.value;
      if (!got) { element.replaceChildren(); return; }
      if (got.message) { element.replaceChildren(m.message(got.message)); return; }
      if (got.running) {
        element.replaceChildren(h('div', { class: 'panel' }, h('p', { 'aria-live': 'polite' }, `${got.rows.toLocaleString('en')} rows scored, ${got.failed.toLocaleString('en')} with an error …`), h('i', { class: 'rail progress' }, h('i', { style: { '--size': `${100 * (got.fraction ?? 0)}%` } }))));
        return;
      }
      const most = Math.max(...got.histogram.map(([, count]) => count), 1);
      const size = Math.min(640, Math.max(280, element.clientWidth || 640));
      const w = (size - 20) / got.histogram.length;
      element.replaceChildren(h('div', { id: 'scored', class: 'panel' },
        h('p', { class: 'sentence-in-words' }, `${got.rows.toLocaleString('en')} rows in ${m.plain(got.seconds, 1)} s; ${got.failed ? `${got.failed.toLocaleString('en')} could not be read and carry an error instead of a verdict` : 'every one was read'}.${got.truncated ? ` Only the first ${got.rows.toLocaleString('en')} rows were scored: that is the limit here. The command line has none.` : ''}`),
        h('figure', {}, h('figcaption', {}, state.config.labels.length === 2 ? 'Probability of positive, number of rows' : 'Rows of each label'),
          s('svg', { width: size, height: 170, class: 'histogram', role: 'img', 'aria-label': got.histogram.map(([name, count]) => `${name}: ${count}`).join(', ') },
            got.histogram.map(([name, count, tone], i) => [s('rect', { x: 10 + i * w, width: w - 2, y: 130 - (110 * count) / most, height: (110 * count) / most, class: tone, 'data-tip': `${name}: ${count} rows` }), count > 0 && s('text', { x: 10 + i * w + w / 2, y: 124 - (110 * count) / most }, String(count)), (got.histogram.length <= 6 || i % 2 === 0) && s('text', { x: 10 + i * w + w / 2, y: 148 }, name.split(' ')[0])]))),
        h('div', { class: 'scroller', tabindex: '0', role: 'region', 'aria-label': 'First rows' }, h('table', {}, h('caption', {}, `The first ${got.preview.length} rows`), h('thead', {}, h('tr', {}, got.columns.map((name) => h('th', { scope: 'col' }, name)))),
          h('tbody', {}, got.preview.map((row) => h('tr', {}, row.map((value) => h('td', {}, value)))))))));
    };
    watch('value', draw);
    draw();
  });

  m.panel('about', (element, props) => {
    const got = props.value;
    const number = (value) => (typeof value === 'number' ? (Number.isInteger(value) ? value.toLocaleString('en') : String(Number(value.toPrecision(4)))) : value ?? '–');
    element.replaceChildren(h('div', { id: 'about', class: 'panel' }, h('h3', {}, 'The model'),
      h('p', {}, 'A single-direction LSTM that reads exactly the words of a text (packed), and a linear head over its final state and the maximum and mean of all its states. It learnt from film reviews in English and gives the log-odds of positive. Targets of neutral phrases are one half, so that a neutral beginning reads as undecided.'),
      h('ul', { class: 'facts column' }, got.sizes.map(([name, value]) => h('li', {}, h('span', {}, name), h('b', {}, number(value)))), h('li', {}, h('span', {}, 'revision'), h('b', {}, got.revision))),
      got.tables.map((table) => [h('h3', {}, table.name), h('div', { class: 'scroller', tabindex: '0', role: 'region', 'aria-label': table.name }, h('table', {}, h('thead', {}, h('tr', {}, table.columns.map((name) => h('th', { scope: 'col' }, name)))), h('tbody', {}, table.rows.map((row) => h('tr', {}, row.map((value, i) => h(i ? 'td' : 'th', i ? {} : { scope: 'row' }, number(value))))))))]),
      h('h3', {}, 'Use it in four lines'),
      h('pre', { tabindex: '0', 'aria-label': 'Python code' }, h('code', {}, 'import sentiment\n\nclassifier = sentiment.load()\nclassifier.predict("not good").label          # negative\nclassifier.explain("not good").running_logits # after each word')),
      h('h3', {}, 'What it cannot do'),
      h('ul', { class: 'plain' }, ['It knows film reviews in English. Other subjects and languages are read, but not to be trusted.', 'It has no world knowledge and no sense of irony; rare words are all one “unknown” word to it.', 'An explanation tells what this network did, not what the sentence means, and methods can disagree: the faithfulness meter shows how far.', 'Nothing that you type is logged or written to disk (but for files you score, which are deleted within two hours), and the page asks no other machine for anything.'].map((line) => h('li', {}, line))),
      h('p', { class: 'hint' }, 'MIT licence.')));
  });
})();
