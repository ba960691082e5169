// The Compare panel: two texts aligned on one scale, edits with undo, the states' path.
import { complaint, h, onWidth, s, say } from '../scripts/elements.js';
import { questions, rememberSoon, setText } from '../scripts/navigation.js';
import { percent, plain, polarity, quote, signed } from '../scripts/numbers.js';
import { askServer, debounce, definePanel, latest, on, state } from '../scripts/state.js';
import { verdictView } from '../scripts/verdict.js';
import { breakLines, laneBar, scaleOf } from '../scripts/lanes.js';

const LANES = [
  { name: 'total', title: 'Δ ledger', term: 'ledger' },
  { name: 'last', title: 'Δ final state', term: 'ledger' },
  { name: 'pool', title: 'Δ max-pool', term: 'pool contribution' },
  { name: 'mean', title: 'Δ mean-pool', term: 'ledger' },
  {
    name: 'gradients',
    title: 'Δ integrated gradients',
    term: 'integrated gradients',
  },
].map((lane) => ({ ...lane, signed: true, unit: 'logit' }));
const shownLanes = new Set(['total', 'gradients']);
const undo = [];

const side = (name, answer) =>
  h(
    'div',
    { class: 'side' },
    h('p', { class: 'name' }, h('b', {}, name), ' ', h('q', {}, answer.text)),
    verdictView(answer.verdict),
  );

