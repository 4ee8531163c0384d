import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { boot, KernelPanic, type Machine } from 'ringzero';
import { IRQ_HANDLED, request_irq } from 'ringzero/linux/interrupt';
import { kthread_run } from 'ringzero/linux/kthread';
import { call_module } from '../../kernel/module/call.js';

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

describe('a call of what is no function', () => {
  test.each([[undefined, '00000000'], [null, '00000000'], [0, '00000000'], [0x1234_5678, '12345678']])('%s faults where it is fetched', (nothing, address) => {
    machine = boot({ cpus: 1 });
    let went_on = false;
    machine.run(() => {
      kthread_run(() => {
        call_module(nothing as unknown as () => void, [], () => undefined);
        went_on = true;
        return 0;
      }, null, 'caller');
    });
    machine.settle();
    expect(went_on).toBe(false);
    expect(machine.headlines()[0]).toMatch(new RegExp(`^BUG: .* address: ${address}\\n#PF: supervisor instruction fetch in kernel mode`));
    machine.expectReport(/instruction fetch/);
  });

  test('nor does an interrupt go on that has no handler', () => {
    machine = boot({ cpus: 1 });
    machine.run(() => request_irq(5, () => IRQ_HANDLED, 0, 'dev', 1));
    Object.assign(machine.kernel.irq.descs[5]!.actions[0]!, { handler: null });
    expect(() => { machine.raise(5); }).toThrow(KernelPanic);
    expect(machine.headlines()[0]).toMatch(/^BUG: kernel NULL pointer dereference, address: 00000000\n#PF: supervisor instruction fetch/);
  });
});
