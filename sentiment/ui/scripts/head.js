// The reading head on a drawn stage: what it has read, and its way from word to word.

/** What of a drawn stage belongs to each word, and what the reading head showed last. */
const drawn = new WeakMap();
const parts = (root) => {
  const known = drawn.get(root);
  if (known && known.first === root.firstElementChild) return known;
  const marks = [];
  for (const one of root.querySelectorAll('[data-token]'))
    (marks[Number(one.dataset.token)] ??= []).push(one);
  const lines = [...root.querySelectorAll('.line')].map((line) => ({
    line,
    tokens: [...line.querySelectorAll('.tokens .token')].map((t) => Number(t.dataset.token)),
    centres: line.dataset.centres.split(' ').map(Number),
    width: parseFloat(line.querySelector('.track').style.width),
    moving: [
      { part: line.querySelector('.reveal'), at: (x, width) => x - width },
      { part: line.querySelector('.counter'), at: (x, width) => width - x },
      { part: line.querySelector('.glide'), at: (x) => x },
    ],
    place: null,
    played: [],
  }));
  const found = { first: root.firstElementChild, marks, lines, head: null };
  drawn.set(root, found);
  return found;
};

/** Shows the stage as it is when the network has read word `index`, and no further. */
export const headAt = (root, index) => {
  const stage = parts(root);
  const { marks, lines, head } = stage;
  const [low, high] =
    head === null ? [-1, marks.length] : [Math.min(head, index), Math.max(head, index)];
  for (let token = Math.max(low, 0); token <= high; token += 1)
    for (const one of marks[token] ?? []) {
      one.classList.toggle('ahead', token > index);
      one.classList.toggle('now', token === index);
    }
  for (const one of lines) {
    const read = one.tokens.filter((token) => token <= index).length;
    const x = read === one.tokens.length ? one.width : read ? one.centres[read - 1] : 0;
    stand(one, x);
  }
  stage.head = index;
};

const shift = (x) => `translateX(${x}px)`;
/** The line read up to `x`, at rest. */
const stand = (one, x) => {
  for (const animation of one.played) animation.cancel();
  one.played = [];
  if (one.place === x) return;
  for (const { part, at } of one.moving) part.style.transform = shift(at(x, one.width));
  one.place = x;
};

/**
 * The reading head goes from word `index` to the next in `duration` ms, `delay` ms from now.
 * @param {HTMLElement} root
 */
export const glide = (root, index, delay, duration) => {
  const { lines } = parts(root);
  const one = lines.find((line) => line.tokens.includes(index + 1));
  if (!one) return;
  const place = one.tokens.indexOf(index + 1);
  const [from, to] = [place ? one.centres[place - 1] : 0, one.centres[place]];
  if (!one.line.classList.contains('reading')) {
    rest(root);
    one.line.classList.add('reading');
    one.line.scrollIntoView({ block: 'nearest', behavior: 'smooth' }); // it stays in sight
  }
  one.played = one.moving.map(({ part, at }) =>
    part.animate(
      { transform: [from, to].map((x) => shift(at(x, one.width))) },
      { duration, delay, fill: 'both' },
    ),
  );
};

/** No line is being read any more. @param {HTMLElement} root */
export const rest = (root) => {
  for (const line of root.querySelectorAll('.reading')) line.classList.remove('reading');
};
