import { expect, test } from 'vitest';
import { boot, type Machine } from 'ringzero';
import { kthread_run } from 'ringzero/linux/kthread';
import { schedule } from 'ringzero/linux/sched';
import { runsInside } from '../../runtime/machine/host_code.js';

/** Something to choose: two threads that go on in turns. */
function twoThreads(machine: Machine): void {
  machine.run(() => {
    const thread = (): number => {
      for (let i = 0; i < 10; i++) schedule();
      return 0;
    };
    kthread_run(thread, null, 'a');
    kthread_run(thread, null, 'b');
    schedule();
  });
  machine.settle();
}

test('a strategy of the host\'s own is asked outside the machine, and code goes on inside it', () => {
  const asked = new Set<string>();
  const ask = (what: string): number => {
    asked.add(`${what} ${runsInside() ? 'inside' : 'outside'}`);
    return 0;
  };
  const machine = boot({ strategy: { name: 'mine', pick: (kind) => ask(`pick ${kind}`), gap: () => ask('gap'), preempt: () => ask('preempt'), clockless: true } });
  try {
    twoThreads(machine);
    expect(machine.run(() => runsInside())).toBe(true);
  } finally {
    machine.powerOff();
  }
  expect([...asked].sort()).toEqual(['gap outside', 'pick cpu outside', 'pick task outside', 'preempt outside']);
});

test('what it throws reaches the host, and the machine can be switched off', () => {
  const machine = boot({ strategy: { name: 'mine', pick: () => 0, gap: () => 0, preempt: () => { throw new Error('no idea'); } } });
  try {
    expect(() => { twoThreads(machine); }).toThrow('no idea');
    expect(runsInside()).toBe(false);
  } finally {
    machine.powerOff();
  }
});
