import fc from 'fast-check';
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

test('of thousands of states each is told from the others', () => {
  const visited = new Visited();
  const seen = new Set<number>();
  const state = fc.oneof(fc.nat(50), fc.maxSafeNat(), fc.nat(50).map((n) => n * 0x1_0000_0000), fc.nat(50).map((n) => 0x8000_0000 + n));
  fc.assert(
    fc.property(fc.array(state, { minLength: 50, maxLength: 200 }), (states) => {
      for (const one of states) {
        expect(visited.visit(one, bounds(0, 0, 0))).toBe(seen.has(one));
        seen.add(one);
      }
    }),
    { numRuns: 300 },
  );
  // The table has grown.
  expect(seen.size).toBeGreaterThan(1024);
});
