/** Interrupts that nobody handles, and interrupts without end: the host gets its thread back in every case. */
import { boot, type Machine } from 'ringzero';
import { free_irq, IRQ_HANDLED, IRQ_NONE, IRQ_WAKE_THREAD, IRQF_ONESHOT, IRQF_SHARED, IRQF_TRIGGER_HIGH, type irqreturn_t, request_irq, request_threaded_irq } from 'ringzero/linux/interrupt';
import { irq_set_irqchip_state, IRQCHIP_STATE_PENDING } from 'ringzero/linux/irq';
import { local_irq_disable } from 'ringzero/linux/irqflags';
import { udelay } from 'ringzero/linux/delay';
import { afterEach, expect, test } from 'vitest';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

const fire = (irq: number): number => irq_set_irqchip_state(irq, IRQCHIP_STATE_PENDING, true);
const quiet = (irq: number): number => irq_set_irqchip_state(irq, IRQCHIP_STATE_PENDING, false);

test('one interrupt that nobody handles is nothing', () => {
  machine = boot();
  machine.run(() => { request_irq(24, () => IRQ_NONE, 0, 'o', 1); fire(24); });
  expect(machine.headlines()).toEqual([]);
});

test.each([
  [-22, 'ffffffea'],
  [-1, 'ffffffff'],
  [4, '4'],
])('a handler that returns %i', (value, said) => {
  machine = boot();
  machine.run(() => { request_irq(24, () => value as irqreturn_t, 0, 'o', 1); fire(24); });
  expect(machine.headlines()).toEqual([`irq event 24: bogus return value ${said}`]);
  expect(machine.dmesg()).toContain('handlers:');
});

test('a handler without a return value', () => {
  machine = boot();
  machine.run(() => { request_irq(24, (() => undefined) as unknown as () => irqreturn_t, 0, 'o', 1); fire(24); });
  expect(machine.headlines()[0]).toContain('irq event 24: bogus return value');
});

test('a level line that nobody quiets is shut down after 100,000 interrupts', () => {
  machine = boot();
  let calls = 0;
  machine.run(() => {
    request_irq(24, () => { calls++; return IRQ_NONE; }, IRQF_TRIGGER_HIGH, 'o', 1);
    fire(24);
    udelay(10);
  });
  expect(calls).toBe(100_000);
  expect(machine.headlines()).toEqual(['irq 24: nobody cared (try booting with the "irqpoll" option)']);
  expect(machine.dmesg()).toContain('Disabling IRQ #24');
});

test('a newcomer on a shared line that was shut down gets it going again', () => {
  machine = boot();
  let calls = 0;
  machine.run(() => {
    const flags = IRQF_TRIGGER_HIGH | IRQF_SHARED;
    request_irq(24, () => IRQ_NONE, flags, 'o', 1);
    fire(24);
    expect(request_irq(24, () => { calls++; quiet(24); return IRQ_HANDLED; }, flags, 'owner', 2)).toBe(0);
    expect(free_irq(24, 1)).toBe('o');
  });
  expect(calls).toBe(1);
});

test('a threaded line whose thread never handles anything is shut down too', () => {
  machine = boot();
  let calls = 0;
  machine.run(() => {
    request_threaded_irq(24, () => { calls++; return IRQ_WAKE_THREAD; }, () => IRQ_NONE, IRQF_ONESHOT, 'o', 1);
    for (let i = 0; i < 100_010; i++) fire(24);
  });
  expect(machine.headlines()).toEqual(['irq 24: nobody cared (try booting with the "irqpoll" option)']);
  expect(calls).toBeLessThan(100_010);
});

test('a line that is handled for ever is a soft lockup', () => {
  machine = boot();
  expect(() => machine.run(() => {
    request_irq(24, () => IRQ_HANDLED, IRQF_TRIGGER_HIGH, 'o', 1);
    fire(24);
  })).toThrow(/watchdog: BUG: soft lockup - CPU#0 stuck for 2\ds! \[run:\d+\]/);
});

test('so it is on a CPU that was idle, given the time', () => {
  machine = boot();
  machine.run(() => request_irq(24, () => IRQ_HANDLED, IRQF_TRIGGER_HIGH, 'o', 1));
  machine.raise(24);
  expect(() => { machine.advance(30e9); }).toThrow('soft lockup - CPU#0');
});

test('a handler that never returns is a hard lockup', () => {
  machine = boot();
  expect(() => machine.run(() => {
    request_irq(24, () => { for (;;) udelay(100); }, 0, 'o', 1);
    fire(24);
  })).toThrow('hard LOCKUP on cpu 0');
});

test('so is a task that never enables interrupts again', () => {
  machine = boot();
  expect(() => machine.run(() => { local_irq_disable(); for (;;) udelay(100); })).toThrow('hard LOCKUP on cpu 0');
});
