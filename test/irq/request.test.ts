import { boot, type Machine } from 'ringzero';
import { EBUSY, EINVAL, ENOTCONN } from 'ringzero/linux/errno';
import {
  disable_irq, free_irq, IRQ_HANDLED, IRQ_NONE, IRQ_NOTCONNECTED, IRQF_COND_SUSPEND, IRQF_NO_AUTOEN, IRQF_NO_SUSPEND, IRQF_ONESHOT,
  IRQF_PROBE_SHARED, IRQF_SHARED, IRQF_TIMER, IRQF_TRIGGER_HIGH, IRQF_TRIGGER_LOW, IRQF_TRIGGER_RISING, type irqreturn_t, request_irq,
  request_threaded_irq,
} from 'ringzero/linux/interrupt';
import { local_irq_disable } from 'ringzero/linux/irqflags';
import { preempt_disable } from 'ringzero/linux/preempt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let machine: Machine;
beforeEach(() => {
  machine = boot();
});
afterEach(() => {
  machine.powerOff();
});

const handled = (): irqreturn_t => IRQ_HANDLED;
const none = (): irqreturn_t => IRQ_NONE;
const run = <T>(fn: () => T): T => machine.run(fn);

describe('what request_irq() refuses', () => {
  test('a line that the machine does not have', () => {
    expect(run(() => request_irq(9999, handled, 0, 'mine', 1))).toBe(-EINVAL);
    expect(run(() => request_irq(-1, handled, 0, 'mine', 1))).toBe(-EINVAL);
  });
  test('no handler', () => {
    expect(run(() => request_irq(24, null, 0, 'o', 1))).toBe(-EINVAL);
    expect(run(() => request_threaded_irq(24, null, null, 0, 'o', 1))).toBe(-EINVAL);
  });
  test('a shared line without dev_id; an unshared one needs none', () => {
    expect(run(() => request_irq(24, handled, IRQF_SHARED, 'o', null))).toBe(-EINVAL);
    expect(run(() => request_irq(24, handled, 0, 'o', null))).toBe(0);
    expect(run(() => free_irq(24, null))).toBe('o');
  });
  test('flags that contradict each other', () => {
    const ask = (flags: number): number => run(() => request_irq(24, handled, flags, 'o', 1));
    expect(ask(IRQF_SHARED | IRQF_NO_AUTOEN)).toBe(-EINVAL);
    expect(ask(IRQF_COND_SUSPEND)).toBe(-EINVAL);
    expect(ask(IRQF_SHARED | IRQF_NO_SUSPEND | IRQF_COND_SUSPEND)).toBe(-EINVAL);
    expect(ask(IRQF_TRIGGER_HIGH | IRQF_TRIGGER_LOW)).toBe(-EINVAL);
    expect(ask(IRQF_TRIGGER_RISING | IRQF_TRIGGER_HIGH)).toBe(-EINVAL);
    expect(machine.dmesg()).toContain('genirq: Setting trigger mode 12 for irq 24 failed');
  });
  test('a device that is not connected', () => {
    expect(run(() => request_irq(IRQ_NOTCONNECTED, handled, 0, 'o', 1))).toBe(-ENOTCONN);
  });
  test("the timer's line", () => {
    expect(IRQF_TIMER).toBe(0x14200);
    expect(run(() => request_irq(0, handled, 0, 'mine', 1))).toBe(-EBUSY);
    expect(machine.dmesg()).toContain('genirq: Flags mismatch irq 0. 00000000 (mine) vs. 00015a00 (timer)');
  });
  test('a threaded handler without a hard half and without IRQF_ONESHOT', () => {
    expect(run(() => request_threaded_irq(24, null, handled, 0, 'o', 1))).toBe(-EINVAL);
    expect(machine.dmesg()).toContain('genirq: Threaded irq requested with handler=NULL and !ONESHOT for o (irq 24)');
  });
});

