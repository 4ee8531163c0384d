import { boot, type Machine } from 'ringzero';
import { IRQ_HANDLED, IRQF_SHARED, IRQF_TRIGGER_HIGH, request_irq } from 'ringzero/linux/interrupt';
import { irq_set_irqchip_state, IRQCHIP_STATE_PENDING } from 'ringzero/linux/irq';
import { irq_create_mapping, irq_domain_create_sim } from 'ringzero/linux/irqdomain';
import { afterEach, expect, test } from 'vitest';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

test('/proc/interrupts has a line for each line in use, a column for each CPU', () => {
  machine = boot({ cpus: 2 });
  machine.run(() => {
    const irq = irq_create_mapping(irq_domain_create_sim(null, 1), 0);
    request_irq(irq, () => IRQ_HANDLED, IRQF_SHARED, 'a', 1);
    request_irq(irq, () => IRQ_HANDLED, IRQF_SHARED, 'b', 2);
    request_irq(40, () => IRQ_HANDLED, IRQF_TRIGGER_HIGH, 'level', 1);
    for (let i = 0; i < 12; i++) irq_set_irqchip_state(irq, IRQCHIP_STATE_PENDING, true);
  });
  const lines = machine.proc('interrupts').split('\n');
  expect(lines.slice(0, 4)).toEqual([
    '           CPU0       CPU1',
    '  0:          0          0    XT-PIC   0-edge      timer',
    ' 24:         12          0   irq_sim   0-edge      a, b',
    ' 40:          0          0    XT-PIC  40-level     level',
  ]);
  expect(machine.proc('interrupts')).toMatch(/LOC: +\d+ +\d+ +Local timer interrupts/);
});

test('a handler that a module leaves behind is named', () => {
  machine = boot();
  machine.run(() => request_irq(30, () => IRQ_HANDLED, 0, 'mouse', 1));
  expect(machine.leftovers().map((left) => left.text)).toEqual([expect.stringContaining("irq 30 is still requested by 'mouse'")]);
});
