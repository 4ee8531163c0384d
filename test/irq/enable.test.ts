/** disable_irq() and its family, and simulated lines. */
import { boot, type Machine } from 'ringzero';
import {
  disable_hardirq, disable_irq, disable_irq_nosync, enable_irq, free_irq, IRQ_HANDLED, IRQF_NO_AUTOEN, IRQF_TRIGGER_HIGH,
  IRQF_TRIGGER_RISING, request_irq, synchronize_hardirq, synchronize_irq,
} from 'ringzero/linux/interrupt';
import {
  IRQ_DISABLE_UNLAZY, irq_get_irqchip_state, irq_has_action, IRQ_NOAUTOEN, irq_set_irq_type, irq_set_irqchip_state, irq_set_status_flags,
  IRQ_TYPE_LEVEL_HIGH, IRQCHIP_STATE_LINE_LEVEL, IRQCHIP_STATE_MASKED, IRQCHIP_STATE_PENDING,
} from 'ringzero/linux/irq';
import { irq_create_mapping, irq_dispose_mapping, irq_domain_create_sim, irq_domain_remove_sim, irq_find_mapping } from 'ringzero/linux/irqdomain';
import { EINVAL } from 'ringzero/linux/errno';
import { local_irq_disable, local_irq_enable } from 'ringzero/linux/irqflags';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let machine: Machine;
beforeEach(() => {
  machine = boot();
});
afterEach(() => {
  machine.powerOff();
});

const fire = (irq: number): number => irq_set_irqchip_state(irq, IRQCHIP_STATE_PENDING, true);

function counted(flags = 0, irq = 30): { readonly calls: number } {
  const counter = { calls: 0 };
  machine.run(() => {
    expect(request_irq(irq, () => { counter.calls++; return IRQ_HANDLED; }, flags, 'o', 1)).toBe(0);
  });
  return counter;
}

describe('disable_irq() and enable_irq()', () => {
  test('nest; an edge that comes in meanwhile is delivered once, at the last enable', () => {
    const counter = counted();
    machine.run(() => {
      disable_irq(30);
      disable_irq(30);
      enable_irq(30);
      fire(30);
      fire(30);
      expect(counter.calls).toBe(0);
      enable_irq(30);
      expect(counter.calls).toBe(1);
      fire(30);
      expect(counter.calls).toBe(2);
    });
  });
  test('a level line comes back by itself', () => {
    const counter = { calls: 0 };
    machine.run(() => {
      request_irq(30, () => { counter.calls++; irq_set_irqchip_state(30, IRQCHIP_STATE_PENDING, false); return IRQ_HANDLED; }, IRQF_TRIGGER_HIGH, 'o', 1);
      disable_irq(30);
      fire(30);
      expect(counter.calls).toBe(0);
      enable_irq(30);
    });
    expect(counter.calls).toBe(1);
  });
  test('a line that is disabled is masked lazily, unless it is asked to be masked at once', () => {
    counted();
    machine.run(() => {
      const masked = (): number => irq_get_irqchip_state(30, IRQCHIP_STATE_MASKED);
      disable_irq(30);
      expect(masked()).toBe(0);
      fire(30);
      expect(masked()).toBe(1);
      enable_irq(30);
      irq_set_status_flags(30, IRQ_DISABLE_UNLAZY);
      disable_irq(30);
      expect(masked()).toBe(1);
    });
  });
  test('an enable too many', () => {
    const counter = counted();
    machine.run(() => { enable_irq(30); fire(30); });
    expect(machine.headlines()).toEqual(['Unbalanced enable for IRQ 30']);
    expect(counter.calls).toBe(1);
  });
  test('of lines that do not exist are nothing', () => {
    machine.run(() => {
      disable_irq(9999);
      disable_irq_nosync(9999);
      enable_irq(9999);
      synchronize_irq(9999);
      expect([disable_hardirq(9999), synchronize_hardirq(9999)]).toEqual([false, true]);
    });
    expect(machine.headlines()).toEqual([]);
  });
  test('disable_irq_nosync() and enable_irq() work in the handler itself', () => {
    let calls = 0;
    machine.run(() => {
      request_irq(30, () => { calls++; disable_irq_nosync(30); return IRQ_HANDLED; }, 0, 'o', 1);
      fire(30);
      fire(30);
      expect(calls).toBe(1);
      enable_irq(30);
      expect(calls).toBe(2);
      expect(disable_hardirq(30)).toBe(true);
    });
  });
  test.each([
    ['disable_irq', disable_irq],
    ['synchronize_irq', synchronize_irq],
    ['disable_hardirq', disable_hardirq],
  ])('%s() in the own handler never ends, and is told of at once', (_name, fn) => {
    machine.run(() => request_irq(30, () => { fn(30); return IRQ_HANDLED; }, 0, 'o', 1));
    expect(() => { machine.raise(30); }).toThrow('hard LOCKUP on cpu 0');
  });
  test('a line without autoenable waits for enable_irq(), and edges from before are lost', () => {
    const counter = counted(IRQF_NO_AUTOEN);
    machine.run(() => {
      fire(30);
      expect(counter.calls).toBe(0);
      irq_set_irqchip_state(30, IRQCHIP_STATE_PENDING, false);
      enable_irq(30);
      fire(30);
    });
    expect(counter.calls).toBe(1);
    machine.run(() => { irq_set_status_flags(31, IRQ_NOAUTOEN); });
    const other = counted(0, 31);
    machine.raise(31);
    expect(other.calls).toBe(0);
  });
});