describe('a line that is taken', () => {
  const second = (first_flags: number, flags: number): number => {
    expect(run(() => request_threaded_irq(24, handled, handled, first_flags, 'first', 1))).toBe(0);
    return run(() => request_irq(24, handled, flags, 'second', 2));
  };
  test.each([
    [0, 0, '00000000 (second) vs. 00000000 (first)'],
    [IRQF_SHARED, 0, '00000000 (second) vs. 00000080 (first)'],
    [0, IRQF_SHARED, '00000080 (second) vs. 00000000 (first)'],
    [IRQF_SHARED | IRQF_ONESHOT, IRQF_SHARED, '00000080 (second) vs. 00002080 (first)'],
    [IRQF_SHARED | IRQF_TRIGGER_RISING, IRQF_SHARED | IRQF_TRIGGER_HIGH, '00000084 (second) vs. 00000081 (first)'],
  ])('first %i, second %i', (first_flags, flags, said) => {
    expect(second(first_flags, flags)).toBe(-EBUSY);
    expect(machine.dmesg()).toContain(`genirq: Flags mismatch irq 24. ${said}`);
  });
  test('IRQF_PROBE_SHARED is refused without a word', () => {
    expect(second(0, IRQF_SHARED | IRQF_PROBE_SHARED)).toBe(-EBUSY);
    expect(machine.dmesg()).not.toContain('genirq');
  });
  test('a newcomer that does not name a trigger takes the one that is set', () => {
    expect(second(IRQF_SHARED | IRQF_TRIGGER_RISING, IRQF_SHARED)).toBe(0);
  });
});

describe('a shared line', () => {
  test('calls each handler once, in the order of their requests, until it is freed', () => {
    const calls: string[] = [];
    const take = (name: string): number =>
      request_irq(24, (irq, dev) => { calls.push(`${name} ${irq} ${String(dev)}`); return IRQ_HANDLED; }, IRQF_SHARED, name, name);
    run(() => [take('a'), take('b'), take('c')]);
    machine.raise(24);
    expect(calls).toEqual(['a 24 a', 'b 24 b', 'c 24 c']);
    calls.length = 0;
    expect(run(() => free_irq(24, 'b'))).toBe('b');
    // CONFIG_DEBUG_SHIRQ: the handler that goes is called once more.
    expect(calls).toEqual(['b 24 b']);
    calls.length = 0;
    machine.raise(24);
    expect(calls).toEqual(['a 24 a', 'c 24 c']);
  });
  test('takes two handlers with the same dev_id', () => {
    expect(run(() => request_irq(24, none, IRQF_SHARED, 'o1', 5) | request_irq(24, none, IRQF_SHARED, 'o2', 5))).toBe(0);
    expect(run(() => [free_irq(24, 5), free_irq(24, 5)])).toEqual(['o1', 'o2']);
    expect(machine.leftovers()).toEqual([]);
  });
});

describe('free_irq()', () => {
  test('of a line that the machine does not have is nothing', () => {
    expect(run(() => free_irq(9999, 1))).toBe(null);
    expect(machine.dmesg()).not.toContain('free');
  });
  test('of somebody who is not there', () => {
    expect(run(() => free_irq(24, 1))).toBe(null);
    expect(machine.dmesg()).toContain('Trying to free already-free IRQ 24');
  });
  test('leaves no handler to be called', () => {
    let calls = 0;
    run(() => request_irq(24, () => { calls++; return IRQ_HANDLED; }, 0, 'o', 1));
    run(() => free_irq(24, 1));
    machine.raise(24);
    expect(calls).toBe(0);
    expect(run(() => request_irq(24, () => { calls += 10; return IRQ_HANDLED; }, 0, 'o', 1))).toBe(0);
    expect(calls).toBe(0);
    machine.raise(24);
    expect(calls).toBe(10);
  });
  test('in the own handler', () => {
    run(() => request_irq(24, () => { free_irq(24, 1); return IRQ_HANDLED; }, 0, 'o', 1));
    expect(() => { machine.raise(24); }).toThrow('BUG: sleeping function called from invalid context at kernel/locking/mutex.c');
    expect(machine.dmesg()).toContain('Trying to free IRQ 24 from IRQ context!');
  });
});

describe('contexts', () => {
  const atomic = (fn: () => void): () => void => () => {
    run(() => { preempt_disable(); fn(); });
  };
  test('request_irq() sleeps', () => {
    expect(atomic(() => request_irq(24, handled, 0, 'o', 1))).toThrow('BUG: sleeping function called from invalid context at include/linux/sched/mm.h');
  });
  test('free_irq() sleeps', () => {
    run(() => request_irq(24, handled, 0, 'o', 1));
    expect(atomic(() => free_irq(24, 1))).toThrow('BUG: sleeping function called from invalid context at kernel/locking/mutex.c');
  });
  test('disable_irq() sleeps', () => {
    run(() => request_irq(24, handled, 0, 'o', 1));
    expect(atomic(() => { disable_irq(24); })).toThrow('BUG: sleeping function called from invalid context at kernel/irq/manage.c');
  });
  test('interrupts off are atomic too', () => {
    expect(() => run(() => { local_irq_disable(); return request_irq(24, handled, 0, 'o', 1); })).toThrow('irqs_disabled(): 1');
  });
});
