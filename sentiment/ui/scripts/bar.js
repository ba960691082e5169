// The bar above the panels: the sentence, examples, link and downloads, and the page's state.
(() => {
  const m = microscope;
  const { h, state } = m;
  const aboutSentence = (name) => state.config.panels.find((panel) => panel.name === name).about_sentence;

  const address = () => {
    const query = new URLSearchParams();
    if (state.text) query.set('text', state.text);
    if (state.panel === 'compare' && state.compare) query.set('compare', state.compare);
    if (state.panel !== 'read') query.set('panel', state.panel);
    return query.toString();
  };
  const link = () => {
    const base = state.config.space ? `https://huggingface.co/spaces/${state.config.space}` : location.origin + location.pathname;
    return `${base}?${address()}`;
  };
  // The host's own parameters (theme, sign-in) stay in the address.
  const remember = ({ typing = false } = {}) => {
    if (state.text.length > state.config.limits.characters) return; // no address holds it
    const query = new URLSearchParams(location.search);
    for (const name of ['text', 'compare', 'panel']) query.delete(name);
    const others = query.toString();
    const next = `${location.pathname}?${address()}${others ? `&${others}` : ''}`;
    const kept = { text: state.text, compare: state.compare, panel: state.panel };
    const known = history.state?.microscope;
    if (known && known.text === kept.text && known.compare === kept.compare && known.panel === kept.panel) return;
    // Typing makes one entry, which its pauses rewrite; anything else makes one of its own.
    const store = typing && history.state?.typed ? 'replaceState' : 'pushState';
    history[store]({ ...history.state, microscope: kept, typed: typing }, '', next);
  };
  const rememberSoon = m.debounce(900, () => remember({ typing: true }));

  const questions = () => ({ text: state.text, target: state.target, baseline: state.baseline });
  const predict = m.latest('predict', (answer) => m.emit('verdict', answer), { between: true });
  const more = m.latest('more', (answer, question) => {
    if (state.reading && question.text === state.reading.text && !answer.message) {
      Object.assign(state.reading.lanes, answer.lanes);
      state.reading.faithfulness = answer.faithfulness;
      state.reading.interplay = answer.interplay;
      m.emit('more');
    }
  });
  const explain = m.latest('explain', (answer) => {
    state.reading = answer.message ? null : answer;
    state.pinned = null;
    state.span = null;
    m.emit('reading', answer);
    if (state.reading) moreSoon({ text: answer.text, target: state.target, baseline: state.baseline });
  });
  const moreSoon = m.debounce(150, more);
  const explainSoon = m.debounce(110, () => explain(questions()));

  const setText = (text, { at = 'typing' } = {}) => {
    state.text = text;
    const box = document.getElementById('sentence');
    if (box && box.value !== text) box.value = text;
    if (box) grow(box);
    m.emit('text');
    if (at === 'typing') { predict(questions()); explainSoon(); rememberSoon(); } else { explainSoon.cancel(); explain(questions()); if (at === 'once') remember(); }
  };
  const grow = (box) => { box.style.height = 'auto'; box.style.height = `${Math.min(box.scrollHeight + 2, 240)}px`; };

  // Gradio hides the tabs that do not fit a narrow page, so a panel is opened by the server.
  const openPanel = (name) => {
    if (state.panel === name) return;
    m.trigger({ panel: name });
    m.selected(name);
  };
  const show = (name, open) => {
    state.panel = name;
    document.getElementById('bar')?.classList.toggle('aside', !aboutSentence(name));
    if (open) m.trigger({ panel: name });
    m.emit('panel', name);
  };
  // While the page opens, Gradio first selects the first tab, then the one that was asked for.
  let opening = null;
  m.selected = (name) => {
    if (opening !== null && name !== opening) return;
    opening = null;
    if (state.panel === name) return;
    show(name, false);
    rememberSoon.cancel();
    remember();
  };
  m.setText = setText;
  m.openPanel = openPanel;
  m.openText = (text) => { setText(text, { at: 'opened' }); if (state.panel === 'read') remember(); else openPanel('read'); };
  m.rememberSoon = rememberSoon;
  m.questions = questions;

  m.panel('bar', (element, props) => {
    const config = props.value;
    state.config = config;
    state.scale = config.scales.logit;
    const asked = new URLSearchParams(location.search);
    const wanted = asked.get('text');
    state.compare = (asked.get('compare') ?? '').slice(0, config.limits.characters) || config.compare;
    state.text = wanted?.trim() ? wanted.slice(0, config.limits.characters) : config.first.text;

    const panel = asked.get('panel'); // the server opens its tab
    if (config.panels.some((one) => one.name === panel)) {
      state.panel = panel;
      opening = panel;
      setTimeout(() => { opening = null; }, 5000);
    }

    const box = h('textarea', {
      id: 'sentence', rows: '1', spellcheck: 'true', lang: 'en', autocomplete: 'off',
      placeholder: 'Type an English sentence …', 'aria-describedby': 'said',
      oninput: (event) => setText(event.target.value),
    });
    box.value = state.text;
    const examples = h('div', { class: 'examples', role: 'group', 'aria-label': 'Examples' },
      config.examples.map((text) => h('button', { type: 'button', class: 'chip', onclick: () => setText(text, { at: 'once' }) }, text)));
    const shown = h('input', { class: 'link', readonly: true, 'aria-label': 'Link to this view', hidden: true });
    const share = h('button', { type: 'button', class: 'action', onclick: async () => {
      remember();
      const text = link();
      shown.value = text;
      if (await m.copy(text)) { share.textContent = 'Link copied'; setTimeout(() => { share.textContent = 'Copy link'; }, 1600); } else { shown.hidden = false; shown.select(); }
      m.say('The link to this view is ready.');
    } }, 'Copy link');
    const download = (label, kind, type) => h('button', { type: 'button', class: 'action', onclick: async () => {
      const answer = await m.ask('download', { ...questions(), kind });
      if (answer.message) m.say(answer.message); else m.save(answer.name, type, answer.content);
    } }, label);
    const actions = h('div', { class: 'actions' }, share, download('JSON', 'json', 'application/json'), download('HTML', 'html', 'text/html'),
      h('button', { type: 'button', class: 'action', onclick: () => m.tour() }, 'One-minute tour'));
    const targets = config.labels.length > 2 && h('label', { class: 'target' }, 'Explain the label ', h('select', { onchange: (event) => { state.target = event.target.value || null; setText(state.text, { at: 'once' }); } },
      h('option', { value: '' }, 'predicted'), config.labels.map((label) => h('option', { value: label }, label))));
    element.replaceChildren(h('div', { id: 'bar', class: aboutSentence(state.panel) ? 'bar' : 'bar aside' },
      h('div', { class: 'above' }, h('label', { for: 'sentence' }, 'Sentence'), targets, actions),
      box, examples, shown,
      h('p', { id: 'said', class: 'unseen', role: 'status' })));
    grow(box);

    if (state.text === config.first.text) {
      state.reading = config.first;
      moreSoon(questions());
    } else setText(state.text, { at: 'load' });
    m.emit('reading', state.reading ?? { pending: true });
    history.replaceState({ ...history.state, microscope: { text: state.text, compare: state.compare, panel: state.panel } }, '');
    addEventListener('popstate', (event) => {
      const kept = event.state?.microscope;
      if (!kept) return;
      state.compare = kept.compare;
      m.emit('compare');
      if (kept.text !== state.text) setText(kept.text, { at: 'back' });
      if (kept.panel !== state.panel) show(kept.panel, true);
    });
    matchMedia('(pointer: fine)').matches && box.focus({ preventScroll: true });
  });
})();
