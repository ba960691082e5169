import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asked, written } from '../../sentiment/ui/scripts/address.js';
import { around, crosses, labelRoom } from '../../sentiment/ui/scripts/labels.js';
import { broken, centres } from '../../sentiment/ui/scripts/lines.js';
import { percent, plain, polarity, signed } from '../../sentiment/ui/scripts/numbers.js';
import { fitted, linear, roundUp } from '../../sentiment/ui/scripts/scales.js';

test('a number has its sign, a true minus, and no sign where it is nothing', () => {
  assert.equal(signed(1.234), '+1.23');
  assert.equal(signed(-1.5, 1), '−1.5');
  assert.equal(signed(-0.001), '0.00');
  assert.equal(signed(0), '0');
  assert.equal(signed(null), '–');
  assert.equal(plain(-0.0001), '0.00');
  assert.equal(plain(-2.5), '−2.50');
  assert.equal(percent(0.125), '13 %');
  assert.deepEqual(
    [319 / 320, 1, 0, 0.0004].map((one) => percent(one)),
    ['99.7 %', '100 %', '0 %', '0.1 %'],
  );
  assert.deepEqual([1, -1, 0].map(polarity), ['positive', 'negative', 'zero']);
});

test('lines hold every word once, in order, within the room', () => {
  for (const room of [90, 320, 700, 5000]) {
    const wanted = Array.from({ length: 40 }, (_, i) => 54 + ((i * 37) % 90));
    const lines = broken(wanted, room);
    assert.deepEqual(
      lines.flatMap((line) => line.tokens),
      wanted.map((_, i) => i),
    );
    for (const line of lines) {
      assert.ok(line.width <= room + 0.5);
      assert.ok(Math.abs(line.sizes.reduce((a, b) => a + b, 0) - line.width) < 1e-9);
      assert.equal(centres(line).length, line.tokens.length);
      assert.equal(centres(line)[0], line.sizes[0] / 2);
    }
  }
  assert.deepEqual(broken([], 300), []);
  const glued = [50, 50, 50, 30].map((size, i) => i === 3);
  const kept = broken([50, 50, 50, 30], 150, glued).map((line) => line.tokens);
  assert.deepEqual(kept, [
    [0, 1],
    [2, 3],
  ]);
});

test('scales are round, hold their values and never leave the picture', () => {
  assert.equal(roundUp(0), 1);
  assert.equal(roundUp(0.021), 0.03);
  assert.equal(roundUp(4), 4);
  assert.equal(roundUp(7.6), 10);
  assert.equal(fitted([0.2, -0.7, null]), 0.75);
  assert.equal(fitted([0.01], 0.5), 0.5);
  const y = linear(0, 1, 100, 0);
  assert.deepEqual([y(-1), y(0), y(0.25), y(2)], [100, 100, 75, 0]);
});

const config = {
  first: { text: 'not good' },
  labels: ['low', 'middle', 'high'],
  baselines: ['padding', 'unknown'],
  lanes: [{ name: 'deletion' }, { name: 'norm' }],
  panels: [{ name: 'read' }, { name: 'padding' }],
  stories: [{ name: 'far' }],
  limits: { characters: 5000 },
};

test('an address gives back the state that it was written from', () => {
  const place = {
    text: 'a fine film & more',
    compare: '',
    panel: 'padding',
    target: 'middle',
    baseline: 'unknown',
    lanes: ['deletion'],
    pinned: null,
    span: [1, 3],
    padding: 12,
    story: 'far',
    step: 2,
  };
  assert.deepEqual(asked(written(place), config), place);
  const word = { ...place, panel: 'read', padding: null, span: null, pinned: 2 };
  assert.deepEqual(asked(written(word), config), word);
});

test('an address that asks for what there is not gets the page as it opens', () => {
  const place = asked('?text=%20&target=x&baseline=y&lanes=z&word=-1&phrase=4-2&panel=q', config);
  assert.equal(place.text, 'not good');
  assert.deepEqual(
    [place.target, place.baseline, place.lanes, place.pinned, place.span, place.panel],
    [null, null, [], null, null, 'read'],
  );
});

test('a line goes through a box or passes it', () => {
  const box = { left: 10, right: 20, top: 10, bottom: 20 };
  for (const [line, through] of [
    [
      [
        [0, 0],
        [30, 30],
      ],
      true,
    ],
    [
      [
        [15, 12],
        [16, 13],
      ],
      true,
    ],
    [
      [
        [0, 15],
        [9, 15],
      ],
      false,
    ],
    [
      [
        [0, 0],
        [30, 5],
      ],
      false,
    ],
    [
      [
        [15, 0],
        [15, 30],
      ],
      true,
    ],
    [
      [
        [25, 0],
        [25, 30],
      ],
      false,
    ],
  ])
    assert.equal(crosses(line, box), through, JSON.stringify(line));
});

test('labels lie where nothing else does, and one that must be there is', () => {
  const room = labelRoom(200, 100);
  room.curve([
    [0, 50],
    [100, 50],
    [200, 10],
  ]);
  room.dot([100, 50], 5);
  const first = room.place(30, around([100, 50], 5, false));
  assert.deepEqual(first, { x: 100, y: 69, anchor: 'middle' });
  const second = room.place(30, [first], { far: true });
  assert.ok(second.x !== first.x || second.y !== first.y);
  const narrow = labelRoom(20, 100);
  assert.equal(narrow.place(60, around([10, 50], 5, false)), null);
  assert.notEqual(narrow.place(60, around([10, 50], 5, false), { must: true }), null);
});
