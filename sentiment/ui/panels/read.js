// The Read panel: the verdict, a sentence in words, the token strip, a phrase, faithfulness.
import { complaint, h, onWidth } from '../scripts/elements.js';
import { questions, setText } from '../scripts/navigation.js';
import { percent, plain, polarity, quote, signed } from '../scripts/numbers.js';
import { definePanel, emit, latest, on, selectWords, state } from '../scripts/state.js';
import { drawStrip, scaleOf, shownNumber, stripEvents } from '../scripts/strip.js';
import { GLOSSARY, term } from '../scripts/tips.js';
import { verdictView } from '../scripts/verdict.js';

const rows = new Set(['gradients', 'wins', 'curve']);

definePanel('read', (element) => {
  const verdict = h('section', {
    class: 'verdict',
    'aria-live': 'polite',
    'aria-label': 'Verdict',
  });
  const sentence = h('p', { class: 'sentence-in-words' });
  const tools = h('div', {
    class: 'tools',
    role: 'group',
    'aria-label': 'What to show under the words',
  });
  const strip = h('div', {
    class: 'strip',
    role: 'group',
    'aria-label':
      'Words of the sentence. Arrow keys move, Enter pins, Shift with an arrow selects a phrase.',
  });
  const interplay = h('p', { class: 'interplay' });
  const hint = h(
    'p',
    { class: 'hint' },
    'Hover a word to follow it, click to pin it, drag over several for the phrase’s score.',
  );
  const card = h('section', {
    class: 'card',
    'aria-live': 'polite',
    hidden: true,
  });
  const legend = h('section', {
    class: 'legend',
    'aria-label': 'What the lanes measure',
  });
  const faith = h('section', { class: 'faith', 'aria-label': 'Faithfulness' });
  const table = h('details', { class: 'numbers' }, h('summary', {}, 'All numbers as a table'));
  const live = h(
    'div',
    { class: 'live' },
    h('h3', {}, 'Word by word'),
    tools,
    h('div', { class: 'bench' }, strip, h('div', { class: 'notes' }, interplay, card)),
    hint,
    legend,
    faith,
    table,
  );
  element.replaceChildren(
    h(
      'div',
      { id: 'reading', class: 'panel' },
      h('div', { class: 'outcome' }, verdict, sentence),
      live,
    ),
  );
  let width = 0;

  const toggle = (name, title) =>
    h(
      'button',
      {
        type: 'button',
        class: 'chip',
        'data-lane': name,
        'aria-pressed': String(rows.has(name)),
        onclick: (event) => {
          if (rows.has(name)) rows.delete(name);
          else rows.add(name);
          event.currentTarget.setAttribute('aria-pressed', String(rows.has(name)));
          draw();
          legends();
        },
      },
      title,
    );
  tools.append(
    ...state.config.lanes.map((lane) => toggle(lane.name, lane.title)),
    toggle('curve', 'running verdict'),
    toggle('parts', 'its three parts'),
    h(
      'button',
      {
        type: 'button',
        class: 'chip mode',
        'aria-pressed': 'false',
        onclick: (event) => {
          state.phraseMode = !state.phraseMode;
          event.currentTarget.setAttribute('aria-pressed', String(state.phraseMode));
        },
      },
      'tap two words for a phrase',
    ),
  );

  // A short text leaves room beside its words for what is said of the chosen one.
  const draw = () => {
    if (!state.reading || !width) return;
    const widest = drawStrip(strip, state.reading, rows, width);
    strip.parentElement.classList.toggle('beside', width > 860 && widest < 0.5 * width);
  };
  const joined = () => {
    const found = state.reading?.interplay;
    interplay.replaceChildren(
      ...(found
        ? [
            'The strongest ',
            term('interaction', 'interaction'),
            ': ',
            h(
              'button',
              {
                type: 'button',
                class: 'chip',
                onclick: () => selectWords(found.start, found.end - 1),
              },
              found.words,
            ),
            ' reads ',
            h('b', { class: polarity(found.score) }, signed(found.score)),
            ', ',
            h('q', {}, found.first.words),
            ` alone ${signed(found.first.logit)} and `,
            h('q', {}, found.second.words),
            ` alone ${signed(found.second.logit)}.`,
          ]
        : []),
    );
  };
  const legends = () => {
    const reading = state.reading;
    if (!reading) {
      legend.replaceChildren();
      return;
    }
    const gradients = reading.gradients;
    const baseline = h(
      'select',
      {
        'aria-label': 'Baseline of integrated gradients',
        onchange: (event) => {
          state.baseline = event.target.value;
          setText(state.text, { at: 'again' });
        },
      },
      state.config.baselines.map((name) =>
        h('option', { value: name, selected: name === gradients.baseline }, name),
      ),
    );
    const scales = h(
      'label',
      { class: 'choice' },
      'Full height of the logit lanes ',
      h(
        'select',
        {
          onchange: (event) => {
            state.scale = Number(event.target.value);
            draw();
            legends();
            emit('scale');
          },
        },
        [...new Set([0.5, 1, 2, state.config.scales.logit])]
          .sort((a, b) => a - b)
          .map((one) =>
            h('option', { value: String(one), selected: one === state.scale }, `±${one} logits`),
          ),
      ),
      ' (taller bars are hatched)',
    );
    legend.replaceChildren(
      scales,
      h(
        'dl',
        {},
        state.config.lanes
          .filter((lane) => rows.has(lane.name))
          .map((lane) => {
            const scale = scaleOf(lane);
            const full = lane.unit.startsWith('share')
              ? percent(scale)
              : lane.unit === 'logit'
                ? `±${scale} logits`
                : `${scale}`;
            return [
              h('dt', {}, term(lane.term, lane.title)),
              h(
                'dd',
                {},
                h('span', { class: 'scale' }, `full height ${full}`),
                ' ',
                lane.name === 'gradients' && [
                  h(
                    'span',
                    {
                      class: `badge ${gradients.converged ? 'kept' : 'broken'}`,
                      'data-tip': GLOSSARY.residual,
                      tabindex: '0',
                      role: 'note',
                      'aria-label': `Residual ${signed(gradients.residual, 4)} at ${gradients.steps} steps, ${gradients.converged ? 'within' : 'beyond'} the tolerance ${plain(gradients.tolerance, 3)}`,
                    },
                    `residual ${signed(gradients.residual, 4)} at ${gradients.steps} steps, ${gradients.converged ? 'within' : 'beyond'} ±${plain(gradients.tolerance, 3)}`,
                  ),
                  ' baseline ',
                  baseline,
                  ` reads ${signed(gradients.baseline_logit)}`,
                ],
                lane.name === 'ledger' &&
                  h(
                    'span',
                    { class: 'badge kept' },
                    `with the bias ${signed(reading.ledger.bias)} sums to ${signed(reading.logit)}, residual ${signed(reading.ledger.residual, 6)}`,
                  ),
                reading.runs[lane.name] > 1 &&
                  h(
                    'span',
                    { class: 'badge' },
                    `one score for ${reading.runs[lane.name]} words, shared equally`,
                  ),
                lane.name === 'norm' && h('span', {}, 'a norm is no importance'),
              ),
            ];
          }),
      ),
    );
  };
  const numbers = () => {
    const reading = state.reading;
    table.replaceChildren(table.firstElementChild);
    if (!reading || !table.open) return;
    const lanes = state.config.lanes;
    table.append(
      h(
        'div',
        {
          class: 'scroller',
          tabindex: '0',
          role: 'region',
          'aria-label': 'Numbers of every word',
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
              h('th', { scope: 'col' }, 'word'),
              lanes.map((lane) => h('th', { scope: 'col' }, lane.title)),
              h('th', { scope: 'col' }, 'running logit'),
            ),
          ),
          h(
            'tbody',
            {},
            reading.tokens.map((token, i) =>
              h(
                'tr',
                { 'data-token': i },
                h('th', { scope: 'row' }, token.text),
                lanes.map((lane) => h('td', {}, shownNumber(lane, reading.lanes[lane.name]?.[i]))),
                h('td', {}, signed(reading.running.logits[i])),
              ),
            ),
          ),
        ),
      ),
    );
  };
  table.addEventListener('toggle', numbers);

  const phrase = latest('phrase', (answer, question) => {
    if (!state.reading || question.text !== state.reading.text || !state.span) return;
    if (answer.message) {
      card.replaceChildren(complaint(answer.message));
      return;
    }
    const part = (name, value) =>
      h('li', { class: polarity(value) }, h('span', {}, name), h('b', {}, signed(value)));
    const { alone } = answer;
    card.replaceChildren(
      h('h4', {}, 'Phrase ', h('q', {}, answer.words)),
      h(
        'p',
        {},
        'Read alone',
        ' it gives ',
        h('b', { class: polarity(alone.logit) }, signed(alone.logit)),
        alone.first && alone.second
          ? [
              ': ',
              h('q', {}, alone.first.words),
              ` alone ${signed(alone.first.logit)}, `,
              h('q', {}, alone.second.words),
              ` alone ${signed(alone.second.logit)}, and their `,
              term('interaction'),
              ' ',
              h('b', { class: polarity(alone.interaction) }, signed(alone.interaction)),
            ]
          : '',
        '.',
      ),
      h(
        'p',
        {},
        'Its ',
        term('share in context', 'share in this text'),
        ` is ${signed(answer.score)} of the logit ${signed(state.reading.logit)}:`,
      ),
      h(
        'ul',
        { class: 'sum' },
        part('final state', answer.last),
        part('max-pool', answer.max),
        part('mean-pool', answer.mean),
        part('all the rest', answer.rest),
        part('bias', answer.bias),
      ),
      h(
        'p',
        { class: 'hint' },
        `residual ${signed(answer.residual, 6)}. Escape clears the selection.`,
      ),
    );
  });
  const select = () => {
    draw();
    const reading = state.reading;
    card.hidden = !reading || (state.pinned === null && !state.span);
    if (card.hidden) {
      card.replaceChildren();
      return;
    }
    if (state.span) {
      phrase({
        ...questions(),
        text: reading.text,
        start: state.span[0],
        end: state.span[1],
      });
      return;
    }
    const i = state.pinned;
    const won = Math.round(reading.lanes.wins[i] * state.config.hidden);
    card.replaceChildren(
      h(
        'h4',
        {},
        'Word ',
        h('q', {}, reading.tokens[i].text),
        ` at position ${i + 1}`,
        reading.tokens[i].known ? '' : ', unknown to the model',
      ),
      h(
        'ul',
        { class: 'facts' },
        state.config.lanes.map((lane) =>
          h(
            'li',
            {},
            term(lane.term, lane.title),
            h(
              'b',
              {
                class: lane.signed ? polarity(reading.lanes[lane.name]?.[i]) : null,
              },
              shownNumber(lane, reading.lanes[lane.name]?.[i]),
            ),
          ),
        ),
      ),
      h(
        'p',
        {},
        `After it the running verdict is ${reading.running.probabilities ? plain(reading.running.probabilities[i]) : signed(reading.running.logits[i])}. It wins ${won} of ${state.config.hidden} hidden units in the max-pool`,
        reading.channels[i].length
          ? `; worth most: ${reading.channels[i].map((one) => `unit ${one.unit} ${signed(one.contribution)}${one.runner_up === null ? '' : ` (${plain(one.margin)} ahead of ${quote(reading.tokens[one.runner_up].text)})`}`).join(', ')}.`
          : '.',
      ),
    );
  };
  const meter = () => {
    const value = state.reading?.faithfulness;
    if (!value) {
      faith.replaceChildren(
        ...(state.reading?.tokens.length > state.config.limits.studied
          ? [
              h(
                'p',
                { class: 'hint' },
                `Phrase scores of every word and the faithfulness meter are worked out up to ${state.config.limits.studied} words; drag over words for a phrase’s score.`,
              ),
            ]
          : []),
      );
      return;
    }
    if (state.reading.tokens.length < 4) {
      faith.replaceChildren(
        h(
          'p',
          { class: 'hint' },
          'The faithfulness meter ranks the words of a text; it needs four of them to tell rankings apart.',
        ),
      );
      return;
    }
    const pass = (percentile) =>
      percentile >= 90 ? 'beats' : percentile > 50 ? 'is above the middle of' : 'is no better than';
    faith.replaceChildren(
      h('h3', {}, term('faithfulness', 'Faithfulness')),
      h(
        'p',
        {},
        `Take away the words a method ranks highest (a hundredth to a half of them, at least one; the mean over five such shares): how far does the probability of ${quote(value.label)} (${plain(value.probability)}) fall, next to ${value.random} random rankings, which lower it by ${plain(value.random_comprehensiveness)} on average?`,
      ),
      h(
        'ul',
        { class: 'percentiles' },
        value.methods.map((method) =>
          h(
            'li',
            {},
            h('span', {}, method.name),
            h(
              'i',
              { class: 'rail', 'aria-hidden': 'true' },
              h('i', {
                style: { '--size': `${method.comprehensiveness_percentile}%` },
              }),
            ),
            h('b', {}, signed(method.comprehensiveness)),
            h(
              'small',
              {},
              `fall, ${pass(method.comprehensiveness_percentile)} random (bar: percentile ${Math.round(method.comprehensiveness_percentile)}); fall with those words alone: ${signed(method.sufficiency)}`,
            ),
          ),
        ),
      ),
      h(
        'p',
        { class: 'hint' },
        'Figures of one model and one text; they do not compare across models. Short texts have few distinct rankings.',
      ),
    );
  };

  const show = (answer) => {
    element.classList.remove('stale');
    if (answer.pending) return;
    if (answer.message) {
      verdict.replaceChildren(complaint(answer.message));
      live.hidden = true;
      sentence.replaceChildren();
      return;
    }
    live.hidden = false;
    verdict.replaceChildren(...verdictView(answer.verdict).filter(Boolean));
    sentence.textContent = answer.sentence;
    legends();
    numbers();
    meter();
    joined();
    select();
  };
  on('verdict', (answer) => {
    if (answer.text === state.reading?.text && !answer.message) return;
    element.classList.add('stale');
    if (!answer.message) verdict.replaceChildren(...verdictView(answer).filter(Boolean));
  });
  on('reading', show);
  on('more', () => {
    draw();
    legends();
    meter();
    joined();
    numbers();
    if (state.pinned !== null) select();
  });
  on('select', select);
  stripEvents(strip);
  onWidth(live, (now) => {
    width = now;
    draw();
  });
  if (state.reading) {
    show(state.reading);
  }
});
