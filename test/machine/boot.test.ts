import { afterEach, describe, expect, test } from 'vitest';
import { boot, type BootOptions, KernelOops, type Machine, MachineError, OutsideMachineError } from 'ringzero';
import { GFP_KERNEL } from 'ringzero/linux/gfp';
import { pr_info } from 'ringzero/linux/printk';
import { kfree, kmalloc } from 'ringzero/linux/slab';

const machines: Machine[] = [];
function booted(options?: BootOptions): Machine {
  const machine = boot(options);
  machines.push(machine);
  return machine;
}
afterEach(() => {
  for (const machine of machines.splice(0)) machine.powerOff();
});

describe('boot options', () => {
  test.each<[string, BootOptions, RegExp]>([
    ['no cpus', { cpus: 0 }, /cpus must be an integer from 1 to 8, got 0/],
    ['too many cpus', { cpus: 9 }, /cpus must be/],
    ['a fraction', { cpus: 1.5 }, /got 1.5/],
    ['hz', { hz: 0 }, /hz must be an integer from 24 to 1000/],
    ['no memory', { memory: { dma: 0, normal: 0 } }, /memory.dma and memory.normal /],
    ['unknown option', { cpu: 1 } as BootOptions, /no option 'cpu'/],
    ['unknown rule', { rules: { kasn: 'off' } } as BootOptions, /no rule 'kasn'/],
    ['bad setting', { rules: { kasan: 'loud' } } as unknown as BootOptions, /must be 'panic', 'warn' or 'off'/],
    ['bad strategy', { strategy: 'luck' } as unknown as BootOptions, /strategy must be/],
  ])('%s is refused with what to do', (_name, options, message) => {
    expect(() => booted(options)).toThrow(message);
    // Nothing is left half booted.
    expect(booted().run(() => 1)).toBe(1);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('%i CPUs', (cpus) => {
    expect(booted({ cpus }).run(() => 'ran')).toBe('ran');
  });
});

describe('run', () => {
  test('returns what the function returns', () => {
    expect(booted().run(() => ({ a: 1 }))).toEqual({ a: 1 });
  });

  test('throws what the function throws, untouched', () => {
    const mine = new TypeError('mine');
    const machine = booted();
    expect(() => machine.run(() => { throw mine; })).toThrow(mine);
    expect(machine.dmesg()).toBe('');
    expect(machine.run(() => 2)).toBe(2);
  });

  test('is refused from inside the machine', () => {
    const machine = booted();
    expect(() => machine.run(() => machine.run(() => 1))).toThrow(MachineError);
    expect(() => machine.run(() => boot())).toThrow(/inside the machine/);
    expect(() => { machine.run(() => { machine.powerOff(); }); }).toThrow(/inside the machine/);
  });

  test('refuses a function that returns a promise', () => {
    const machine = booted();
    expect(() => machine.run(() => Promise.resolve(1))).toThrow(/synchronous/);
  });

  test('logs in virtual time', () => {
    const machine = booted();
    machine.advance(1_500_000_000);
    machine.run(() => pr_info('hello %d\n', 42));
    expect(machine.dmesg()).toBe('[    1.500000] hello 42');
    expect(machine.log()).toEqual(['hello 42']);
  });
});

describe('outside', () => {
  test('a kernel function that host code calls is refused', () => {
    booted();
    expect(() => kmalloc(8, GFP_KERNEL)).toThrow(OutsideMachineError);
    expect(() => kmalloc(8, GFP_KERNEL)).toThrow(/machine\.run/);
  });

  test('a machine that is off says so', () => {
    const machine = booted();
    machine.powerOff();
    machine.powerOff();
    expect(() => machine.run(() => 1)).toThrow(/switched off/);
    expect(() => { machine.raise(5); }).toThrow(/switched off/);
  });

  test.each([0, 64, -1, 1.5, NaN])('raise(%d) is no line', (irq) => {
    const machine = booted();
    expect(() => { machine.raise(irq); }).toThrow(/an integer from 1 to 63/);
  });

  test.each([-1, NaN, Infinity])('advance(%d) is no time', (ns) => {
    const machine = booted();
    expect(() => { machine.advance(ns); }).toThrow(/a time in ns/);
  });
});

describe('several machines', () => {
  test('each keeps its own memory, log and time', () => {
    const one = booted();
    const two = booted({ cpus: 1 });
    one.advance(1000);
    const p = one.run(() => kmalloc(64, GFP_KERNEL));
    two.run(() => pr_info('two'));
    one.run(() => { kfree(p); });
    expect(one.now()).toBeGreaterThan(1000);
    expect(one.dmesg()).toBe('');
    expect(two.log()).toEqual(['two']);
    expect(one.leftovers()).toEqual([]);
  });

  test('a thousand one after another do not add up', () => {
    for (let i = 0; i < 1000; i++) {
      const machine = boot();
      expect(machine.run(() => i)).toBe(i);
      machine.powerOff();
    }
  });
});

test('a task that waits for ever is reported, and the host is not hung', async () => {
  const { DECLARE_COMPLETION, wait_for_completion } = await import('ringzero/linux/completion');
  const machine = booted({ rules: { 'hung-task': 'warn' } });
  const hang = (): unknown => machine.run(() => {
    wait_for_completion(DECLARE_COMPLETION('never'));
  }, 'sleeper');
  expect(hang).toThrow(KernelOops);
  expect(machine.dmesg()).toMatch(/INFO: task sleeper:\d+ blocked for more than 120 seconds/);
  // The others go on.
  expect(machine.run(() => 3)).toBe(3);
});
