/** From the line to the handler: edges, levels, masking, affinity, and interrupts on top of interrupts. */
import { boot, type Machine } from 'ringzero';
import { EINVAL } from 'ringzero/linux/errno';
import {
  free_irq, IRQ_HANDLED, irq_set_affinity, IRQF_TRIGGER_HIGH, IRQF_TRIGGER_LOW, request_irq, synchronize_irq,
} from 'ringzero/linux/interrupt';
import { irqs_disabled, local_irq_disable, local_irq_enable } from 'ringzero/linux/irqflags';
import { irq_set_irqchip_state, IRQCHIP_STATE_PENDING } from 'ringzero/linux/irq';
import { in_hardirq, preempt_count } from 'ringzero/linux/preempt';
import { raw_smp_processor_id } from 'ringzero/linux/smp';
import { DEFINE_SPINLOCK, spin_lock, spin_lock_irqsave, spin_unlock, spin_unlock_irqrestore } from 'ringzero/linux/spinlock';
import { udelay } from 'ringzero/linux/delay';
import { kthread_run } from 'ringzero/linux/kthread';
import { afterEach, expect, test } from 'vitest';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

/** The line's edge, as a device on the board would make it. */
const raise = (irq: number): void => {
  irq_set_irqchip_state(irq, IRQCHIP_STATE_PENDING, true);
};
const lower = (irq: number): void => {
  irq_set_irqchip_state(irq, IRQCHIP_STATE_PENDING, false);
};

test('a handler runs in hard interrupt context with interrupts disabled, on top of the code that it interrupts', () => {
  machine = boot();
  const seen = machine.run(() => {
    let handler: number[] = [];
    request_irq(30, () => { handler = [in_hardirq(), irqs_disabled(), preempt_count()]; return IRQ_HANDLED; }, 0, 'o', 1);
    const before = preempt_count();
    raise(30);
    return { handler, before, after: preempt_count(), flag: irqs_disabled() };
  });
  expect(seen).toEqual({ handler: [1, 1, 0x10000], before: 0, after: 0, flag: 0 });
});

test('an interrupt waits while interrupts are disabled, and comes at once when they are enabled', () => {
  machine = boot();
  const order = machine.run(() => {
    const log: string[] = [];
    request_irq(30, () => { log.push('handler'); return IRQ_HANDLED; }, 0, 'o', 1);
    local_irq_disable();
    raise(30);
    udelay(5);
    log.push('still disabled');
    local_irq_enable();
    log.push('enabled');
    return log;
  });
  expect(order).toEqual(['still disabled', 'handler', 'enabled']);
});

test('an interrupt does not come in under spin_lock_irqsave(), but under spin_lock()', () => {
  machine = boot();
  const log: string[] = [];
  machine.run(() => {
    const lock = DEFINE_SPINLOCK('lock');
    request_irq(30, () => { log.push('handler'); return IRQ_HANDLED; }, 0, 'o', 1);
    const flags = spin_lock_irqsave(lock);
    raise(30);
    log.push('locked');
    spin_unlock_irqrestore(lock, flags);
    log.push('unlocked');
    spin_lock(lock);
    raise(30);
    log.push('locked');
    spin_unlock(lock);
  });
  expect(log).toEqual(['locked', 'handler', 'unlocked', 'handler', 'locked']);
});

test('an interrupt that comes in during a loop in process context is taken at its next preemption point', () => {
  machine = boot();
  const turns = machine.run(() => {
    let hit = -1;
    let turn = 0;
    request_irq(30, () => { hit = turn; return IRQ_HANDLED; }, 0, 'o', 1);
    kthread_run(() => { raise(30); return 0; }, null, 'raiser');
    for (; turn < 1_000_000 && hit < 0; turn++) udelay(1);
    return { hit, turn };
  });
  expect(turns.hit).toBeGreaterThanOrEqual(0);
  expect(turns.turn).toBe(turns.hit + 1);
});

test('an edge of the line that is handled is remembered, once, and handled after', () => {
  machine = boot();
  const log: string[] = [];
  machine.run(() => {
    let first = true;
    request_irq(30, () => {
      log.push('in');
      if (first) {
        first = false;
        raise(30);
        raise(30);
        local_irq_enable(); // not this line: it is in progress
        local_irq_disable();
      }
      log.push('out');
      return IRQ_HANDLED;
    }, 0, 'o', 1);
    raise(30);
  });
  expect(log).toEqual(['in', 'out', 'in', 'out']);
});

