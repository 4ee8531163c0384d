/** Two runs that have come to the same are told by one number; any two others by two. */
import { describe, expect, test } from 'vitest';
import { HappensBefore } from '../../runtime/explore/happens_before.js';

const [A, B, C] = [1, 2, -3];

type Step = (order: HappensBefore) => void;

const step = (context: number, what: number, touch: Step = () => undefined): Step => (order) => {
  order.step(context, what, 0);
  touch(order);
};
const reads = (variable: number): Step => (order) => { order.touchVariable(variable, false); };
const writes = (variable: number): Step => (order) => { order.touchVariable(variable, true); };
const word = (number: number, write: boolean): Step => (order) => { order.touchWord(number, write); };
const calls = (write: boolean): Step => (order) => { order.touchKernel(write); };
const anything: Step = (order) => { order.touchAnything(); };
const both = (...all: Step[]): Step => (order) => { for (const one of all) one(order); };

const shared = new HappensBefore();

/** On one that has been used before, as on a new one. */
function state(...steps: Step[]): number {
  shared.begin();
  for (const one of steps) one(shared);
  const fresh = new HappensBefore();
  fresh.begin();
  for (const one of steps) one(fresh);
  expect(shared.state(7, 8)).toBe(fresh.state(7, 8));
  return fresh.state(7, 8);
}

describe('the order does not matter', () => {
  test.each([
    ['of steps that touch nothing', step(A, 10), step(B, 20)],
    ['of what touches different variables', step(A, 10, writes(1)), step(B, 20, writes(2))],
    ['of readers', step(A, 10, reads(1)), step(B, 20, reads(1))],
    ['of different words, and a variable of that number', step(A, 10, word(1, true)), step(B, 20, both(word(2, true), writes(1)))],
    ['of operations on different locks', step(A, 10, both(word(1, true), calls(false))), step(B, 20, both(word(2, true), calls(false)))],
  ])('%s', (_, a, b) => {
    expect(state(a, b)).toBe(state(b, a));
    // Nor do they stand in the way of what comes later.
    expect(state(step(C, 5, writes(9)), a, b, step(C, 6, reads(9)))).toBe(state(step(C, 5, writes(9)), b, step(C, 6, reads(9)), a));
  });
});

describe('it does', () => {
  test.each([
    ['of writers', step(A, 10, writes(1)), step(B, 20, writes(1))],
    ['of a reader and a writer', step(A, 10, reads(1)), step(B, 20, writes(1))],
    ['of a word that one writes', step(A, 10, word(1, false)), step(B, 20, word(1, true))],
    ['of operations on a lock', step(A, 10, both(word(1, true), calls(false))), step(B, 20, both(word(1, true), calls(false)))],
    ['of a call and an operation on a lock', step(A, 10, calls(true)), step(B, 20, both(word(1, true), calls(false)))],
    ['of calls', step(A, 10, calls(true)), step(B, 20, calls(true))],
    ['of what may touch anything', step(A, 10, anything), step(B, 20, reads(1))],
    ['of what may touch anything and a step that touches nothing', step(A, 10, anything), step(B, 20)],
    ['of two steps of a context', step(A, 10), step(A, 20)],
  ])('%s', (_, a, b) => {
    expect(state(a, b)).not.toBe(state(b, a));
    // However much comes between that has nothing to do with it.
    expect(state(a, step(C, 5, writes(9)), b)).not.toBe(state(b, step(C, 5, writes(9)), a));
  });

  test('of a write among the reads of others', () => {
    const [r, s, w] = [step(A, 10, reads(1)), step(B, 20, reads(1)), step(C, 30, writes(1))];
    const orders = [state(w, r, s), state(r, w, s), state(s, w, r), state(r, s, w)];
    expect(new Set(orders).size).toBe(4);
    expect(state(w, s, r)).toBe(orders[0]);
    expect(state(s, r, w)).toBe(orders[3]);
  });
});

test('what a step is, whose it is and how often it came makes a difference', () => {
  const all = [state(), state(step(A, 10)), state(step(A, 11)), state(step(B, 10)), state(step(A, 10), step(A, 10)), state(step(A, 10, writes(1)), step(B, 10, reads(1)))];
  expect(new Set(all).size).toBe(all.length);
});

test('so does what was chosen, in a step or outside', () => {
  const choice = (way: number): Step => (order) => { order.chose(way); };
  const all = [
    state(step(A, 10)), state(step(A, 10), choice(0)), state(step(A, 10), choice(1)), state(choice(0), step(A, 10)), state(choice(1), step(A, 10)),
    state(step(A, 10), choice(1), choice(0)), state(step(A, 10), choice(0), choice(1)),
  ];
  expect(new Set(all).size).toBe(all.length);
});

test('and what is told beside it', () => {
  const order = new HappensBefore();
  order.begin();
  step(A, 10)(order);
  expect(new Set([order.state(0, 0), order.state(1, 0), order.state(0, 1), order.state(1, 1)]).size).toBe(4);
  expect(order.state(1, 1)).toBe(order.state(1, 1));
});
