// The page's own small library: elements, numbers, state, questions to the server, tooltips.
// Text of a person reaches the document only as text nodes and attribute values, never as markup.
window.microscope = (() => {
  const SVG = 'http://www.w3.org/2000/svg';

  const fill = (node, attributes, children) => {
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
      else if (name === 'style') for (const [key, one] of Object.entries(value)) node.style.setProperty(key, one);
      else node.setAttribute(name, value === true ? '' : value);
    }
    node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
    return node;
  };
  const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
  const s = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

  // Numbers: a sign in front, a true minus, never a colour alone.
  const plain = (value, digits = 2) => (Number.isFinite(value) ? value.toFixed(digits).replace(/^-(?=[0.]*$)/, '').replace('-', '−') : '–');
  const signed = (value, digits = 2) => {
    if (!Number.isFinite(value)) return '–';
    const text = value.toFixed(digits);
    if (Number(text) === 0) return Math.abs(value) > 0 ? (0).toFixed(digits) : '0';
    return (value > 0 ? '+' : '') + text.replace('-', '−');
  };
  const percent = (value, digits = 0) => `${plain(100 * value, digits)} %`;
  const polarity = (value) => (value > 0 ? 'positive' : value < 0 ? 'negative' : 'zero');
  const sigmoid = (x) => 1 / (1 + Math.exp(-x));
  const quote = (text) => `“${text}”`;
  const reduced = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

  // State and those who want to hear of it.
  const state = { config: null, text: '', compare: '', panel: 'read', target: null, baseline: 'unknown', reading: null, pinned: null, span: null, scale: 1 };
  const listeners = {};
  const on = (event, listener) => (listeners[event] ??= new Set()).add(listener);
  const emit = (event, value) => { for (const listener of listeners[event] ?? []) listener(value); };

  // Questions to the server. One of a kind is under way and at most one waits: the newest.
  let connect;
  const server = new Promise((resolve) => { connect = resolve; });
  const ask = async (name, question) => {
    const answer = await (await server)[name](question);
    return answer ?? { message: 'The server did not answer. Wait a moment and try again.', busy: true };
  };
  const latest = (name, draw, { between = false } = {}) => {
    let running = false;
    let waiting = null;
    const run = async (question) => {
      if (running) { waiting = question; return; }
      running = true;
      let answer = await ask(name, question);
      for (let patience = 0; answer.busy && waiting === null && patience < 4; patience += 1) {
        await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** patience));
        if (waiting === null) answer = await ask(name, question);
      }
      running = false;
      const next = waiting;
      waiting = null;
      if (next === null || between) draw(answer, question);
      if (next !== null) run(next);
    };
    return run;
  };
  const debounce = (wait, call) => {
    let timer = null;
    const later = (...values) => { clearTimeout(timer); timer = setTimeout(() => call(...values), wait); };
    later.cancel = () => clearTimeout(timer);
    return later;
  };

  // One tooltip for the whole page: glossary and readings of marks.
  const tip = h('div', { id: 'tip', role: 'tooltip', hidden: true });
  const showTip = (anchor, text) => {
    if (!tip.isConnected) document.body.append(tip);
    tip.textContent = text;
    tip.hidden = false;
    const box = anchor.getBoundingClientRect();
    const width = Math.min(320, innerWidth - 16);
    tip.style.maxWidth = `${width}px`;
    const left = Math.max(8, Math.min(box.left + box.width / 2 - tip.offsetWidth / 2, innerWidth - tip.offsetWidth - 8));
    const above = box.top - tip.offsetHeight - 8;
    tip.style.left = `${left}px`;
    tip.style.top = `${above > 4 ? above : box.bottom + 8}px`;
  };
  const hideTip = () => { tip.hidden = true; };
  const tipOf = (event) => event.target.closest?.('[data-tip]');
  for (const kind of ['pointerover', 'focusin']) document.addEventListener(kind, (event) => {
    const anchor = tipOf(event);
    if (anchor) showTip(anchor, anchor.dataset.tip); else if (kind === 'pointerover') hideTip();
  });
  document.addEventListener('focusout', hideTip);
  addEventListener('scroll', hideTip, { passive: true });
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') hideTip(); });

  const GLOSSARY = {
    token: 'A word or mark as the model reads it. “don’t” is two: “do” and “n’t”.',
    logit: 'The network’s raw score, the log-odds of positive: 0 is undecided, +2 is about 88 % positive, −2 about 12 %.',
    'probability of positive': 'The logit squeezed into 0 to 1. From ⅓ to ⅔ the page says neutral.',
    'hidden state': 'The vector of numbers the LSTM carries from word to word: all it knows of the text so far.',
    'hidden norm': 'The length of the hidden state after a word. A long state is no important one: a norm has no sign and no target.',
    'state change': 'How far a word moved the hidden state: the length of the difference to the state before it.',
    'max-pool': 'For each hidden unit, the highest value it took at any word. The winner is the word where that was.',
    'max-pool wins': 'The share of the hidden units whose maximum the word holds. The shares sum to 100 %.',
    'pool contribution': 'What the maxima that a word holds add to the logit, through the head’s weights.',
    'integrated gradients': 'The logit’s gradient, summed along a path from as many unknown words (or another baseline) to yours (Sundararajan et al. 2017). The parts sum to the difference of the two logits, up to the residual shown.',
    deletion: 'The logit minus the logit of the text without the word. Positive: the word spoke for positive.',
    'contextual decomposition': 'Splits every state into what a phrase made and all the rest made (Murdoch et al. 2018). The phrase’s part of the logit is its score.',
    interaction: 'A phrase’s score less the scores of its words taken alone: large where one word turns another, as “not” turns “good”.',
    ledger: 'The logit as an exact sum: final-state, max-pool and mean-pool parts of every position, and a bias. It credits the state at a word, not the word as the cause.',
    'running verdict': 'The verdict if the text stopped here. Exact: the network reads left to right, so a state depends on the words before it alone.',
    residual: 'What a method’s sum leaves over against the number it must reach. Small is good; it is shown, not hidden.',
    faithfulness: 'Whether the words a method ranks highest are those the verdict rests on: delete them and see how far the probability falls, against random rankings.',
    'forget gate': 'Between 0 and 1: how much of the cell the network keeps at this word.',
    'input gate': 'Between 0 and 1: how much of the new candidate is written into the cell.',
    'output gate': 'Between 0 and 1: how much of the cell shows in the hidden state.',
    candidate: 'Between −1 and 1: what this word offers for writing into the cell.',
    cell: 'The memory that is changed by addition only, so that gradients survive over long distances.',
    packing: 'Reading exactly the words of each sentence, and none of the padding that makes a batch rectangular.',
    bucketing: 'Putting sentences of like length into one batch, so that little padding is needed.',
    'vanilla RNN': 'A recurrent network without gates and cell: the state is multiplied by the same matrix at every word.',
  };
  const term = (name, shown = name) => h('span', { class: 'term', tabindex: '0', 'data-tip': GLOSSARY[name] ?? name, 'aria-description': GLOSSARY[name] ?? '' }, shown);

  // Selection of tokens, shared by every view of the current text.
  const light = (index) => {
    for (const mark of document.querySelectorAll('.lit')) mark.classList.remove('lit');
    if (index !== null) for (const mark of document.querySelectorAll(`[data-token="${index}"]`)) mark.classList.add('lit');
  };
  const select = (first, last = first) => {
    state.pinned = first === last ? first : null;
    state.span = first === last ? null : [Math.min(first, last), Math.max(first, last) + 1];
    if (first === null) { state.pinned = null; state.span = null; }
    emit('select');
  };

  const message = (text) => h('p', { class: 'message', role: 'alert' }, text);
  const copy = async (text) => {
    try { await navigator.clipboard.writeText(text); return true; } catch { return false; }
  };
  const save = (name, type, content) => {
    const link = h('a', { href: URL.createObjectURL(new Blob([content], { type })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  const say = (text) => { const live = document.getElementById('said'); if (live) live.textContent = text; };

  // Redraw when the width that a drawing was made for changes.
  const onWidth = (node, draw) => {
    let width = 0;
    new ResizeObserver(([entry]) => {
      const now = Math.round(entry.contentRect.width);
      if (now && Math.abs(now - width) > 4) { width = now; draw(now); }
    }).observe(node);
  };

  const panels = {};
  const panel = (name, mount) => { panels[name] = mount; };
  const mount = (name, element, props, watch) => panels[name](element, props, watch);

  return { h, s, plain, signed, percent, polarity, sigmoid, quote, reduced, state, on, emit, ask, latest, debounce, connect, term, GLOSSARY, light, select, message, copy, save, say, onWidth, panel, mount, hideTip };
})();
