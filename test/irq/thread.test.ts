/** Threaded handlers. */
import { boot, type Machine } from 'ringzero';
import { msleep } from 'ringzero/linux/delay';
import {
  disable_irq, free_irq, IRQ_HANDLED, irq_set_affinity, IRQ_WAKE_THREAD, irq_wake_thread, IRQF_ONESHOT, IRQF_SHARED, IRQF_TRIGGER_HIGH,
  request_irq, request_threaded_irq, synchronize_irq,
} from 'ringzero/linux/interrupt';
import { irq_get_irqchip_state, irq_set_irqchip_state, IRQCHIP_STATE_MASKED, IRQCHIP_STATE_PENDING } from 'ringzero/linux/irq';
import { irqs_disabled, local_irq_disable } from 'ringzero/linux/irqflags';
import { in_task, preempt_disable } from 'ringzero/linux/preempt';
import { kthread_run } from 'ringzero/linux/kthread';
import { raw_smp_processor_id } from 'ringzero/linux/smp';
import { current } from 'ringzero/linux/sched';
import { afterEach, expect, test } from 'vitest';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

const fire = (irq: number): number => irq_set_irqchip_state(irq, IRQCHIP_STATE_PENDING, true);
const quiet = (irq: number): number => irq_set_irqchip_state(irq, IRQCHIP_STATE_PENDING, false);
const wake = (): 2 => IRQ_WAKE_THREAD;

test('the thread is a SCHED_FIFO task of its own, in process context', () => {
  machine = boot();
  let seen: unknown;
  machine.run(() => {
    request_threaded_irq(30, wake, () => {
      seen = [current.comm, current.rt_priority, in_task(), irqs_disabled()];
      return IRQ_HANDLED;
    }, 0, 'disk', 1);
    fire(30);
    msleep(1);
    expect(free_irq(30, 1)).toBe('disk');
  });
  expect(seen).toEqual(['irq/30-disk', 50, 1, 0]);
  expect(machine.leftovers()).toEqual([]);
});

test('it overtakes the code that was interrupted, as soon as the handler returns', () => {
  machine = boot({ cpus: 1 });
  const log: string[] = [];
  machine.run(() => {
    request_threaded_irq(30, () => { log.push('hard'); return IRQ_WAKE_THREAD; }, () => { log.push('thread'); return IRQ_HANDLED; }, 0, 'o', 1);
    fire(30);
    log.push('task');
  });
  expect(log).toEqual(['hard', 'thread', 'task']);
});

test('a one-shot level line stays masked until its thread is done', () => {
  machine = boot();
  const log: string[] = [];
  machine.run(() => {
    request_threaded_irq(30, null, () => {
      log.push(`masked ${irq_get_irqchip_state(30, IRQCHIP_STATE_MASKED)}`);
      msleep(5);
      quiet(30);
      return IRQ_HANDLED;
    }, IRQF_ONESHOT | IRQF_TRIGGER_HIGH, 'o', 1);
    fire(30);
    msleep(50);
    log.push(`masked ${irq_get_irqchip_state(30, IRQCHIP_STATE_MASKED)}`);
  });
  expect(log).toEqual(['masked 1', 'masked 0']);
});

test('two one-shot handlers share a line: it comes back after the slower thread', () => {
  machine = boot();
  const log: string[] = [];
  const take = (name: string, ms: number): number =>
    request_threaded_irq(30, () => { quiet(30); return IRQ_WAKE_THREAD; }, () => {
      msleep(ms);
      log.push(`${name} masked ${irq_get_irqchip_state(30, IRQCHIP_STATE_MASKED)}`);
      return IRQ_HANDLED;
    }, IRQF_ONESHOT | IRQF_SHARED | IRQF_TRIGGER_HIGH, name, name);
  machine.run(() => {
    expect([take('fast', 5), take('slow', 40)]).toEqual([0, 0]);
    fire(30);
    msleep(100);
    log.push(`masked ${irq_get_irqchip_state(30, IRQCHIP_STATE_MASKED)}`);
  });
  expect(log).toEqual(['fast masked 1', 'slow masked 1', 'masked 0']);
});

test('what comes in while the thread is at work makes it run once more', () => {
  machine = boot();
  let runs = 0;
  machine.run(() => {
    request_threaded_irq(30, wake, () => { runs++; msleep(20); return IRQ_HANDLED; }, 0, 'o', 1);
    fire(30);
    msleep(5);
    fire(30);
    fire(30);
    msleep(100);
  });
  expect(runs).toBe(2);
});

