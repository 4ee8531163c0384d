/** What strict TypeScript would have refused is said in the host's words, and the machine goes on. */
import { afterEach, describe, expect, test } from 'vitest';
import { boot, type BootOptions, KernelOops, KernelPanic, type Machine, MachineError } from 'ringzero';
import { IRQ_HANDLED, request_irq } from 'ringzero/linux/interrupt';
import { mdelay, msleep, ndelay, udelay, usleep_range } from 'ringzero/linux/delay';
import { kthread_run, kthread_stop } from 'ringzero/linux/kthread';
import { pr_info, printk } from 'ringzero/linux/printk';
import { spin_lock, type spinlock_t } from 'ringzero/linux/spinlock';
import type { Ptr } from 'ringzero/linux/types';
import { DECLARE_WAIT_QUEUE_HEAD, wait_event } from 'ringzero/linux/wait';
import { alloc_workqueue } from 'ringzero/linux/workqueue';

const machines: Machine[] = [];
function booted(options?: BootOptions): Machine {
  const machine = boot(options);
  machines.push(machine);
  return machine;
}
afterEach(() => {
  for (const machine of machines.splice(0)) machine.powerOff();
});

test.each<[unknown, RegExp]>([
  [null, /options are an object.*got null/],
  [5, /options are an object.*got 5/],
  [[], /options are an object/],
  [{ memory: null }, /memory must be an object of zone sizes in pages.*got null/],
  [{ memory: '64M' }, /memory must be an object.*got "64M"/],
  [{ memory: { high: 1 } }, /no zone 'high'; there are dma, normal, highmem/],
  [{ rules: null }, /rules must be an object.*got null/],
  [{ rules: { toString: 'off' } }, /no rule 'toString'/],
  [{ strategy: null }, /strategy must be 'time', 'random' or a Strategy, got null/],
  [{ strategy: {} }, /strategy must be/],
  [{ replay: 5 }, /replay must be a string, got 5/],
  [{ console: 'x' }, /console must be a function, got "x"/],
  [{ trace: 5 }, /trace must be a boolean/],
])('boot(%j) is refused', (options, message) => {
  expect(() => booted(options as BootOptions)).toThrow(MachineError);
  expect(() => booted(options as BootOptions)).toThrow(message);
  expect(booted().run(() => 1)).toBe(1);
});

const noDevice = { name: 'd', base: 0x10, ports: 1, irq: 0, read: () => 0, write: () => undefined };

