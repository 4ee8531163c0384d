/** Grace periods that do not end: after 21 s, and again after three times as long. */
import { afterEach, expect, test } from 'vitest';
import { boot, type BootOptions, type Machine } from 'ringzero';
import { udelay } from 'ringzero/linux/delay';
import { preempt_disable, preempt_enable } from 'ringzero/linux/preempt';
import { call_rcu, rcu_head, rcu_read_lock, rcu_read_unlock } from 'ringzero/linux/rcupdate';
import { GFP_KERNEL, kmalloc } from 'ringzero/linux/slab';
import { sizeof, struct } from 'ringzero/linux/types';
import { on_cpu } from '../locking/machine.js';

let machine: Machine;
afterEach(() => { machine.powerOff(); });

const warn: BootOptions = { cpus: 2, rules: { lockup: 'warn' } };
const dog = struct('dog', { rcu: rcu_head });

/** A grace period begins. */
function ask(): void {
  call_rcu(dog.at(kmalloc(sizeof(dog), GFP_KERNEL)!).rcu, () => undefined);
}

/** Runs for so many seconds of virtual time. */
function busy(seconds: number): void {
  for (let i = 0; i < seconds * 10; i++) udelay(100_000);
}

function stalls(): string[] {
  return machine.headlines().filter((line) => line.startsWith('rcu: '));
}

test.each([[20, 0], [22, 1], [80, 1], [90, 2]])('a reader that stays inside for %i s is reported %i times', (seconds, times) => {
  machine = boot(warn);
  machine.run(() => {
    on_cpu(1, function reader() { rcu_read_lock(); busy(seconds); rcu_read_unlock(); });
    udelay(100);
    ask();
  });
  machine.advance(100e9);
  expect(stalls()).toEqual(Array.from({ length: times }, () => 'rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:'));
  if (times > 0) expect(machine.report()).toMatch(/^rcu: \tTasks blocked on level-0 rcu_node: P\d+ \(.+\)\n\t\(detected by \d, t=52\d\d jiffies, g=\d+ q=1\)$/m);
});

test('a CPU that cannot be preempted and takes its ticks reports itself', () => {
  machine = boot(warn);
  machine.run(() => {
    on_cpu(1, () => { preempt_disable(); busy(22); preempt_enable(); });
    udelay(100);
    ask();
  });
  machine.advance(30e9);
  expect(stalls()).toEqual(['rcu: INFO: rcu_preempt self-detected stall on CPU']);
  expect(machine.report()).toMatch(/^rcu: \t1-\.\.\.: .+\/\d+\n\t\(t=52\d\d jiffies g=\d+ q=1\)$/m);
});
