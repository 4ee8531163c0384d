import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { boot, KernelPanic, type Machine } from 'ringzero';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

const SECOND = 1_000_000_000;
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));
const FAULT = /^BUG: unable to handle page fault for address: [0-9a-f]{8}\n#PF: supervisor instruction fetch in kernel mode/;

/** How often a thread said that it went on; a report quotes the line of the source. */
const words = (): number => machine.log().filter((line) => line.endsWith('the code of an unloaded module ran')).length;

function unload(name: string): void {
  machine = boot({ rules: { kmemleak: 'off' } });
  machine.insmod(fixture(name));
  machine.advance(SECOND / 10);
  machine.rmmod(name);
}

test('a callback of a module that has gone faults', () => {
  unload('stray_timer');
  expect(() => {
    machine.advance(2 * SECOND);
  }).toThrow(KernelPanic);
  expect(machine.kernel.reports[0]!.headline).toMatch(FAULT);
});

test('a thread that returns into a module that has gone faults, and the machine goes on', () => {
  unload('stray_thread');
  expect(machine.kernel.reports).toEqual([]);
  machine.advance(2 * SECOND);
  expect(machine.kernel.reports.map(({ headline }) => headline)).toEqual([expect.stringMatching(FAULT)]);
  expect(words()).toBe(0);
  machine.advance(SECOND);
});

test('a thread of the module that was loaded again is left alone', () => {
  unload('stray_thread');
  machine.insmod(fixture('stray_thread'));
  machine.advance(2 * SECOND);
  expect(machine.kernel.reports).toHaveLength(1);
  expect(words()).toBe(1);
});
