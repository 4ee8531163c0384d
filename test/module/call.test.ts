import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { boot, KernelPanic, type Machine } from 'ringzero';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

const SECOND = 1_000_000_000;
const FIXTURE = fileURLToPath(new URL('fixtures/stray_call.ts', import.meta.url));
const FAULT = /^BUG: unable to handle page fault for address: [0-9a-f]{8}\n#PF: supervisor instruction fetch in kernel mode/;

test.each(['irq', 'threaded irq', 'irq thread', 'timer', 'hrtimer', 'rcu', 'tasklet', 'work', 'delayed work', 'new thread', 'thread', 'softirq'])(
  'the %s of a module that has gone faults where it is called',
  (where) => {
    machine = boot({ cpus: 1, rules: { kmemleak: 'off' } });
    machine.insmod(FIXTURE, { where });
    machine.rmmod('stray_call');
    try {
      if (where.includes('irq') && where !== 'softirq') machine.raise(5);
      machine.advance(2 * SECOND);
    } catch (error) {
      if (!(error instanceof KernelPanic)) throw error;
    }
    expect(machine.kernel.reports.map(({ headline }) => headline)).toEqual([expect.stringMatching(FAULT)]);
    expect(machine.dmesg()).not.toContain('the code of an unloaded module ran\n');
  },
);
