// What Gradio's elements and the tests reach of the scripts, and what they lack by themselves.
import { h } from './elements.js';
import { selected, triggered } from './navigation.js';
import { connected, mountPanel, state } from './state.js';

window.microscope = {
  connect: connected,
  mount: mountPanel,
  selected,
  state,
  triggered,
};

// `?embed=1`: the stage alone, for another page's frame.
if (new URLSearchParams(location.search).get('embed') === '1') {
  document.documentElement.classList.add('embed');
}

const skip = (event) => {
  event.preventDefault();
  /** @type {HTMLElement | null} */
  const word = document.querySelector('.stage .word[tabindex="0"]');
  word?.focus();
};
document.body.prepend(
  h('a', { class: 'skip', href: '#reading', onclick: skip }, 'Skip to the words'),
);

// Arrow keys go from tab to tab.
document.addEventListener('keydown', (event) => {
  const tab = /** @type {HTMLElement} */ (event.target).closest?.('[role="tab"]');
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!tab || !step) return;
  /** @type {any[]} */
  const tabs = [...tab.closest('[role="tablist"]').querySelectorAll('[role="tab"]')];
  const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
  event.preventDefault();
  next.click();
  next.focus();
});
