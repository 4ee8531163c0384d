import { expect, test } from 'vitest';
import { type Device, type DeviceBus, explore, ExplorationFailure, type ExploreOptions, replay } from 'ringzero';
import { IRQ_HANDLED, IRQ_NONE, open_softirq, request_irq } from 'ringzero/linux/interrupt';
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { outb } from 'ringzero/linux/io';
import { msleep } from 'ringzero/linux/delay';
import { kthread_bind, kthread_create, kthread_run } from 'ringzero/linux/kthread';
import { cpu_relax } from 'ringzero/linux/processor';
import { wake_up_process } from 'ringzero/linux/sched';
import { TIMER_SOFTIRQ } from '../../kernel/irq/softirq_vectors.js';
import { boot } from '../../runtime/machine/machine.js';

/** Its line goes up and stays so: it works by level, and nobody acknowledges it. */
const stuck: Device = { name: 'stuck', base: 0x300, ports: 1, irq: 9, connect: () => undefined, read: () => 0, write: () => undefined };

function failure(options: ExploreOptions, scenario: Parameters<typeof explore>[1]): ExplorationFailure {
  try {
    explore(options, scenario);
  } catch (error) {
    if (error instanceof ExplorationFailure) return error;
    throw error;
  }
  throw new Error('it passed');
}

const STRATEGIES = ['portfolio', 'exhaustive', 'delay', 'pct', 'random', 'urw'] as const;

/** A driver that serves the device and never quietens it. */
const stormy: Parameters<typeof explore>[1] = (machine) => {
  machine.attach(stuck);
  machine.run(() => { request_irq(9, function serve() { return IRQ_HANDLED; }, 0, 'stuck', 1); });
  machine.arm(9);
  machine.settle();
  machine.advance(60e9);
};

test.each(STRATEGIES)('%s: a device that is never acknowledged is the storm that it is', (strategy) => {
  const { message, headline } = failure({ strategy, points: 20_000 }, stormy);
  expect(headline).toMatch(/^watchdog: BUG: soft lockup - CPU#\d stuck for 20s!/);
  expect(message).toMatch(/irq 9: \d{5} {2}level {2}stuck \(serve\)/);
  expect(message).toMatch(/Foreseen after \d\.\d{3}s/);
});

test.each(STRATEGIES)('%s: a device that nobody cares about is shut down', (strategy) => {
  const { headline } = failure({ strategy, points: 20_000 }, (machine) => {
    machine.attach(stuck);
    machine.run(() => { request_irq(9, () => IRQ_NONE, 0, 'stuck', 1); });
    machine.arm(9);
    machine.settle();
    machine.advance(60e9);
  });
  expect(headline).toBe('irq 9: nobody cared (try booting with the "irqpoll" option)');
});

test.each(STRATEGIES)('%s: a device that a thread of another CPU quietens is no storm', (strategy) => {
  explore({ strategy, schedules: 20 }, (machine) => {
    let bus: DeviceBus | null = null;
    machine.attach({ ...stuck, connect: (its) => { bus = its; }, write: () => { bus!.lower(9); } });
    machine.run(() => {
      const came = DECLARE_COMPLETION('came');
      request_irq(9, () => { complete(came); return IRQ_HANDLED; }, 0, 'stuck', 1);
      // Interrupts come to CPU 0.
      const thread = kthread_create(() => {
        wait_for_completion(came);
        outb(0, 0x300);
        return 0;
      }, null, 'quietens');
      kthread_bind(thread, 1);
      wake_up_process(thread);
    });
    machine.arm(9);
    machine.settle();
  });
});

test('replay() of a token whose only fault is the number of points fails, too', () => {
  const busy: Parameters<typeof explore>[1] = (machine) => {
    machine.run(() => {
      for (let i = 0; i < 2; i++) kthread_run(() => { for (let k = 0; k < 1000; k++) cpu_relax(); return 0; }, null, 'busy');
    });
    machine.settle();
  };
  const { token } = failure({ points: 100 }, busy);
  expect(() => { replay(token, busy); }).toThrow(/this schedule has more points than `points` allows/);
});

test('replay() of a storm is the storm', () => {
  const { token } = failure({ strategy: 'random', points: 1000 }, stormy);
  expect(() => { replay(token, stormy); }).toThrow(/soft lockup - CPU#\d stuck for 20s!/);
});

test('a schedule with more points than it may have has failed, and says so', () => {
  const { message } = failure({ points: 100 }, (machine) => {
    machine.run(() => {
      for (let i = 0; i < 2; i++) kthread_run(() => { for (let k = 0; k < 1000; k++) cpu_relax(); return 0; }, null, 'busy');
    });
    machine.settle();
  });
  expect(message).toContain('this schedule has more points than `points` allows');
});

test('a bound that is none is refused', () => {
  expect(() => explore({ points: 0 }, () => undefined)).toThrow(/points must be an integer of at least 1, got 0/);
});

test('a device that calls itself back at once stops no clock', () => {
  const machine = boot();
  machine.attach({
    ...stuck, name: 'eager', irq: 0,
    connect: (bus) => {
      const again = (): void => { bus.after(0, again); };
      bus.after(1000, again);
    },
  });
  expect(() => { machine.advance(1e6); }).toThrow(/the device eager had 1000000 events of its own within \d+ ns/);
  machine.powerOff();
});

test('whoever takes the vector of the timers stops them, and not the host', () => {
  const machine = boot();
  let served = 0;
  machine.run(() => {
    open_softirq(TIMER_SOFTIRQ, () => { served++; });
    kthread_run(() => { msleep(10); return 0; }, null, 'sleeper');
  });
  machine.advance(10e9);
  // A tick asks for it while the timer is overdue: once in 4 ms, not in each microsecond.
  expect(served).toBeGreaterThan(2000);
  expect(served).toBeLessThanOrEqual(2500);
  machine.powerOff();
});