const path = (answer, width) => {
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

const aligned = (answer, width) => {
  const narrow = width < 560;
  const label = narrow ? 0 : 124;
  const word = (row, key) => (row[key] === null ? '' : answer[key].tokens[row[key]].text);
  const longer = (row) =>
    [word(row, 'first'), word(row, 'second')].sort((a, b) => b.length - a.length)[0];
  const lines = breakLines(answer.rows.map(longer), width, label, 58);
  const lanes = LANES.filter((lane) => shownLanes.has(lane.name));
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
            h('span', { class: 'name' }, lane.title),
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
              'aria-label': `${word(row, 'first') || 'nothing'} against ${word(row, 'second') || 'nothing'}, ${row.kind}: ${lanes.map((lane) => `${lane.title} ${signed(answer.deltas[lane.name][i])}`).join(', ')}`,
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

definePanel('compare', (element) => {
  const other = h('textarea', {
    id: 'compared',
    rows: '1',
    spellcheck: 'true',
    lang: 'en',
  });
  other.value = state.compare;
  const pairs = h('div', {
    class: 'examples',
    role: 'group',
    'aria-label': 'Minimal pairs of the sentence',
  });
  const result = h('div', { class: 'result', 'aria-live': 'polite' });
  const tools = h('div', {
    class: 'tools',
    role: 'group',
    'aria-label': 'Changes to show under the words',
  });
  const strip = h('div', { class: 'strip aligned' });
  const sum = h('p', { class: 'sum-line' });
  const places = h('div', { class: 'places' });
  const words = h('div', {
    class: 'edit-words',
    role: 'group',
    'aria-label': 'Words of the sentence; choose one to edit',
  });
  const menu = h('div', { class: 'card menu', hidden: true });
  const tiny = h('div', { class: 'smallest', 'aria-live': 'polite' });
  const back = h(
    'button',
    {
      type: 'button',
      class: 'action',
      disabled: true,
      onclick: () => {
        const kept = undo.pop();
        if (!kept) return;
        setCompare(kept.compare);
        setText(kept.text, { at: 'once' });
        say('Undone.');
      },
    },
    'Undo',
  );
  const live = h(
    'div',
    { class: 'live' },
    h('h2', {}, 'Aligned, change by change'),
    tools,
    strip,
    sum,
    h('h2', {}, 'Where the states part'),
    places,
  );
  element.replaceChildren(
    h(
      'div',
      { id: 'comparing', class: 'panel' },
      h(
        'div',
        { class: 'sentence' },
        h('label', { for: 'compared' }, 'Compared with (A); your sentence above is B'),
        other,
      ),
      h('p', { class: 'hint' }, 'Minimal pairs of your sentence, as A:'),
      pairs,
      result,
      live,
      h('h2', {}, 'Change a word of your sentence'),
      h(
        'p',
        { class: 'hint' },
        'Choose a word to delete, replace or negate it. The sentence as it was becomes A, so that every change shows.',
      ),
      words,
      menu,
      h(
        'div',
        { class: 'actions' },
        back,
        h(
          'button',
          {
            type: 'button',
            class: 'action',
            onclick: () => {
              tiny.textContent = 'Searching …';
              smallest({ ...questions() });
            },
          },
          'Smallest edit that turns the verdict',
        ),
      ),
      tiny,
    ),
  );
  let answer = null;
  let width = 0;
  let seed = 0;

  /** @type {string | null} */
  let own = null;
  const setCompare = (text) => {
    state.compare = text;
    if (other.value !== text) other.value = text;
    ask();
    rememberSoon();
  };
  other.addEventListener('input', () => {
    state.compare = other.value;
    askSoon();
    rememberSoon();
  });
  const compare = latest('compare', (got) => {
    element.classList.remove('stale');
    answer = got.message ? null : got;
    live.hidden = !answer;
    if (got.message) {
      result.replaceChildren(complaint(got.message));
      return;
    }
    const flip = got.first.final > 0 !== got.second.final > 0;
    const turned = got.first.verdict.leaning !== got.second.verdict.leaning;
    result.replaceChildren(
      h('div', { class: 'sides' }, side('A', got.first), side('B', got.second)),
      h(
        'p',
        { class: 'sentence-in-words' },
        `From A to B the logit changes by ${signed(got.logit_delta)}${turned ? ' and crosses 0: the verdict turns' : got.first.verdict.label === got.second.verdict.label ? '; the verdict stays' : `; the verdict goes from ${got.first.verdict.label} to ${got.second.verdict.label} without crossing 0`}. `,
        `The final state’s own part goes from ${signed(got.first.final)} to ${signed(got.second.final)}: by itself it ${flip ? 'flips' : 'does not flip'}.`,
      ),
    );
    draw();
  });
  const ask = () => {
    if (!state.compare) return;
    if (state.panel !== 'compare') return;
    element.classList.add('stale');
    compare({ ...questions(), compare: state.compare });
  };
  const askSoon = debounce(150, ask);
  const draw = () => {
    if (!answer || !width) return;
    strip.replaceChildren(...aligned(answer, width));
    const total = (name) => answer.deltas[name].reduce((a, b) => a + b, 0);
    sum.replaceChildren(
      'Δ logit ',
      h('b', { class: polarity(answer.logit_delta) }, signed(answer.logit_delta)),
      ' = final state ',
      h('b', {}, signed(total('last'))),
      ' + max-pool ',
      h('b', {}, signed(total('pool'))),
      ' + mean-pool ',
      h('b', {}, signed(total('mean'))),
      ' + bias ',
      h('b', {}, signed(answer.bias_delta)),
      h('span', { class: 'badge' }, `residual ${signed(answer.residual, 6)}`),
    );
    places.replaceChildren(
      path(answer, Math.min(width, 900)),
      h(
        'p',
        { class: 'hint' },
        `Hidden states after each word, on the two directions in which both texts together vary most (${percent(answer.path.shares[0])} and ${percent(answer.path.shares[1])} of the variance). A is dashed, B is solid; blue and orange tell the running verdict. A flat picture of ${state.config.hidden} dimensions: near points may lie apart.`,
      ),
    );
  };
  tools.append(
    ...LANES.map((lane) =>
      h(
        'button',
        {
          type: 'button',
          class: 'chip',
          'aria-pressed': String(shownLanes.has(lane.name)),
          onclick: (event) => {
            if (shownLanes.has(lane.name)) shownLanes.delete(lane.name);
            else shownLanes.add(lane.name);
            event.currentTarget.setAttribute('aria-pressed', String(shownLanes.has(lane.name)));
            draw();
          },
        },
        lane.title,
      ),
    ),
  );

  const apply = (text) => {
    undo.push({ text: state.text, compare: state.compare });
    menu.hidden = true;
    const before = state.text;
    state.compare = before;
    other.value = before;
    setText(text, { at: 'once' });
    say('Edited. The sentence as it was is now A.');
  };
  let offered = null;
  const edits = latest('edits', (got) => {
    if (offered && offered.text === got.text) return; // drawn already; a menu may be open
    offered = got.message ? null : got;
    back.disabled = undo.length === 0;
    menu.hidden = true;
    if (!offered) {
      words.replaceChildren();
      pairs.replaceChildren();
      return;
    }
    words.replaceChildren(
      ...got.tokens
        .map((token, i) => [
          token.gap,
          h(
            'button',
            {
              type: 'button',
              class: 'word',
              'aria-expanded': 'false',
              onclick: (event) => open(i, event.currentTarget),
            },
            token.text,
          ),
        ])
        .flat(),
    );
    const seen = new Set();
    const turning = got.offered.filter(
      (edit) =>
        ['insert negation', 'remove negation', 'antonym', 'neutral'].includes(edit.kind) &&
        !seen.has(edit.text) &&
        seen.add(edit.text),
    );
    // Until a person chooses, the sentence stands against its own pair that moves it most.
    if (!state.compare || (own !== null && state.compare === own)) {
      const from = state.reading?.text === got.text ? state.reading.logit : 0;
      const moved = (edit) => Math.abs(edit.verdict.logit - from);
      own = [...turning].sort((a, b) => moved(b) - moved(a))[0]?.text ?? state.text;
      if (own !== state.compare) {
        state.compare = own;
        other.value = own;
        ask();
      }
    }
    pairs.replaceChildren(
      ...turning.slice(0, 6).map((edit) =>
        h(
          'button',
          {
            type: 'button',
            class: 'chip',
            'data-tip': edit.reason,
            onclick: () => setCompare(edit.text),
          },
          edit.text,
        ),
      ),
      h(
        'button',
        {
          type: 'button',
          class: 'chip mode',
          'data-tip':
            'The same words in another order. A bag of words could not tell the two apart.',
          onclick: async () => {
            seed += 1;
            const got2 = await askServer('shuffle', { text: state.text, seed });
            if (got2.text) setCompare(got2.text);
          },
        },
        'its words shuffled',
      ),
      h(
        'button',
        {
          type: 'button',
          class: 'chip mode',
          onclick: () => {
            const text = state.text;
            const next = state.compare;
            state.compare = text;
            other.value = text;
            setText(next, { at: 'once' });
          },
        },
        'swap A and B',
      ),
    );
  });
  const open = (i, button) => {
    for (const one of words.querySelectorAll('.word'))
      one.setAttribute('aria-expanded', String(one === button));
    const input = h('input', {
      type: 'text',
      'aria-label': `Replace ${offered.tokens[i].text} by`,
      maxlength: '60',
      placeholder: 'another word',
    });
    const replace = () => {
      if (!input.value.trim()) return;
      apply(
        offered.tokens
          .map((token, j) => token.gap + (j === i ? input.value.trim() : token.text))
          .join(''),
      );
    };
    input.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') {
        event.preventDefault();
        replace();
      }
    });
    const here = offered.offered.filter((edit) => edit.token === i);
    menu.hidden = false;
    menu.replaceChildren(
      h('h3', {}, 'Edit ', h('q', {}, offered.tokens[i].text)),
      h(
        'ul',
        { class: 'choices' },
        here.map((edit) =>
          h(
            'li',
            {},
            h(
              'button',
              {
                type: 'button',
                class: 'chip',
                onclick: () => apply(edit.text),
              },
              edit.reason,
            ),
            h(
              'span',
              {},
              'would read ',
              h(
                'b',
                { class: polarity(edit.verdict.logit) },
                edit.verdict.probability === null
                  ? edit.verdict.label
                  : `${edit.verdict.label} ${plain(edit.verdict.probability)}`,
              ),
            ),
          ),
        ),
      ),
      h(
        'div',
        { class: 'actions' },
        input,
        h('button', { type: 'button', class: 'action', onclick: replace }, 'Replace'),
      ),
    );
    menu.querySelector('button, input').focus({ preventScroll: true });
  };
  menu.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      menu.hidden = true;
      words.querySelector('[aria-expanded="true"]')?.focus();
    }
  });
  const smallest = latest('smallest', (got) => {
    if (got.message) {
      tiny.replaceChildren(complaint(got.message));
      return;
    }
    tiny.replaceChildren(
      h(
        'p',
        {},
        got.found
          ? [
              h('b', {}, got.edits.map((edit) => edit.reason).join(' and ')),
              ` turns it to ${got.verdict} (logit ${signed(got.logit)}): `,
              h(
                'button',
                {
                  type: 'button',
                  class: 'chip',
                  onclick: () => apply(got.text),
                },
                got.text,
              ),
            ]
          : 'No edit that was tried turns the verdict.',
      ),
      h(
        'p',
        { class: 'hint' },
        `${got.tried === 1 ? 'One edited text was' : `${got.tried} edited texts were`} read. ${got.candidates}`,
      ),
    );
  });

  const refresh = () => {
    if (state.panel !== 'compare') return;
    tiny.replaceChildren();
    ask();
    edits({ text: state.text });
  };
  on('reading', refresh);
  on('panel', refresh);
  on('compare', () => {
    other.value = state.compare;
    ask();
  });
  on('scale', draw);
  onWidth(strip, (now) => {
    width = now;
    draw();
  });
  refresh();
});
