import { boot, explore } from 'ringzero';
import { expect, test } from 'vitest';
import { path } from './modules.js';

const N = 40;

/** Additions that were lost. */
function lost(seed: number, locked: boolean, strategy: 'time' | 'random' = 'random'): number {
  const machine = boot({ seed, strategy });
  try {
    machine.insmod(path('spin_counter'), { n: N, locked });
    machine.rmmod('spin_counter');
    // A thread has its return before it, after it has completed.
    machine.outlive();
    expect(machine.leftovers()).toEqual([]);
    const [, total, count] = /^spin_counter: \d+ of (\d+) additions, (\d+) lost$/.exec(machine.log().find((line) => line.endsWith(' lost'))!)!;
    expect(Number(total)).toBe(2 * N);
    expect(machine.headlines().length, 'it warns where some were lost').toBe(count === '0' ? 0 : 1);
    return Number(count);
  } finally {
    machine.powerOff();
  }
}

const seeds = Array.from({ length: 51 }, (_, seed) => seed);

test('without the lock updates are lost under some seed', () => {
  expect(seeds.some((seed) => lost(seed, false) > 0)).toBe(true);
});

test('with the lock none is, under any seed', () => {
  expect(seeds.map((seed) => lost(seed, true))).toEqual(seeds.map(() => 0));
  expect(lost(0, true, 'time')).toBe(0);
});

test('the same seed loses the same', () => {
  expect(seeds.slice(0, 10).map((seed) => lost(seed, false))).toEqual(seeds.slice(0, 10).map((seed) => lost(seed, false)));
});

test('exploring finds the lost update, and none with the lock', () => {
  const every = (locked: boolean): string => explore({ strategy: 'exhaustive' }, (machine) => {
    machine.insmod(path('spin_counter'), { n: 1, locked });
    machine.rmmod('spin_counter');
    // A thread has its return before it, after it has completed.
    machine.outlive();
  }).claim;
  expect(() => every(false)).toThrow(/WARNING: .* spin_counter_exit/);
  expect(every(true)).toMatch(/passes/);
});

test('one CPU runs them one after another', () => {
  const machine = boot({ cpus: 1 });
  machine.insmod(path('spin_counter'), { n: N, locked: false });
  machine.rmmod('spin_counter');
  expect(machine.log().at(-1)).toBe(`spin_counter: ${2 * N} of ${2 * N} additions, 0 lost`);
  machine.powerOff();
});
