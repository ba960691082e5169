// The Negation report: the behavioural suite, run on the loaded model.
import { complaint, h, saveFile } from '../scripts/elements.js';
import { openText } from '../scripts/navigation.js';
import { percent, plain } from '../scripts/numbers.js';
import { definePanel, latest, on, state } from '../scripts/state.js';

definePanel('report', (element) => {
  const body = h('div', { 'aria-live': 'polite' });
  let result = null;
  const run = h('button', { type: 'button', class: 'action', onclick: () => start() }, 'Run again');
  const save = h(
    'button',
    {
      type: 'button',
      class: 'action',
      disabled: true,
      onclick: () =>
        saveFile('negation-report.json', 'application/json', JSON.stringify(result, null, 1)),
    },
    'Export JSON',
  );
  element.replaceChildren(
    h(
      'div',
      { id: 'negation-report', class: 'panel' },
      h('h2', {}, 'Does it understand negation?'),
      h(
        'p',
        {},
        'A fixed suite of small texts, read just now by the loaded model. Each group tests one capability; a rate has its 95 % interval (Wilson). Failures are shown as they are: click one to see it under the microscope.',
      ),
      h('div', { class: 'actions' }, run, save),
      body,
    ),
  );
  const draw = (got) => {
    run.disabled = false;
    if (got.message) {
      body.replaceChildren(complaint(got.message));
      return;
    }
    result = got;
    save.disabled = false;
    body.replaceChildren(
      h(
        'p',
        { class: 'sentence-in-words' },
        `It meets ${Math.round(got.pass_rate * got.n)} of ${got.n} expectations. Negative, positive and neither weighed alike: ${percent(got.score)}; the best constant answer would reach ${percent(got.best_constant)}.`,
      ),
      h(
        'div',
        { class: 'capabilities' },
        got.capabilities.map((one) =>
          h(
            'details',
            {},
            h(
              'summary',
              {},
              h('span', { class: 'name' }, one.name),
              h(
                'span',
                {
                  class: 'interval',
                  role: 'img',
                  'aria-label': `${percent(one.pass_rate)} of ${one.n}, 95 % interval ${percent(one.low)} to ${percent(one.high)}`,
                },
                h('i', {
                  style: {
                    left: `${100 * one.low}%`,
                    width: `${100 * (one.high - one.low)}%`,
                  },
                }),
                h('b', { style: { left: `${100 * one.pass_rate}%` } }),
              ),
              h('b', { class: 'rate' }, percent(one.pass_rate)),
              h('small', {}, `n ${one.n}, ${percent(one.low)} to ${percent(one.high)}`),
            ),
            h('p', { class: 'hint' }, one.description),
            one.failures.length
              ? h(
                  'ul',
                  { class: 'failures' },
                  one.failures.slice(0, 40).map((failure) =>
                    h(
                      'li',
                      {},
                      h(
                        'button',
                        {
                          type: 'button',
                          class: 'chip',
                          onclick: () => openText(failure.text),
                        },
                        failure.text,
                      ),
                      h(
                        'small',
                        {},
                        failure.reference === null
                          ? `wanted ${failure.expectation}, read ${plain(failure.probability)}`
                          : `wanted ${failure.expectation} and as “${failure.reference}”, which reads ${plain(failure.reference_probability)}; read ${plain(failure.probability)}`,
                      ),
                    ),
                  ),
                )
              : h('p', { class: 'hint' }, 'No failures.'),
            one.met_cases.length > 0 &&
              h(
                'details',
                { class: 'met' },
                h('summary', {}, `${one.passed} met`),
                h(
                  'ul',
                  { class: 'held' },
                  one.met_cases.map((held) =>
                    h(
                      'li',
                      {},
                      h(
                        'button',
                        { type: 'button', class: 'chip', onclick: () => openText(held.text) },
                        held.text,
                      ),
                      h('small', {}, `${held.expectation}, as wanted`),
                    ),
                  ),
                ),
                one.passed > one.met_cases.length &&
                  h('p', { class: 'hint' }, `and ${one.passed - one.met_cases.length} more`),
              ),
            one.failures.length > 40 &&
              h('p', { class: 'hint' }, `and ${one.failures.length - 40} more in the JSON`),
          ),
        ),
      ),
    );
  };
  const load = latest('suite', draw);
  const start = () => {
    run.disabled = true;
    body.replaceChildren(h('p', { class: 'hint' }, 'Running …'));
    load({});
  };
  const first = () => {
    if (state.panel === 'report' && !result) start();
  };
  on('panel', first);
  first();
});
