// The words of a sentence as buttons, and under the chosen one what may be done to it.
import { h } from './elements.js';
import { plain, polarity, quote } from './numbers.js';

/**
 * The words and the menu under them; `apply` gets the edited text.
 * @param {(text: string) => void} apply
 */
export const editMenu = (apply) => {
  const words = h('div', {
    class: 'edit-words',
    role: 'group',
    'aria-label': 'Words of the sentence; choose one to edit',
  });
  const menu = h('div', { class: 'card menu', hidden: true });
  let offered = null;
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
      give(
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
    const { text: own } = offered.tokens[i];
    const negated = offered.tokens
      .map((token, j) => token.gap + (j === i ? `not ${token.text}` : token.text))
      .join('');
    const negatable = /^\p{L}{3,}/u.test(own) && !here.some((edit) => edit.text === negated);
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
                onclick: () => give(edit.text),
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
        negatable &&
          h(
            'button',
            { type: 'button', class: 'action', onclick: () => give(negated) },
            `Put “not” before ${quote(own)}`,
          ),
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
  const close = () => {
    menu.hidden = true;
  };
  const give = (text) => {
    close();
    apply(text);
  };
  /** Shows the words of what is offered, or nothing. */
  const show = (got) => {
    offered = got;
    close();
    words.replaceChildren(
      ...(got?.tokens ?? []).flatMap((token, i) => [
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
      ]),
      ...(got?.note ? [h('p', { class: 'hint' }, got.note)] : []),
    );
  };
  return { words, menu, show };
};
