/** Reports that the host has named, with whichever test runner, and in an exploration's scenario. */
import { afterEach, expect, test } from 'vitest';
import { AssertionFailure, boot, explore, KernelReport, type Machine, MachineError } from 'ringzero';
import { WARN } from 'ringzero/linux/bug';
import { kthread_run } from 'ringzero/linux/kthread';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

const burn = (): boolean => machine.run(() => WARN(true, 'the printer is on fire\n'));

test('checkReports() throws what nobody has named', () => {
  machine = boot();
  machine.checkReports();
  burn();
  expect(() => { machine.checkReports(); }).toThrow(KernelReport);
  machine.expectReport('on fire');
  burn();
  expect(machine.unexpectedReports()).toHaveLength(1);
});

test('and what was named and has not come', () => {
  machine = boot();
  machine.expectReport(/on fire$/m);
  machine.expectReport('flooded');
  burn();
  expect(() => { machine.checkReports(); }).toThrow(AssertionFailure);
  expect(() => { machine.checkReports(); }).toThrow('expected a report with "flooded", but the kernel has reported only:\n\nthe printer is on fire');
});

test('a pattern is a text or an expression', () => {
  machine = boot();
  expect(() => { machine.expectReport(5 as never); }).toThrow(MachineError);
  expect(() => { machine.expectReport(5 as never); }).toThrow(/regular expression, got 5/);
});

const scenario = (expected: string) => (booted: Machine): void => {
  machine = booted;
  if (expected !== '') machine.expectReport(expected);
  machine.run(() => kthread_run(() => 0, null, 'other'));
  burn();
};

test('a schedule passes with a report that its scenario has named, and fails without one', () => {
  expect(explore({ schedules: 20, keep: false }, scenario('on fire')).schedules).toBeGreaterThan(1);
  expect(() => explore({ keep: false }, scenario(''))).toThrow(/^the printer is on fire/);
  expect(() => explore({ keep: false }, scenario('flooded'))).toThrow(/^the printer is on fire/);
});
