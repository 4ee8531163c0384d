import { expect, test } from 'vitest';
import { Visited } from '../../runtime/explore/visited.js';

const bounds = (changes: number, interrupts: number, faults: number) => ({ changes, interrupts, faults });

test('a state is gone on from again where less was unusual before, in whatever way', () => {
  const visited = new Visited();
  expect(visited.visit(7, bounds(2, 1, 1))).toBe(false);
  expect(visited.visit(7, bounds(2, 1, 1))).toBe(true);
  expect(visited.visit(7, bounds(3, 2, 1))).toBe(true);
  expect(visited.visit(7, bounds(1, 5, 5))).toBe(false);
  expect(visited.visit(7, bounds(5, 0, 5))).toBe(false);
  expect(visited.visit(7, bounds(5, 5, 0))).toBe(false);
  expect(visited.visit(8, bounds(5, 5, 5))).toBe(false);
  visited.clear();
  expect(visited.visit(7, bounds(9, 9, 9))).toBe(false);
});

test('what is too unusual to be noted is gone on from each time', () => {
  const visited = new Visited();
  expect(visited.visit(7, bounds(5000, 0, 0))).toBe(false);
  expect(visited.visit(7, bounds(5000, 0, 0))).toBe(false);
});
