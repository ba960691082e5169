// The bar above the panels: the sentence, examples, link and downloads.
import { asked } from './address.js';
import { copyText, grow, h, saveFile, say } from './elements.js';
import { link, moreSoon, openPanel, opens, questions, remember, setText } from './navigation.js';
import { pictureSvg, pngOf, svgText } from './picture.js';
import { askServer, definePanel, emit, on, state } from './state.js';
import { storyList, tell } from './stories.js';

const sharing = () => {
  const shown = h('input', {
    class: 'link',
    readonly: true,
    'aria-label': 'Link to this view',
    hidden: true,
  });
  const copying = async () => {
    remember('same');
    shown.value = link();
    if (await copyText(shown.value)) {
      button.textContent = 'Link copied';
      setTimeout(() => {
        button.textContent = 'Copy link';
      }, 1600);
    } else {
      shown.hidden = false;
      shown.select();
    }
    say('The link to this view is ready.');
  };
  const button = h('button', { type: 'button', class: 'action', onclick: copying }, 'Copy link');
  return [button, shown];
};

const download = (label, kind, type) => {
  const onclick = async () => {
    const answer = await askServer('download', { ...questions(), kind });
    if (answer.message) say(answer.message);
    else saveFile(answer.name, type, answer.content);
  };
  return h('button', { type: 'button', class: 'action', onclick }, label);
};

const picture = (label) => {
  const onclick = async () => {
    const { reading } = state;
    if (!reading) return;
    const stage = [...document.querySelectorAll('#reading .stage .tokens .token')];
    const at = stage.map((one) => Number(/** @type {HTMLElement} */ (one).dataset.token));
    const from = at.length ? Math.min(...at) : 0;
    const to = at.length ? Math.max(...at) + 1 : Math.min(60, reading.tokens.length);
    const svg = pictureSvg(reading, from, to);
    if (label === 'SVG') saveFile('reading.svg', 'image/svg+xml', svgText(svg));
    else saveFile('reading.png', 'image/png', await pngOf(svg));
  };
  return h('button', { type: 'button', class: 'action', onclick }, label);
};

/** The panels on a phone, where the tabs would not fit. */
const phoneTabs = (config) => {
  const buttons = config.panels.map((panel) =>
    h(
      'button',
      { type: 'button', 'data-panel': panel.name, onclick: () => openPanel(panel.name) },
      panel.title,
    ),
  );
  const mark = () => {
    for (const one of buttons)
      if (one.dataset.panel === state.panel) one.setAttribute('aria-current', 'page');
      else one.removeAttribute('aria-current');
  };
  on('panel', mark);
  mark();
  return h('nav', { class: 'phone-tabs', 'aria-label': 'Panels' }, buttons);
};

const targets = (labels) => {
  if (labels.length <= 2) return null;
  const onchange = (event) => {
    state.target = event.target.value || null;
    setText(state.text, { at: 'once' });
  };
  const options = labels.map((label) =>
    h('option', { value: label, selected: label === state.target }, label),
  );
  return h(
    'label',
    { class: 'target' },
    'Explain the label ',
    h('select', { onchange }, h('option', { value: '' }, 'predicted'), options),
  );
};

const example = (text) =>
  h(
    'button',
    {
      type: 'button',
      class: 'chip',
      onclick: () => setText(text, { at: 'once' }),
    },
    text,
  );

definePanel('bar', (element, props) => {
  /** @type {Settings} */
  const config = props.value;
  state.config = config;
  state.scale = config.scales.logit;
  Object.assign(state, asked(location.search, config));
  if (state.panel !== 'read') opens(state.panel);

  const box = h('textarea', {
    id: 'sentence',
    rows: '1',
    spellcheck: 'true',
    lang: config.language,
    autocomplete: 'off',
    placeholder: 'Type a sentence to watch it being read, or take one from below',
    'aria-describedby': 'said',
    oninput: (event) => setText(event.target.value),
  });
  box.value = state.text;
  const [share, shown] = sharing();
  const actions = h(
    'div',
    { class: 'actions' },
    share,
    download('JSON', 'json', 'application/json'),
    download('HTML', 'html', 'text/html'),
    picture('SVG'),
    picture('PNG'),
    config.stories.length > 0 && storyList(),
  );
  const aside = !config.panels.find((panel) => panel.name === state.panel).about_sentence;
  element.replaceChildren(
    h(
      'div',
      { id: 'bar', class: aside ? 'bar aside' : 'bar' },
      h(
        'div',
        { class: 'above' },
        h('label', { for: 'sentence' }, 'Sentence'),
        targets(config.labels),
        actions,
      ),
      box,
      h(
        'div',
        { class: 'examples', role: 'group', 'aria-label': 'Examples' },
        config.examples.map(example),
      ),
      shown,
      h('p', { id: 'said', class: 'unseen', role: 'status' }),
    ),
    phoneTabs(config),
  );
  on('text', () => {
    if (box.value !== state.text) box.value = state.text;
    grow(box);
  });
  on('panel', () => grow(box));
  grow(box);

  if (state.text === config.first.text && !state.target && !state.baseline) {
    state.reading = config.first;
    moreSoon(questions());
  } else setText(state.text, { at: 'again' });
  emit('reading', state.reading ?? { pending: true });
  if (state.story) tell(state.story, state.step, false);
  else remember('same');
  if (matchMedia('(pointer: fine)').matches) box.focus({ preventScroll: true });
});
