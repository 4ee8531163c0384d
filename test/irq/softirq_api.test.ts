/** Softirqs by hand, and local_bh_disable(). */
import { boot, type Machine } from 'ringzero';
import {
  BLOCK_SOFTIRQ, in_serving_softirq, in_softirq, IRQ_HANDLED, local_bh_disable, local_bh_enable, local_softirq_pending, NR_SOFTIRQS,
  open_softirq, raise_softirq, raise_softirq_irqoff, request_irq,
} from 'ringzero/linux/interrupt';
import { irq_set_irqchip_state, IRQCHIP_STATE_PENDING } from 'ringzero/linux/irq';
import { local_irq_disable, local_irq_enable } from 'ringzero/linux/irqflags';
import { preempt_count, preempt_disable } from 'ringzero/linux/preempt';
import { mutex_lock, mutex_unlock, DEFINE_MUTEX } from 'ringzero/linux/mutex';
import { msleep } from 'ringzero/linux/delay';
import { afterEach, beforeEach, expect, test } from 'vitest';

let machine: Machine;
let log: string[];
beforeEach(() => {
  machine = boot();
  log = [];
});
afterEach(() => {
  machine.powerOff();
});

const served = (): void => {
  log.push(`served ${in_serving_softirq()} ${preempt_count().toString(16)}`);
};

test('a softirq raised by a handler is served when the handler has returned', () => {
  machine.run(() => {
    open_softirq(BLOCK_SOFTIRQ, served);
    request_irq(30, () => { raise_softirq_irqoff(BLOCK_SOFTIRQ); log.push('handler'); return IRQ_HANDLED; }, 0, 'o', 1);
    irq_set_irqchip_state(30, IRQCHIP_STATE_PENDING, true);
    log.push('task');
  });
  expect(log).toEqual(['handler', 'served 1 100', 'task']);
});

test('one that waits for local_bh_enable() is served before that returns', () => {
  machine.run(() => {
    open_softirq(BLOCK_SOFTIRQ, served);
    local_bh_disable();
    local_bh_disable();
    raise_softirq(BLOCK_SOFTIRQ);
    log.push(`disabled ${in_softirq()} ${in_serving_softirq()} ${local_softirq_pending()}`);
    local_bh_enable();
    log.push('still');
    local_bh_enable();
    log.push(`enabled ${in_softirq()}`);
  });
  expect(log).toEqual(['disabled 1 0 16', 'still', 'served 1 100', 'enabled 0']);
});

test('one raised in process context is served by ksoftirqd', () => {
  machine.run(() => {
    open_softirq(BLOCK_SOFTIRQ, served);
    raise_softirq(BLOCK_SOFTIRQ);
    log.push('raised');
    msleep(5);
  });
  expect(log).toEqual(['raised', 'served 1 100']);
});

test('a handler that leaves preemption disabled', () => {
  machine.run(() => {
    open_softirq(BLOCK_SOFTIRQ, function h() { preempt_disable(); });
    local_bh_disable();
    raise_softirq(BLOCK_SOFTIRQ);
    local_bh_enable();
    expect(preempt_count()).toBe(0);
  });
  expect(machine.headlines()).toEqual([expect.stringMatching(/^softirq: huh, entered softirq 4 BLOCK \(____ptrval____\) with preempt_count 00000100, exited with 00000101\?$/)]);
  expect(machine.report()).toContain('last function: h');
});

test('a vector that does not exist, and raise_softirq_irqoff() with interrupts enabled', () => {
  machine.run(() => {
    open_softirq(NR_SOFTIRQS, served);
    local_irq_disable();
    raise_softirq_irqoff(BLOCK_SOFTIRQ);
    local_irq_enable();
    raise_softirq_irqoff(BLOCK_SOFTIRQ);
  });
  expect(machine.headlines()).toEqual(['open_softirq: there is no softirq 10', 'raise_softirq_irqoff() called with interrupts enabled']);
});

test('nobody sleeps with softirqs disabled', () => {
  expect(() => machine.run(() => {
    const lock = DEFINE_MUTEX('lock');
    local_bh_disable();
    mutex_lock(lock);
    mutex_unlock(lock);
  })).toThrow('BUG: sleeping function called from invalid context at kernel/locking/mutex.c');
});
