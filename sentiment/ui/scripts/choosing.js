// Pointer and keys on words: hover lights, a click pins, a drag or Shift with an arrow selects.
import { lightToken, selectWords, state } from './state.js';

export const wordEvents = (root) => {
  let from = null;
  let moved = false;
  const at = (event) => {
    const there = document.elementFromPoint(event.clientX, event.clientY);
    const word = /** @type {HTMLElement | null} */ (there?.closest('.token'));
    return word && root.contains(word) ? Number(word.dataset.token) : null;
  };
  root.addEventListener('pointerover', (event) => {
    const mark = event.target.closest('[data-token]');
    lightToken(mark ? mark.dataset.token : null);
  });
  root.addEventListener('pointerleave', () => lightToken(null));
  root.addEventListener('focusin', (event) => {
    const mark = event.target.closest('[data-token]');
    if (mark) lightToken(mark.dataset.token);
  });
  root.addEventListener('focusout', () => lightToken(null));
  root.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !event.target.closest('.token')) return;
    from = at(event);
    moved = false;
    if (event.pointerType === 'mouse') event.preventDefault();
  });
  root.addEventListener('pointermove', (event) => {
    if (from !== null && event.buttons === 0) {
      cancel();
      return;
    } // let go outside the strip
    if (from === null) return;
    const to = at(event);
    if (to !== null && (to !== from || moved)) {
      moved = true;
      for (const word of root.querySelectorAll('.word'))
        word.classList.toggle(
          'inside',
          Number(word.dataset.index) >= Math.min(from, to) &&
            Number(word.dataset.index) <= Math.max(from, to),
        );
    }
  });
  root.addEventListener('pointerup', (event) => {
    if (from === null) return;
    const start = from;
    const to = at(event);
    from = null;
    if (to === null) return;
    state.focus = to;
    if (moved && to !== start) selectWords(start, to);
    else if (state.phraseMode && state.pinned !== null && state.pinned !== to)
      selectWords(state.pinned, to);
    else if (event.shiftKey && state.pinned !== null) selectWords(state.pinned, to);
    else selectWords(state.pinned === to ? null : to);
    root.querySelector(`[data-index="${to}"]`)?.focus({ preventScroll: true });
  });
  const cancel = () => {
    if (from === null) return;
    from = null;
    for (const word of root.querySelectorAll('.word'))
      word.classList.toggle(
        'inside',
        Boolean(state.span) &&
          Number(word.dataset.index) >= state.span[0] &&
          Number(word.dataset.index) < state.span[1],
      );
  };
  root.addEventListener('pointercancel', cancel);
  document.addEventListener('pointerup', (event) => {
    if (!root.contains(event.target)) cancel();
  });
  root.addEventListener('click', (event) => {
    // A click without a pointer comes from a screen reader or a key.
    const word = event.target.closest('.word');
    if (word && event.detail === 0) {
      const index = Number(word.dataset.index);
      state.focus = index;
      selectWords(state.pinned === index ? null : index);
    }
  });
  let anchor = null;
  root.addEventListener('keydown', (event) => {
    const word = event.target.closest('.word');
    if (!word) return;
    const index = Number(word.dataset.index);
    const count = root.querySelectorAll('.word').length;
    const to = {
      ArrowRight: index + 1,
      ArrowLeft: index - 1,
      Home: 0,
      End: count - 1,
    }[event.key];
    if (event.key === 'Escape') {
      anchor = null;
      selectWords(null);
      return;
    }
    if (to === undefined || to < 0 || to >= count) return;
    event.preventDefault();
    state.focus = to;
    if (event.shiftKey) {
      anchor ??= index;
      selectWords(anchor, to);
    } else anchor = null;
    for (const one of root.querySelectorAll('.word'))
      one.tabIndex = Number(one.dataset.index) === to ? 0 : -1;
    root.querySelector(`[data-index="${to}"]`)?.focus();
  });
};