test.each([['free_irq', (irq: number) => { free_irq(irq, 1); }], ['disable_irq', disable_irq], ['synchronize_irq', synchronize_irq]])('%s() waits for the thread', (_name, fn) => {
  machine = boot();
  const log: string[] = [];
  machine.run(() => {
    request_threaded_irq(30, wake, () => { msleep(20); log.push('thread'); return IRQ_HANDLED; }, 0, 'o', 1);
    fire(30);
    fn(30);
    log.push('back');
  });
  expect(log).toEqual(['thread', 'back']);
});

test('irq_wake_thread() wakes it without an interrupt', () => {
  machine = boot();
  let runs = 0;
  machine.run(() => {
    request_threaded_irq(30, wake, () => { runs++; return IRQ_HANDLED; }, 0, 'o', 1);
    irq_wake_thread(30, 1);
    irq_wake_thread(30, 2);
    irq_wake_thread(9999, 1);
    synchronize_irq(30);
  });
  expect(runs).toBe(1);
});

test('it follows the affinity of its line', () => {
  machine = boot({ cpus: 2 });
  const cpus: number[] = [];
  machine.run(() => {
    request_threaded_irq(30, wake, () => { cpus.push(raw_smp_processor_id()); return IRQ_HANDLED; }, 0, 'o', 1);
    for (const mask of [1, 2, 1]) {
      irq_set_affinity(30, mask);
      fire(30);
      msleep(2);
    }
  });
  expect(cpus).toEqual([0, 1, 0]);
});

test('IRQ_WAKE_THREAD without a thread is told of once', () => {
  machine = boot();
  machine.run(() => {
    request_irq(24, wake, 0, 'o', 1);
    fire(24);
    fire(24);
  });
  expect(machine.headlines()).toEqual(['IRQ 24 device o returned IRQ_WAKE_THREAD but no thread function available.']);
});

test('a thread function that leaves interrupts disabled does no harm', () => {
  machine = boot();
  let runs = 0;
  machine.run(() => {
    request_threaded_irq(30, null, () => { runs++; local_irq_disable(); return IRQ_HANDLED; }, IRQF_ONESHOT, 'o', 1);
    fire(30);
    msleep(5);
    fire(30);
    msleep(5);
  });
  expect([runs, machine.headlines().length]).toEqual([2, 0]);
});

test('a thread function that leaves preemption disabled', () => {
  machine = boot();
  machine.run(() => request_threaded_irq(30, null, () => { preempt_disable(); return IRQ_HANDLED; }, IRQF_ONESHOT, 'o', 1));
  expect(() => { machine.raise(30); }).toThrow(/BUG: scheduling while atomic: irq\/30-o\/\d+\/0x00000002/);
});

test('a thread that is killed by an oops: nobody waits for it, and the line lives on', () => {
  machine = boot();
  let hard = 0;
  machine.run(() => {
    request_threaded_irq(30, () => { hard++; quiet(30); return IRQ_WAKE_THREAD; }, () => { throw new TypeError('no such field'); }, IRQF_ONESHOT | IRQF_TRIGGER_HIGH, 'o', 1);
    fire(30);
    msleep(5);
    fire(30);
    synchronize_irq(30);
    expect(free_irq(30, 1)).toBe('o');
  });
  expect(hard).toBe(2);
  expect(machine.dmesg()).toMatch(/genirq: exiting task "irq\/30-o" \(\d+\) is an active IRQ thread \(irq 30\)/);
});

test('a line that is being freed is requested only when its old thread is gone', () => {
  machine = boot();
  const log: string[] = [];
  const take = (name: string): number =>
    request_threaded_irq(30, wake, () => { msleep(20); log.push(`${name} thread`); return IRQ_HANDLED; }, IRQF_ONESHOT, name, name);
  machine.run(() => {
    take('old');
    fire(30);
    kthread_run(() => { msleep(1); log.push(`new ${take('new')}`); return 0; }, null, 'second');
    expect(free_irq(30, 'old')).toBe('old');
    log.push('freed');
    msleep(50);
  });
  expect(log).toEqual(['old thread', 'freed', 'new 0']);
});
