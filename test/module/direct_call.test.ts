/** Functions of a module that has gone, called by whoever has kept them: no place of the kernel's lies between. */
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { boot, type Machine, OutsideMachineError } from 'ringzero';
import { addr_to_fn, fn_to_addr } from 'ringzero/linux/types';

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));
const FAULT = /^BUG: unable to handle page fault for address: [0-9a-f]{8}\n#PF: supervisor instruction fetch in kernel mode/;
const GONE = /answer {2}\S*guest\.ts:8:1 \[guest\] is no longer there, its module has been unloaded/;

let machine: Machine;
beforeEach(() => {
  machine = boot();
  machine.insmod(fixture('keeper'));
  machine.insmod(fixture('guest'));
});
afterEach(() => {
  machine.powerOff();
});

const exported = (name: string): (() => number) => machine.kernel.modules.find_symbol(name)!.value as () => number;
const call = (fn: () => number): number => machine.run(() => fn());

/** The headline and the text of the only report. */
function expectFault(gone: RegExp): void {
  expect(machine.kernel.reports.map(({ headline }) => headline)).toEqual([expect.stringMatching(FAULT)]);
  expect(machine.kernel.reports[0]!.text).toMatch(gone);
}

test('another module that has kept it faults, at the line of its call', () => {
  const ask = exported('ask');
  expect(call(ask)).toBe(42);
  machine.rmmod('guest');
  expect(() => call(ask)).toThrow('BUG: unable to handle page fault');
  expectFault(GONE);
  expect(machine.kernel.reports[0]!.text).toMatch(/--> \S*keeper\.ts:18:3/);
  expect(machine.log().filter((line) => line === 'the code ran')).toHaveLength(1);
});

test('one of an earlier loading has gone, though the module is there again', () => {
  const ask = exported('ask');
  machine.rmmod('guest');
  machine.insmod(fixture('guest'));
  expect(call(ask)).toBe(42);
  machine.rmmod('guest');
  machine.rmmod('keeper');
  machine.insmod(fixture('keeper'));
  machine.insmod(fixture('guest'));
  expect(() => call(ask)).toThrow('BUG: unable to handle page fault');
  expectFault(/ask {2}\S*keeper\.ts:17:8 \[keeper\] is no longer there/);
  expect(call(exported('ask'))).toBe(42);
});

test('a machine that still has the module is none the worse for another that lost it', () => {
  machine.rmmod('guest');
  machine.powerOff();
  machine = boot();
  machine.insmod(fixture('keeper'));
  machine.insmod(fixture('guest'));
  expect(call(exported('ask'))).toBe(42);
});

test('the host that has kept it is told so inside the machine, and outside is outside', () => {
  const ask = exported('ask');
  machine.rmmod('guest');
  machine.rmmod('keeper');
  expect(() => ask()).toThrow(OutsideMachineError);
  expect(machine.kernel.reports).toEqual([]);
  expect(() => call(ask)).toThrow('BUG: unable to handle page fault');
  expectFault(/ask {2}\S*keeper\.ts:17:8 \[keeper\] is no longer there/);
});

test('so does what its address leads to', () => {
  const ask = exported('ask');
  const address = machine.run(() => fn_to_addr(ask));
  machine.rmmod('guest');
  machine.rmmod('keeper');
  expect(() => machine.run(() => addr_to_fn(address)!() as number)).toThrow('BUG: unable to handle page fault');
  expectFault(/is no longer there, its module has been unloaded/);
});

// A function of an inline module is the test file's own: nothing tells which loading of the module made it.
test.skip('a function of an inline module that has gone', () => undefined);
