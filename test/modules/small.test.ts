import { boot, KernelError, type Machine } from 'ringzero';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { path } from './modules.js';

let machine: Machine;
beforeEach(() => {
  machine = boot();
});
afterEach(() => {
  machine.powerOff();
});

describe('hello', () => {
  test('says hello once to the world, and goodbye', () => {
    machine.insmod(path('hello'));
    machine.rmmod('hello');
    expect(machine.log()).toEqual(['hello: loading out-of-tree module taints kernel.', '(0) Hello, world', 'Goodbye, cruel world']);
  });

  test('takes its parameters', () => {
    machine.insmod(path('hello'), { howmany: 2, whom: 'Mom' });
    expect(machine.log()).toEqual(['hello: loading out-of-tree module taints kernel.', '(0) Hello, Mom', '(1) Hello, Mom']);
  });

  test('refuses a number that is none', () => {
    expect(() => {
      machine.insmod(path('hello'), { howmany: 'x' });
    }).toThrow(KernelError);
    expect(machine.lsmod()).toEqual([]);
  });

  test('describes itself', () => {
    machine.insmod(path('hello'));
    expect(machine.modinfo('hello')).toContainEqual({ tag: 'license', text: 'Dual BSD/GPL' });
  });
});

describe('dog', () => {
  test('keeps a dog for as long as it is loaded', () => {
    machine.insmod(path('dog'), { weight: 32 });
    expect(machine.log()[1]).toMatch(/^dog: 8 bytes asked for, \d+ given: tail 12 cm, weight 32 kg$/);
    expect(machine.leftovers()).toMatchObject([{ kind: 'memory' }]);
    machine.rmmod('dog');
    expect(machine.leftovers()).toEqual([]);
    expect(machine.headlines()).toEqual([]);
  });

  test('without memory it is not loaded', () => {
    machine.powerOff();
    machine = boot({ rules: { 'page-alloc-failure': 'off' } });
    machine.insmod({
      name: 'glutton',
      source: `
        import { module_init } from 'ringzero/linux/module';
        import { GFP_KERNEL, __GFP_NOWARN, kmalloc } from 'ringzero/linux/slab';
        module_init(() => {
          for (let size = 1 << 20; size >= 8; size >>= 1) while (kmalloc(size, GFP_KERNEL | __GFP_NOWARN) !== null);
          return 0;
        });`,
    });
    expect(() => {
      machine.insmod(path('dog'));
    }).toThrow('Cannot allocate memory (ENOMEM)');
  });
});

describe('irq_counter', () => {
  const handled = (): string => machine.log().at(-1)!;

  test('each handler sees every interrupt and takes its own', () => {
    machine.insmod(path('irq_counter'));
    for (let i = 0; i < 5; i++) machine.raise(5);
    machine.rmmod('irq_counter');
    expect(handled()).toBe('irq_counter: line 5: even 2 of 5, odd 3 of 5');
    expect(machine.leftovers()).toEqual([]);
    expect(machine.headlines()).toEqual([]);
  });

  test('the line is a parameter', () => {
    machine.insmod(path('irq_counter'), { irq: 9 });
    machine.raise(9);
    expect(machine.proc('interrupts')).toMatch(/^ *9: +1 .*even, odd$/m);
    machine.rmmod('irq_counter');
    expect(handled()).toContain('line 9: even 0 of 1, odd 1 of 1');
  });

  test.each([0, 64, -1])('line %d cannot be had', (irq) => {
    expect(() => {
      machine.insmod(path('irq_counter'), { irq });
    }).toThrow(KernelError);
    expect(machine.leftovers()).toEqual([]);
  });

  test('a line that somebody has for himself cannot be shared', () => {
    machine.insmod(path('serial'), { irq: 5 });
    expect(() => {
      machine.insmod(path('irq_counter'), { irq: 5 });
    }).toThrow('Device or resource busy (EBUSY)');
    machine.rmmod('serial');
    expect(machine.leftovers()).toEqual([]);
  });
});
