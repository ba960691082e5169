// The first picture, drawn before Gradio is there from what came with the page: the bar and the
// panel "Read" in the places that they have later. Once Gradio has both of them mounted they move
// there as they are, with what was typed meanwhile.
import { componentOf } from './early.js';
import { h } from './elements.js';
import { openPanel, opens } from './navigation.js';
import { drawEarly, on, state } from './state.js';

const EARLY = ['bar', 'read'];
const PATIENCE = 20_000;
/** A text drawn in another font would move once the page's own is there. */
const FONTS = 600;

const fonts = () =>
  Promise.race([
    Promise.all(
      ['400', '700'].map((weight) => document.fonts.load(`${weight} 17px "Source Sans Pro"`)),
    ),
    new Promise((resolve) => setTimeout(resolve, FONTS)),
  ]);

const darkened = () => {
  const asked = new URLSearchParams(location.search).get('__theme');
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  document.body.classList.toggle('dark', asked ? asked === 'dark' : dark);
};

const introduction = () => {
  const text = window.gradio_config.components.find((one) => one.props?.elem_id === 'introduction');
  const [title, ...lines] = text.props.value.split('\n');
  return h('div', { id: 'introduction' }, h('h1', {}, title.replace(/^# /, '')), h('p', {}, lines));
};

const tabs = (config) => {
  const open = (name) => {
    opens(name);
    openPanel(name);
  };
  return h(
    'div',
    { class: 'tab-wrapper' },
    config.panels.map(({ name, title }) =>
      h('button', { type: 'button', 'data-tab': name, onclick: () => open(name) }, title),
    ),
  );
};

/** Gradio's copy of the styles lacks the outer rules of media queries: ours must come after it. */
const keepLast = () => {
  const own = document.getElementById('own-style');
  const last = new MutationObserver(() => {
    if (
      own.compareDocumentPosition([...document.head.querySelectorAll('style')].pop()) &
      Node.DOCUMENT_POSITION_FOLLOWING
    )
      document.head.append(own);
  });
  last.observe(document.head, { childList: true });
  setTimeout(() => last.disconnect(), PATIENCE);
};

const opening = async () => {
  const root = document.documentElement;
  const found = EARLY.map(componentOf);
  const done = () => {
    root.classList.remove('opening');
    document.getElementById('opening')?.remove();
  };
  if (!found.every(Boolean)) {
    done();
    return;
  }
  keepLast();
  darkened();
  await fonts();
  const config = found[0].props.value;
  const [bar, read] = EARLY.map(() => h('div', { class: 'microscope' }));
  const row = tabs(config);
  const page = h('div', { id: 'opening' }, h('div', {}, introduction(), bar, row, read));
  document.querySelector('.skip').after(page);
  const props = { bar: found[0].props, read: found[1].props };
  if (!drawEarly({ bar, read }, props, done)) {
    done(); // Gradio was quicker
    return;
  }
  const mark = () => {
    read.hidden = state.panel !== 'read';
    for (const one of row.children)
      one.classList.toggle(
        'selected',
        /** @type {HTMLElement} */ (one).dataset.tab === state.panel,
      );
  };
  on('panel', mark);
  mark();
  setTimeout(done, PATIENCE);
};
if (document.documentElement.classList.contains('opening')) opening();