test.each<[keyof Machine, readonly unknown[], RegExp]>([
  ['run', [123], /wants a function.*got 123/],
  ['run', [() => 1, 5], /name of its task is a string, got 5/],
  ['insmod', [null], /wants a file's path.*got null/],
  ['insmod', [5], /got 5/],
  ['insmod', [{ name: 'a' }], /wants a file's path, { name, source } or { name, body }, got { name }/],
  ['insmod', [{ name: 'a', source: null }], /got { name, source }/],
  ['insmod', [{ name: 'a', body: () => undefined }, null], /parameters are an object.*got null/],
  ['rmmod', [undefined], /name of a module, got undefined/],
  ['modinfo', [Symbol('s')], /name of a module, got a symbol/],
  ['raise', ['5'], /an integer from 1 to 63, got "5"/],
  ['advance', ['5'], /number from 0 to 2\^53, got "5"/],
  ['advance', [null], /got null/],
  ['untilQuiet', [1n], /got 1/],
  ['attach', [null], /wants a device.*got null/],
  ['attach', [noDevice], /a device has a function connect\(\), got undefined/],
  ['attach', [{ ...noDevice, connect: () => undefined, base: 'x' }], /device's base is an integer, got "x"/],
  ['failslab', [undefined], /wants settings.*got undefined/],
  ['failPageAlloc', [5], /wants settings.*got 5/],
  ['invariant', [5, ''], /wants a function.*got 5/],
])('%s() refuses what it cannot use', (method, args, message) => {
  const machine = booted();
  const call = (): unknown => (machine[method] as (...args: unknown[]) => unknown).apply(machine, [...args]);
  expect(call).toThrow(MachineError);
  expect(call).toThrow(message);
  expect(machine.run(() => 7)).toBe(7);
});

test.each<[string, () => unknown, RegExp]>([
  ['udelay', () => { udelay(NaN); }, /udelay: usecs must be a number, got NaN/],
  ['mdelay', () => { mdelay(undefined as never); }, /mdelay: msecs must be a number, got undefined/],
  ['ndelay', () => { ndelay('x' as never); }, /ndelay: nsecs must be a number, got "x"/],
  ['msleep', () => { msleep(NaN); }, /msleep: msecs must be a number, got NaN/],
  ['usleep_range', () => { usleep_range(NaN, 5); }, /usleep_range: min must be a number, got NaN/],
  ['printk', () => printk(undefined as never), /format must be a string, got undefined/],
  ['pr_info', () => pr_info(undefined as never), /format must be a string, got undefined/],
  ['kthread_run of no function', () => kthread_run(null as never, null, 'a'), /threadfn must be a function, got null/],
  ['kthread_run without a name', () => kthread_run(() => 0, null, undefined as never), /name must be a string, got undefined/],
  ['alloc_workqueue', () => alloc_workqueue(undefined as never, 0, 0), /format must be a string, got undefined/],
  ['request_irq of a text', () => request_irq('5' as never, () => IRQ_HANDLED, 0, 'x', 1), /irq must be an integer, got "5"/],
  ['request_irq of half a line', () => request_irq(5.5, () => IRQ_HANDLED, 0, 'x', 1), /irq must be an integer, got 5.5/],
  ['request_irq of no function', () => request_irq(5, 'x' as never, 0, 'x', 1), /handler must be a function or null, got "x"/],
  ['wait_event', () => { wait_event(DECLARE_WAIT_QUEUE_HEAD('w'), false as never); }, /condition must be a function, as in \(\) => ready, got false/],
  ['kthread_stop', () => kthread_stop(null as never), /expected a task_struct, got null/],
])('%s says what was wrong with its argument, and the clock goes on', (_name, call, message) => {
  const machine = booted();
  expect(() => machine.run(call)).toThrow(message);
  expect(() => { machine.insmod({ name: 'm', body: call }); }).toThrow(KernelOops);
  machine.advance(1_000_000);
  expect(machine.run(() => 7)).toBe(7);
});

test('a device that cannot be connected leaves its ports free', () => {
  const machine = booted();
  const fails = { ...noDevice, connect: () => { throw new Error('unplugged'); } };
  expect(() => { machine.attach(fails); }).toThrow('unplugged');
  machine.attach({ ...noDevice, connect: () => undefined });
});

describe('a console that throws', () => {
  const mine = new Error('mine');
  const options: BootOptions = { console: () => { throw mine; } };

  test('reaches the host once the machine stops, and the machine goes on', () => {
    const machine = booted(options);
    let after = false;
    machine.run(() => request_irq(5, () => {
      pr_info('in the handler\n');
      after = true;
      return IRQ_HANDLED;
    }, 0, 'x', 1));
    expect(() => { machine.raise(5); }).toThrow(mine);
    expect(after).toBe(true);
    expect(machine.dmesg()).toContain('in the handler');
    expect(machine.run(() => 7)).toBe(7);
  });

  test('does not hide a panic', () => {
    const machine = booted(options);
    expect(() => { machine.run(() => { spin_lock(0 as Ptr<spinlock_t>); }); }).toThrow(KernelPanic);
  });
});

test('what a console prints by itself is logged and not sent to it again', () => {
  let lines = 0;
  const machine = booted({ console: () => { lines++; printk('again\n'); } });
  machine.run(() => pr_info('a\n'));
  expect(lines).toBe(1);
  expect(machine.log()).toEqual(['a', 'again']);
});

test('more tasks than there are stacks: the host is told, and other machines go on', () => {
  // One machine's own threads are bounded: it takes two to have no stack left.
  const first = booted();
  const machine = booted();
  const start = (): void => {
    for (let i = 0; i < 3000; i++) kthread_run(() => { msleep(1000); return 0; }, null, 'k%d', i);
    msleep(10);
  };
  first.run(start);
  expect(() => { machine.run(start); }).toThrow(/no stack for task k\d+\/\d+: too many stacks: at most \d+ in one Node thread\. Start fewer tasks/);
  machine.powerOff();
  expect(booted().run(() => 7)).toBe(7);
});
