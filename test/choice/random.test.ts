import { expect, test } from 'vitest';
import { Random, SeededRandom } from '../../runtime/choice/random.js';

test('the generator is the same everywhere: the first numbers of a seed', () => {
  const random = new Random(1);
  const numbers = Array.from({ length: 4 }, () => random.u32());
  const again = new Random(1);
  expect(Array.from({ length: 4 }, () => again.u32())).toEqual(numbers);
  expect(new Random(2).u32()).not.toBe(numbers[0]);
});

test('below(n) reaches every number under n and none above', () => {
  const random = new Random(7);
  const seen = new Set(Array.from({ length: 1000 }, () => random.below(7)));
  expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test('gaps are whole and not negative', () => {
  const strategy = new SeededRandom(3);
  for (let i = 0; i < 1000; i++) {
    const gap = strategy.gap();
    expect(Number.isInteger(gap) && gap >= 0).toBe(true);
  }
});
