// The Compare panel: two texts aligned on one scale, edits with undo, the states' path.
import {
  alignedView,
  comparedLanes,
  partsView,
  pathView,
  sideView,
  togetherView,
} from '../scripts/aligned.js';
import { editMenu } from '../scripts/edits.js';
import { complaint, grow, h, onWidth, say } from '../scripts/elements.js';
import { modelsSection } from '../scripts/models.js';
import { questions, rememberSoon, setText } from '../scripts/navigation.js';
import { percent, signed } from '../scripts/numbers.js';
import { askServer, debounce, definePanel, latest, on, state } from '../scripts/state.js';

const shownLanes = new Set(['ledger', 'gradients']);
const undo = [];

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
    'aria-label': 'Minimal pairs of the sentence, and its words in another order',
  });
  const why = h('p', { class: 'hint own', hidden: true });
  const result = h('div', { class: 'result', 'aria-live': 'polite' });
  const tools = h('div', {
    class: 'tools',
    role: 'group',
    'aria-label': 'Changes to show under the words',
  });
  const strip = h('div', { class: 'strip aligned' });
  const together = h('div', { class: 'chart' });
  const sum = h('ul', { class: 'sum-line parts-sum' });
  const several = modelsSection();
  const places = h('div', { class: 'places' });
  const menu = editMenu((text) => apply(text));
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
        back.disabled = undo.length === 0;
        say('Undone.');
      },
    },
    'Undo',
  );
  const live = h(
    'div',
    { class: 'live' },
    h(
      'div',
      { class: 'both' },
      h('div', {}, h('h2', {}, 'Both verdicts, word by word'), together),
      h('div', {}, h('h2', {}, 'Where the change comes from'), sum),
    ),
    h('h2', {}, 'Aligned, change by change'),
    tools,
    strip,
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
      why,
      h('p', { class: 'hint' }, 'Choose what A is:'),
      pairs,
      result,
      live,
      h('h2', {}, 'Change a word of your sentence'),
      h(
        'p',
        { class: 'hint' },
        'Choose a word to delete, replace or negate it. The sentence as it was becomes A, so that every change shows.',
      ),
      menu.words,
      menu.menu,
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
      several.element,
    ),
  );
  let answer = null;
  let width = 0;
  let seed = 0;

  /** @type {string | null} */
  let own = null;
  /** Whether A is still the sentence's own pair, and no choice of a person's. */
  const automatic = () => !state.compare || (own !== null && state.compare === own);
  /** A's box holds what is compared, and says why where that is the sentence's own pair. */
  const showCompared = () => {
    if (other.value !== state.compare) other.value = state.compare;
    grow(other);
    why.hidden = !own || state.compare !== own;
  };
  const setCompare = (text) => {
    state.compare = text;
    showCompared();
    ask();
    rememberSoon();
  };
  other.addEventListener('input', () => {
    state.compare = other.value;
    showCompared();
    if (state.compare.trim()) askSoon();
    else alone('Write a text to compare with, or choose one below.');
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
    const [before, after] = [got.first.verdict, got.second.verdict];
    const many = before.labels.length > 2; // whose logits cross nothing: the greatest one wins
    const outcome =
      before.label === after.label && before.leaning === after.leaning
        ? '; the verdict stays'
        : many
          ? `; the verdict goes from ${before.label} to ${after.label}`
          : before.leaning !== after.leaning
            ? ' and crosses 0: the verdict turns'
            : `; the verdict goes from ${before.label} to ${after.label} without crossing 0`;
    result.replaceChildren(
      h('div', { class: 'sides' }, sideView('A', got.first), sideView('B', got.second)),
      h(
        'p',
        { class: 'sentence-in-words' },
        `From A to B the logit${many ? ` of “${got.first.target}”` : ''} changes by ${signed(got.logit_delta)}${outcome}. `,
        `The final state’s own part goes from ${signed(got.first.final)} to ${signed(got.second.final)}`,
        many ? '.' : `: by itself it ${flip ? 'flips' : 'does not flip'}.`,
      ),
    );
    draw();
  });
  /** Nothing stands beside the sentence, and why. */
  const alone = (note) => {
    element.classList.remove('stale');
    answer = null;
    live.hidden = true;
    result.replaceChildren(h('p', { class: 'sentence-in-words' }, note));
  };
  const ask = () => {
    if (!state.compare) return;
    if (state.panel !== 'compare') return;
    element.classList.add('stale');
    compare({ ...questions(), compare: state.compare });
  };
  const askSoon = debounce(150, ask);
  const draw = () => {
    if (!answer || !width) return;
    strip.replaceChildren(...alignedView(answer, width, shownLanes));
    const half = matchMedia('(min-width: 62rem)').matches ? (width - 48) / 2 : width;
    together.replaceChildren(togetherView(answer, half));
    sum.replaceChildren(...partsView(answer));
    places.replaceChildren(
      pathView(answer, Math.min(width, 640)),
      h(
        'p',
        { class: 'hint' },
        `Hidden states after each word, on the two directions in which both texts together vary most (${percent(answer.path.shares[0])} and ${percent(answer.path.shares[1])} of the variance). A is dashed, B is solid; blue and orange tell the sign of the running logit. A flat picture of ${state.config.hidden} dimensions: near points may lie apart.`,
      ),
    );
  };
  tools.append(
    ...comparedLanes().map((lane) =>
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
        `Δ ${lane.title}`,
      ),
    ),
  );

  const apply = (text) => {
    undo.push({ text: state.text, compare: state.compare });
    const before = state.text;
    state.compare = before;
    showCompared();
    setText(text, { at: 'once' });
    say('Edited. The sentence as it was is now A.');
  };
  let offered = null;
  const edits = latest('edits', (got) => {
    if (offered && offered.text === got.text) return; // drawn already; a menu may be open
    offered = got.message ? null : got;
    if (got.message && automatic()) {
      element.classList.remove('stale');
      answer = null;
      live.hidden = true;
      result.replaceChildren(complaint(got.message));
    }
    back.disabled = undo.length === 0;
    menu.show(offered);
    if (!offered) {
      pairs.replaceChildren();
      return;
    }
    const seen = new Set(got.own ? [got.own.text] : []);
    const turning = got.offered.filter(
      (edit) =>
        ['insert negation', 'remove negation', 'antonym', 'neutral'].includes(edit.kind) &&
        !seen.has(edit.text) &&
        seen.add(edit.text),
    );
    // Until a person chooses, the sentence stands against its own pair that moves it most.
    if (automatic()) {
      own = got.own?.text ?? '';
      state.compare = own;
      if (own) ask();
      else alone(got.own_note);
    } else own = got.own?.text ?? '';
    why.textContent = got.own?.said ?? '';
    showCompared();
    pairs.replaceChildren(
      ...[...(got.own ? [got.own] : []), ...turning].slice(0, 6).map((edit) =>
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
            if (!next.trim()) return;
            state.compare = text;
            showCompared();
            setText(next, { at: 'once' });
          },
        },
        'swap A and B',
      ),
    );
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
    grow(other);
    tiny.replaceChildren();
    // What is its own pair is not known before its edits are.
    if (automatic() && offered?.text !== state.text) element.classList.add('stale');
    else ask();
    several.ask();
    edits({ ...questions() });
  };
  on('reading', refresh);
  on('panel', refresh);
  on('compare', () => {
    showCompared();
    ask();
  });
  on('scale', draw);
  onWidth(strip, (now) => {
    width = now;
    draw();
  });
  refresh();
});
