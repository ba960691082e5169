// The Read panel: the verdict, a sentence in words, and the stage on which the text is read.
import { phraseCard, wordCard } from '../scripts/card.js';
import { wordEvents } from '../scripts/choosing.js';
import { complaint, h, onWidth } from '../scripts/elements.js';
import { meterView } from '../scripts/faith.js';
import { flowView, windowAt } from '../scripts/flow.js';
import { ALWAYS, shownNumber } from '../scripts/lanes.js';
import { questions, remember, setText } from '../scripts/navigation.js';
import { networkZoom } from '../scripts/network.js';
import { plain, polarity, signed } from '../scripts/numbers.js';
import { wholeParts } from '../scripts/parts.js';
import { player } from '../scripts/player.js';
import { glide, headAt, rest } from '../scripts/head.js';
import { drawStage } from '../scripts/stage.js';
import { definePanel, latest, on, selectWords, state } from '../scripts/state.js';
import { term } from '../scripts/tips.js';
import { verdictView } from '../scripts/verdict.js';

const legendOf = (reading) => {
  const { gradients, ledger } = reading;
  const choose = (event) => {
    state.baseline = event.target.value;
    setText(state.text, { at: 'again' });
    remember('same');
  };
  const baseline = h(
    'select',
    { 'aria-label': 'Baseline of integrated gradients', onchange: choose },
    state.config.baselines.map((name) =>
      h('option', { value: name, selected: name === gradients.baseline }, name),
    ),
  );
  const within = gradients.converged ? 'within' : 'beyond';
  return h(
    'p',
    { class: 'legend' },
    'Words are tinted by ',
    term('integrated gradients'),
    ', baseline ',
    baseline,
    ` (reads ${signed(gradients.baseline_logit)}); `,
    h(
      'span',
      { class: `badge ${gradients.converged ? 'kept' : 'broken'}` },
      term(
        'residual',
        `residual ${signed(gradients.residual, 4)} at ${gradients.steps} steps, ${within} ±${plain(gradients.tolerance, 3)}`,
      ),
    ),
    state.lanes.includes('ledger') &&
      h(
        'span',
        { class: 'badge kept' },
        `ledger with the bias ${signed(ledger.bias)} sums to ${signed(reading.logit)}, residual ${signed(ledger.residual, 6)}`,
      ),
  );
};

const under = (reading) => [wholeParts(reading), legendOf(reading)];

const tableOf = (reading) => {
  const { lanes } = state.config;
  const head = ['word', ...lanes.map((lane) => lane.title), 'running logit'];
  return h(
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
          head.map((name) => h('th', { scope: 'col' }, name)),
        ),
      ),
      h(
        'tbody',
        {},
        reading.tokens.map((token, i) =>
          h(
            'tr',
            { 'data-row': i },
            h('th', { scope: 'row' }, token.text),
            lanes.map((lane) => h('td', {}, shownNumber(lane, reading.lanes[lane.name]?.[i]))),
            h('td', {}, signed(reading.running.logits[i])),
          ),
        ),
      ),
    ),
  );
};

