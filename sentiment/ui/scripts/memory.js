// How far words reach: what is left of each in the final cell, and gradients through time.
import { h, s } from './elements.js';
import { plain, quote, signed } from './numbers.js';
import { term } from './tips.js';

const SPOKEN = /[\p{L}\p{N}\p{So}]/u;
/** Of which words the final cell is made above all, in words; marks come behind them. */
export const madeOf = (answer) => {
  const { shares } = answer.ledger;
  const most = shares
    .map((share, i) => ({ share, word: answer.tokens[i].text }))
    .filter((one) => Math.round(100 * one.share) > 0)
    .sort((a, b) => b.share - a.share);
  const listed = (some) =>
    new Intl.ListFormat('en').format(
      some.map((one) => `${quote(one.word)} (${signed(100 * one.share, 0)} %)`),
    );
  const words = most.filter((one) => SPOKEN.test(one.word)).slice(0, 3);
  if (!words.length) return 'No word has a share of the final memory, the cell, that shows.';
  const marks = most
    .filter((one) => !SPOKEN.test(one.word))
    .filter((one) => one.share > words[0].share);
  const beside = marks.length
    ? `; the mark ${listed(marks.slice(0, 1))} has a larger one still`
    : '';
  return `Of the words ${listed(words)} ${words.length > 1 ? 'have the largest shares' : 'has the largest share'} of the final memory, the cell${beside}.`;
};

/** What each word wrote into the cell, and what is left of it at the end. */
export const keptView = (answer) => {
  const kept = answer.ledger.kept;
  const top = Math.max(...answer.ledger.written, 1e-9);
  return [
    h(
      'ul',
      { class: 'kept' },
      answer.tokens.map((token, i) =>
        h(
          'li',
          { 'data-token': i },
          h('span', {}, token.text),
          h(
            'i',
            {
              class: 'rail',
              'data-tip': `wrote ${plain(answer.ledger.written[i])}, of which ${plain(kept[i])} is left in the final cell`,
            },
            h('i', {
              class: 'wrote',
              style: {
                '--size': `${(100 * answer.ledger.written[i]) / top}%`,
              },
            }),
            h('i', { style: { '--size': `${(100 * kept[i]) / top}%` } }),
          ),
          h('b', {}, plain(kept[i])),
          h('small', {}, `${signed(100 * answer.ledger.shares[i], 0)} %`),
        ),
      ),
    ),
    h(
      'p',
      { class: 'hint' },
      `The final cell is an exact sum over the words: what each wrote (faint, ‖i ⊙ g‖) and what the later forget gates left of it (strong). Full length ${plain(top)}. The percentages are signed shares of the final cell that sum to 100 %; residual ${answer.ledger.residual.toExponential(0)}.`,
    ),
  ];
};

/** How strongly a push at each word would move the logit, on a logarithmic axis. */
export const reachView = (answer, width) => {
  const { cell, forget, full, twin_hidden: twin, twin_full: twinFull, note } = answer.reach;
  const series = [
    ['LSTM, cell, all paths: ‖∂(w·h_T)/∂c_t‖', cell, 'cell'],
    ['LSTM, cell, by the forget gates alone', forget, 'forget'],
    ['LSTM, whole head: ‖∂z/∂x_t‖', full, 'full'],
    ['vanilla RNN, along the state', twin, 'twin'],
    ['vanilla RNN, whole head', twinFull, 'twin-full'],
  ].filter(([, values]) => values);
  const all = series.flatMap(([, values]) => values).filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.max(Math.min(...all), 1e-12)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...all))));
  const size = Math.min(width, 900);
  const height = 260;
  const count = answer.tokens.length;
  const x = (i) => 56 + (size - 80) * (count === 1 ? 0.5 : i / (count - 1));
  const y = (value) =>
    12 + (height - 56) * (1 - (Math.log10(Math.max(value, 1e-12)) - low) / (high - low));
  const every = Math.ceil(count / Math.max(1, Math.floor((size - 80) / 64)));
  return [
    s(
      'svg',
      {
        class: 'reach',
        width: size,
        height,
        role: 'img',
        'aria-label': `Gradient norm at each word, logarithmic. ${series.map(([name, values]) => `${name}: first word ${values[0].toPrecision(2)}, last word ${values[count - 1].toPrecision(2)}`).join('; ')}`,
      },
      Array.from({ length: high - low + 1 }, (_, i) => low + i).map((power) => [
        s('line', {
          class: 'middle',
          x1: x(0),
          x2: x(count - 1),
          y1: y(10 ** power),
          y2: y(10 ** power),
        }),
        s(
          'text',
          { x: 24, y: y(10 ** power) + 4 },
          power < -3 || power > 3 ? `1e${String(power).replace('-', '−')}` : String(10 ** power),
        ),
      ]),
      answer.tokens.map(
        (token, i) =>
          i % every === 0 && s('text', { x: x(i), y: height - 24 }, token.text.slice(0, 10)),
      ),
      s('text', { x: size / 2, y: height - 4 }, 'word; up: gradient norm, logarithmic'),
      series.map(([name, values, kind]) => [
        s('polyline', {
          class: kind,
          points: values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(' '),
        }),
        values.map((value, i) =>
          s('circle', {
            class: kind,
            cx: x(i),
            cy: y(value),
            r: 3.5,
            'data-token': i,
            'data-tip': `${name} at ${quote(answer.tokens[i].text)}: ${value.toPrecision(3)}`,
          }),
        ),
      ]),
    ),
    h(
      'ul',
      { class: 'keys-row' },
      series.map(([name, , kind]) =>
        h(
          'li',
          {},
          s(
            'svg',
            { width: 34, height: 10, class: 'reach', 'aria-hidden': 'true' },
            s('polyline', { class: kind, points: '0,5 34,5' }),
          ),
          name,
        ),
      ),
    ),
    note && h('p', { class: 'notice' }, note),
    h(
      'p',
      { class: 'hint' },
      'How strongly a small push at each word would move the logit. A flat line means that far words still count; a ',
      term('vanilla RNN'),
      '’s line along the state mostly falls with distance, since the state is multiplied by one matrix and squashed at every step; through the whole head its far words are reached by the pools too.',
    ),
  ];
};