describe('simulated lines', () => {
  test('get numbers from 24 up, keep them, and give them back', () => {
    machine.run(() => {
      const domain = irq_domain_create_sim(null, 4);
      expect(irq_find_mapping(domain, 0)).toBe(0);
      expect([irq_create_mapping(domain, 0), irq_create_mapping(domain, 3), irq_create_mapping(domain, 0)]).toEqual([24, 25, 24]);
      expect(irq_find_mapping(domain, 3)).toBe(25);
      irq_dispose_mapping(24);
      expect(irq_find_mapping(domain, 0)).toBe(0);
      expect(irq_create_mapping(domain, 1)).toBe(24);
      irq_dispose_mapping(24);
      irq_dispose_mapping(25);
      irq_dispose_mapping(0);
      irq_domain_remove_sim(domain);
    });
    expect(machine.headlines()).toEqual([]);
  });
  test('leave lines alone that somebody has requested by number', () => {
    machine.run(() => {
      request_irq(24, () => IRQ_HANDLED, 0, 'o', 1);
      expect(irq_create_mapping(irq_domain_create_sim(null, 1), 0)).toBe(25);
    });
  });
  test('run out', () => {
    machine.run(() => {
      const domain = irq_domain_create_sim({ name: 'many' }, 64);
      for (let i = 0; i < 40; i++) expect(irq_create_mapping(domain, i)).toBe(24 + i);
      expect(irq_create_mapping(domain, 40)).toBe(0);
      expect(irq_create_mapping(domain, 64)).toBe(0);
      expect(irq_create_mapping(null, 0)).toBe(0);
    });
    expect(machine.headlines()).toEqual(['error: hwirq 0x40 is too large for many', 'irq_create_mapping(, 0) called with NULL domain']);
  });
  test('fire on the CPU that asks, as soon as interrupts are enabled', () => {
    let calls = 0;
    machine.run(() => {
      const irq = irq_create_mapping(irq_domain_create_sim(null, 1), 0);
      request_irq(irq, () => { calls++; return IRQ_HANDLED; }, 0, 'o', 1);
      local_irq_disable();
      fire(irq);
      expect([calls, irq_get_irqchip_state(irq, IRQCHIP_STATE_PENDING)]).toEqual([0, 1]);
      local_irq_enable();
      expect([calls, irq_get_irqchip_state(irq, IRQCHIP_STATE_PENDING)]).toEqual([1, 0]);
    });
  });
  test('lose what comes before they are started, and know no levels', () => {
    let calls = 0;
    machine.run(() => {
      const irq = irq_create_mapping(irq_domain_create_sim(null, 1), 0);
      const h = (): 1 => { calls++; return IRQ_HANDLED; };
      expect(request_irq(irq, h, IRQF_TRIGGER_HIGH, 'o', 1)).toBe(-EINVAL);
      expect(request_irq(irq, h, IRQF_NO_AUTOEN | IRQF_TRIGGER_RISING, 'o', 1)).toBe(0);
      fire(irq);
      enable_irq(irq);
      expect(calls).toBe(0);
      fire(irq);
      expect(calls).toBe(1);
      expect(irq_set_irq_type(irq, IRQ_TYPE_LEVEL_HIGH)).toBe(-EINVAL);
      expect(irq_set_irq_type(30, IRQ_TYPE_LEVEL_HIGH)).toBe(0);
    });
  });
  test('a mapping that goes before its handler', () => {
    machine.run(() => {
      const irq = irq_create_mapping(irq_domain_create_sim(null, 1), 0);
      request_irq(irq, () => IRQ_HANDLED, 0, 'o', 1);
      expect(irq_has_action(irq)).toBe(true);
      irq_dispose_mapping(irq);
      expect(irq_has_action(irq)).toBe(false);
      expect(free_irq(irq, 1)).toBe(null);
    });
    expect(machine.headlines()[0]).toBe("remove_proc_entry: removing non-empty directory 'irq/24', leaking at least 'o'");
  });
  test('states that cannot be read or set', () => {
    machine.run(() => {
      expect(irq_set_irqchip_state(30, IRQCHIP_STATE_MASKED, true)).toBe(-EINVAL);
      expect(irq_set_irqchip_state(9999, IRQCHIP_STATE_PENDING, true)).toBe(-EINVAL);
      expect(irq_get_irqchip_state(30, IRQCHIP_STATE_LINE_LEVEL)).toBe(-EINVAL);
      expect(irq_get_irqchip_state(9999, IRQCHIP_STATE_PENDING)).toBe(-EINVAL);
    });
  });
});