test('another line comes in on top of a handler that enables interrupts, and not otherwise', () => {
  machine = boot();
  const log: string[] = [];
  machine.run(() => {
    request_irq(31, () => { log.push(`31 at ${preempt_count().toString(16)}`); return IRQ_HANDLED; }, 0, 'b', 1);
    const handler = (open: boolean) => () => {
      log.push('30 in');
      raise(31);
      if (open) { local_irq_enable(); local_irq_disable(); }
      log.push('30 out');
      return IRQ_HANDLED;
    };
    request_irq(30, handler(false), 0, 'a', 1);
    raise(30);
    free_irq(30, 1);
    request_irq(30, handler(true), 0, 'a', 1);
    raise(30);
  });
  expect(log).toEqual(['30 in', '30 out', '31 at 10000', '30 in', '31 at 20000', '30 out']);
});

test('a handler that returns with interrupts enabled is told of', () => {
  machine = boot({ rules: { 'context-imbalance': 'warn' } });
  machine.run(() => {
    request_irq(30, function h() { local_irq_enable(); return IRQ_HANDLED; }, 0, 'o', 1);
    raise(30);
    expect(irqs_disabled()).toBe(0);
  });
  expect(machine.dmesg()).toMatch(/irq 30 handler h.* enabled interrupts/);
});

test.each([['high', IRQF_TRIGGER_HIGH], ['low', IRQF_TRIGGER_LOW]])('a level line (%s) comes again until its device is quiet', (_name, flags) => {
  machine = boot();
  let calls = 0;
  machine.run(() => {
    request_irq(30, () => { if (++calls === 3) lower(30); return IRQ_HANDLED; }, flags, 'o', 1);
    raise(30);
  });
  expect(calls).toBe(3);
});

test('a level line that is up when it is requested is handled at once; an edge from before is gone', () => {
  machine = boot();
  let level = 0;
  let edge = 0;
  machine.raise(31);
  machine.run(() => {
    request_irq(30, () => { level++; lower(30); return IRQ_HANDLED; }, IRQF_TRIGGER_HIGH, 'level', 1);
    lower(30);
    free_irq(30, 1);
    raise(30);
    expect(level).toBe(0);
    request_irq(30, () => { level++; lower(30); return IRQ_HANDLED; }, IRQF_TRIGGER_HIGH, 'level', 1);
    request_irq(31, () => { edge++; return IRQ_HANDLED; }, 0, 'edge', 1);
  });
  expect([level, edge]).toEqual([1, 0]);
});

test('affinity says which CPU handles the line', () => {
  machine = boot({ cpus: 2 });
  const cpus: number[] = [];
  machine.run(() => request_irq(30, () => { cpus.push(raw_smp_processor_id()); return IRQ_HANDLED; }, 0, 'o', 1));
  machine.raise(30);
  expect(machine.run(() => irq_set_affinity(30, 2))).toBe(0);
  machine.raise(30);
  expect(machine.run(() => irq_set_affinity(30, 3))).toBe(0);
  machine.raise(30);
  expect(cpus).toEqual([0, 1, 0]);
  expect(machine.run(() => irq_set_affinity(30, 4))).toBe(-EINVAL);
  expect(machine.run(() => irq_set_affinity(30, 0))).toBe(-EINVAL);
  expect(machine.run(() => irq_set_affinity(9999, 1))).toBe(-EINVAL);
});

test('the same line never runs on two CPUs at once; free_irq() and synchronize_irq() wait for the other CPU', () => {
  machine = boot({ cpus: 2 });
  let running = 0;
  let most = 0;
  let calls = 0;
  machine.run(() => {
    request_irq(30, () => {
      most = Math.max(most, ++running);
      calls++;
      udelay(50);
      running--;
      return IRQ_HANDLED;
    }, 0, 'o', 1);
    irq_set_affinity(30, 2);
    raise(30);
    udelay(10);
    expect(running).toBe(1);
    irq_set_affinity(30, 1);
    raise(30);
    udelay(1);
    synchronize_irq(30);
    expect(running).toBe(0);
    expect(calls).toBe(2);
    irq_set_affinity(30, 2);
    raise(30);
    udelay(10);
    expect(running).toBe(1);
    free_irq(30, 1);
    expect(running).toBe(0);
  });
  expect(most).toBe(1);
  expect(calls).toBe(3);
});