definePanel('read', (element) => {
  const verdict = h('section', { class: 'verdict', 'aria-label': 'Verdict' });
  const sentence = h('p', {
    class: 'sentence-in-words',
    'aria-live': 'polite',
  });
  const mechanism = h('p', { class: 'mechanism' });
  const flow = h('div', {});
  const stage = h('div', {
    class: 'stage',
    role: 'group',
    'aria-label':
      'Words of the sentence. Arrow keys move, Enter pins, Shift with an arrow selects a phrase.',
  });
  const card = h('section', {
    class: 'card wordcard',
    'aria-live': 'polite',
    hidden: true,
  });
  const interplay = h('p', { class: 'interplay' });
  const legend = h('div', {});
  const faith = h('section', { class: 'faith', 'aria-label': 'Faithfulness' });
  const table = h('details', { class: 'numbers' }, h('summary', {}, 'All numbers as a table'));
  const methods = h('div', { class: 'methods' });
  const moreMethods = h(
    'details',
    { class: 'more' },
    h('summary', {}, 'More methods'),
    methods,
    faith,
    table,
  );
  const hint = 'Click a word for what it is worth; drag over several, or Shift with an arrow.';
  const zoom = networkZoom();
  const moved = (head) => {
    if (state.reading.tokens.length > 60) show.window(head);
    headAt(stage, head);
  };
  const playing = player(
    moved,
    (head, delay, duration) => glide(stage, head, delay, duration),
    () => rest(stage),
  );
  const phraseMode = h(
    'button',
    {
      type: 'button',
      class: 'chip mode',
      'aria-pressed': 'false',
      onclick: () => {
        state.phraseMode = !state.phraseMode;
        phraseMode.setAttribute('aria-pressed', String(state.phraseMode));
      },
    },
    'tap two words for a phrase',
  );
  const bench = h('div', { class: 'bench' }, stage, card);
  const live = h(
    'div',
    { class: 'live' },
    flow,
    playing.element,
    bench,
    zoom.element,
    interplay,
    legend,
    h('div', { class: 'controls' }, h('p', { class: 'hint' }, hint), phraseMode),
    moreMethods,
  );
  element.replaceChildren(
    h(
      'div',
      { id: 'reading', class: 'panel' },
      h('div', { class: 'outcome' }, verdict, h('div', {}, sentence, mechanism)),
      live,
    ),
  );
  let width = 0;
  let window = [0, 0];

  const draw = () => {
    const { reading } = state;
    if (!reading || !width) return;
    window = windowAt(reading.tokens.length, state.head, width, window);
    flow.replaceChildren(...flowView(reading, width, window, playing.go));
    drawStage(stage, reading, width, window);
    headAt(stage, state.head);
    place();
  };
  const show = {
    window: (head) => {
      if (head >= window[0] && head < window[1]) return;
      draw();
    },
  };
  // The card stands under the curve at the chosen word; on a phone it is a sheet at the foot.
  const place = () => {
    const index = state.span ? state.span[1] - 1 : state.pinned;
    const word = index === null ? null : stage.querySelector(`.tokens [data-token="${index}"]`);
    if (!word) return;
    const at = word.getBoundingClientRect();
    const around = bench.getBoundingClientRect();
    const left = Math.max(0, Math.min(at.left - around.left - 40, around.width - 430));
    card.style.setProperty('--left', `${left}px`);
    const curve = word.closest('.line').querySelector('svg.curve');
    const { bottom } = curve.getBoundingClientRect();
    card.style.setProperty('--top', `${bottom - around.top + 6}px`);
  };
  const lanesToChoose = () => {
    methods.replaceChildren(
      ...state.config.lanes
        .filter((lane) => !ALWAYS.includes(lane.name))
        .map((lane) =>
          h(
            'label',
            {},
            h('input', {
              type: 'checkbox',
              'data-lane': lane.name,
              checked: state.lanes.includes(lane.name),
              onchange: (event) => {
                state.lanes = event.target.checked
                  ? [...state.lanes, lane.name]
                  : state.lanes.filter((name) => name !== lane.name);
                draw();
                legend.replaceChildren(...(state.reading ? under(state.reading) : []));
                remember('same');
              },
            }),
            h('span', {}, h('b', {}, lane.title), ' ', h('small', {}, lane.plain)),
          ),
        ),
    );
  };
  const joined = () => {
    const found = state.reading?.interplay;
    if (!found) {
      interplay.replaceChildren();
      return;
    }
    const choose = () => selectWords(found.start, found.end - 1);
    interplay.replaceChildren(
      'The words that work most on each other (',
      term('interaction'),
      '): ',
      h('button', { type: 'button', class: 'chip', onclick: choose }, found.words),
      ' reads ',
      h('b', { class: polarity(found.score) }, signed(found.score)),
      ', ',
      h('q', {}, found.first.words),
      ` alone ${signed(found.first.logit)} and `,
      h('q', {}, found.second.words),
      ` alone ${signed(found.second.logit)}.`,
    );
  };
  const numbers = () => {
    table.replaceChildren(table.firstElementChild);
    if (state.reading && table.open) table.append(tableOf(state.reading));
  };
  table.addEventListener('toggle', numbers);

  const phrase = latest('phrase', (answer, question) => {
    if (!state.reading || question.text !== state.reading.text || !state.span) return;
    card.replaceChildren(...phraseCard(answer, state.reading).filter(Boolean));
    place();
  });
  const select = () => {
    draw();
    const { reading, span, pinned } = state;
    card.hidden = !reading || (pinned === null && !span);
    if (card.hidden) {
      card.replaceChildren();
      return;
    }
    if (span)
      phrase({
        ...questions(),
        text: reading.text,
        start: span[0],
        end: span[1],
      });
    else card.replaceChildren(...wordCard(reading, pinned));
    place();
  };

  const read = (answer) => {
    element.classList.remove('stale');
    if (answer.pending) return;
    playing.stop();
    if (answer.message) {
      verdict.replaceChildren(complaint(answer.message));
      live.hidden = true;
      sentence.replaceChildren();
      mechanism.replaceChildren();
      return;
    }
    live.hidden = false;
    const last = answer.tokens.length - 1;
    state.head = Math.min(state.headAsked ?? last, last);
    window = [0, 0];
    verdict.replaceChildren(...verdictView(answer.verdict).filter(Boolean));
    sentence.textContent = answer.sentence;
    mechanism.textContent = answer.mechanism?.sentence ?? '';
    legend.replaceChildren(...under(answer));
    faith.replaceChildren(...meterView(answer));
    numbers();
    joined();
    playing.show();
    select();
    zoom.forget();
    zoom.ask();
  };
  on('verdict', (answer) => {
    element.classList.add('stale');
    if (answer.message) {
      verdict.replaceChildren(complaint(answer.message));
      sentence.replaceChildren();
      mechanism.replaceChildren();
    } else verdict.replaceChildren(...verdictView(answer).filter(Boolean));
  });
  on('reading', read);
  on('stand', () => Number.isInteger(state.headAsked) && playing.go(state.headAsked));
  on('more', () => {
    draw();
    faith.replaceChildren(...meterView(state.reading));
    joined();
    numbers();
    if (state.pinned !== null) select();
  });
  on('select', select);
  on('lanes', () => {
    lanesToChoose();
    draw();
  });
  wordEvents(stage);
  lanesToChoose();
  if (state.lanes.length) moreMethods.open = true;
  onWidth(live, (now) => {
    width = now;
    draw();
    zoom.resized(now - 34); // its frame
  });
  if (state.reading) read(state.reading);
});
