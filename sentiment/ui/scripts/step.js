// One step of the cell as a diagram with its numbers, played once when a person asks.
import { h, reduced, s } from './elements.js';
import { plain } from './numbers.js';

const BEAT = 900;
const number = (x, y, value) => s('text', { x, y, class: 'strong' }, plain(value, 2));
const name = (x, y, text) => s('text', { x, y }, text);
const line = (d) => s('path', { class: 'arrow', d });
const valve = (x, y, sign) => [
  s('circle', { cx: x, cy: y, r: 13, class: 'valve' }),
  s('text', { x, y: y + 5, class: 'strong' }, sign),
];

/** What is said while each part lights up. */
const SAID = [
  'The old memory of this unit comes in.',
  'The forget gate lets this share of it stay.',
  'The word offers a candidate; the input gate lets this share of it in.',
  'Kept and new together are the memory after this word.',
  'The output gate shows this share of the memory’s tanh: the hidden state.',
];

/** @param {Record<string, number>} at numbers of one unit at one word */
const diagram = (at) =>
  s(
    'svg',
    {
      class: 'drawn step',
      viewBox: '0 0 330 168',
      role: 'img',
      'aria-label': `Cell: ${plain(at.forget)} of ${plain(at.before)} kept, ${plain(at.input)} of ${plain(at.candidate)} added, ${plain(at.cell)} after it; hidden state ${plain(at.hidden)}`,
    },
    s('g', {}, line('M8,44H74'), name(38, 20, 'old cell'), number(38, 36, at.before)),
    s(
      'g',
      {},
      line('M88,92V58'),
      valve(88, 44, '×'),
      name(88, 124, 'forget'),
      number(88, 108, at.forget),
    ),
    s(
      'g',
      {},
      line('M102,44H160'),
      line('M174,92V58'),
      valve(174, 44, '+'),
      name(180, 124, 'input × new'),
      number(180, 108, at.input * at.candidate),
      name(180, 140, `${plain(at.input)} × ${plain(at.candidate)}`),
    ),
    s('g', {}, line('M188,44H322'), name(244, 20, 'new cell'), number(244, 36, at.cell)),
    s(
      'g',
      {},
      line('M290,44V74'),
      valve(290, 87, '×'),
      name(290, 124, 'output'),
      number(258, 92, at.output),
      line('M290,100V108'),
      name(290, 140, 'hidden'),
      number(290, 156, at.hidden),
    ),
  );

/** The diagram and its control. Reduced motion goes on by one part at a press. */
export const stepView = (at) => {
  const picture = diagram(at);
  const parts = [...picture.querySelectorAll(':scope > g')];
  const said = h('p', { class: 'hint', 'aria-live': 'polite' });
  let timer = null;
  let next = 0;
  const light = () => {
    picture.classList.add('playing');
    parts.forEach((part, i) => part.classList.toggle('reached', i <= next));
    said.textContent = SAID[next];
    next = (next + 1) % parts.length;
  };
  const ended = () => {
    picture.classList.remove('playing');
    button.textContent = 'Play this step';
  };
  const run = () => {
    if (!picture.isConnected) return;
    light();
    timer = setTimeout(next ? run : ended, next ? BEAT : 2 * BEAT);
  };
  const button = h(
    'button',
    {
      type: 'button',
      class: 'action',
      onclick: () => {
        clearTimeout(timer);
        if (reduced()) {
          light();
          return;
        }
        next = 0;
        run();
      },
    },
    'Play this step',
  );
  return [picture, said, button];
};
