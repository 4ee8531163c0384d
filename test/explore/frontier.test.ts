import { expect, test } from 'vitest';
import { Asked, PICK } from '../../runtime/choice/sparse.js';
import { contextBound } from '../../runtime/explore/context_bound.js';
import { Frontier } from '../../runtime/explore/frontier.js';
import { WHOLE } from '../../runtime/explore/share.js';

const question = (ways: number, cpus: number): number => (ways << 5) | cpus;

/** A first choice of so many ways, and in each of them one preemption. */
function explored(ways: number): Frontier {
  const frontier = new Frontier(contextBound, { changes: 0, interrupts: 0, faults: 0 }, true, WHOLE);
  const asked = new Asked();
  for (let decisions; (decisions = frontier.next()) !== null; ) {
    asked.begin(decisions.length === 0 ? 0 : decisions.at(-1)!.ordinal + 1);
    if (decisions.length === 0) asked.add(question(ways, PICK), 0);
    asked.add(question(2, 2), 0);
    frontier.ran(asked);
  }
  return frontier;
}

test('bounds are widened where all that lies beyond them is known', () => {
  const frontier = explored(1000);
  expect(frontier.widen()).toBe(true);
  expect(frontier.bounds.changes).toBe(1);
  expect(frontier.left).toBe(1000);
});

test('and not where some of it was forgotten: that would be claimed to have passed', () => {
  const frontier = explored(100_100);
  expect(frontier.forgotten).toBe(100);
  expect(frontier.widen()).toBe(false);
  expect(frontier.bounds.changes).toBe(0);
});
