import fc from 'fast-check';
import { boot, type BootOptions, KernelPanic, type Machine, Uart } from 'ringzero';
import { afterEach, describe, expect, test } from 'vitest';
import { code, path } from './modules.js';

let machine: Machine;
let uart: Uart;

function start(module: string, options: BootOptions = {}): void {
  machine = boot(options);
  uart = new Uart();
  machine.attach(uart);
  machine.insmod(path(module));
}
afterEach(() => {
  machine.powerOff();
});

const echo = (): string => new TextDecoder().decode(uart.sent());

describe('serial', () => {
  test('echoes what comes in, an interrupt a byte, and leaves nothing behind', () => {
    start('serial');
    uart.receive('hello, driver\n');
    expect(machine.untilQuiet(1e9)).toBe(true);
    expect(echo()).toBe('hello, driver\n');
    expect(machine.proc('interrupts')).toMatch(/^ *4: +14 .* serial$/m);
    machine.rmmod('serial');
    expect(machine.log().at(-1)).toBe('serial: 14 bytes received, 0 dropped');
    expect(machine.leftovers()).toEqual([]);
    expect(machine.headlines()).toEqual([]);
  });

  test('every text comes back as it went in, whatever the seed, the strategy and the number of CPUs', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(1000), fc.constantFrom('time' as const, 'random' as const), fc.integer({ min: 1, max: 4 }), (bytes, seed, strategy, cpus) => {
        start('serial', { seed, strategy, cpus });
        try {
          uart.receive(bytes);
          expect(machine.untilQuiet(1e9)).toBe(true);
          expect(uart.sent()).toEqual(bytes);
          machine.rmmod('serial');
          expect(machine.leftovers()).toEqual([]);
          expect(machine.headlines()).toEqual([]);
        } finally {
          machine.powerOff();
        }
      }),
      { numRuns: 60 },
    );
  });

  test('unloaded in the middle of a text it frees what is queued', () => {
    for (const time_ns of [100_000, 333_333, 1_000_000]) {
      start('serial');
      uart.receive('a text that is longer than the time it gets');
      machine.advance(time_ns);
      machine.rmmod('serial');
      expect(machine.leftovers()).toEqual([]);
      machine.advance(10_000_000);
      expect(machine.headlines()).toEqual([]);
      machine.powerOff();
    }
  });

  test('can be loaded again', () => {
    start('serial');
    machine.rmmod('serial');
    machine.insmod(path('serial'));
    uart.receive('again');
    machine.untilQuiet(1e9);
    expect(echo()).toBe('again');
  });

  test('is not loaded where the line is taken', () => {
    start('serial');
    machine.insmod({ name: 'nothing', source: "import { MODULE_LICENSE } from 'ringzero/linux/module'; MODULE_LICENSE('GPL');" });
    machine.rmmod('serial');
    machine.insmod(path('irq_counter'), { irq: 4 });
    expect(() => {
      machine.insmod(path('serial'));
    }).toThrow('Device or resource busy (EBUSY)');
    machine.rmmod('irq_counter');
    expect(machine.leftovers()).toEqual([]);
  });

  test('drops bytes when there is no memory, and lives on', () => {
    start('serial', { rules: { 'page-alloc-failure': 'off' } });
    machine.insmod({
      name: 'glutton',
      source: `
        import { module_init, module_exit } from 'ringzero/linux/module';
        import { __GFP_NOWARN, GFP_ATOMIC, kfree, kmalloc } from 'ringzero/linux/slab';
        const taken = [];
        module_init(() => {
          for (let size = 1 << 20; size >= 8; size >>= 1) {
            for (let p = kmalloc(size, GFP_ATOMIC | __GFP_NOWARN); p !== null; p = kmalloc(size, GFP_ATOMIC | __GFP_NOWARN)) taken.push(p);
          }
          return 0;
        });
        module_exit(() => { for (const p of taken) kfree(p); });`,
    });
    uart.receive('lost');
    machine.untilQuiet(1e9);
    expect(echo()).toBe('');
    machine.rmmod('glutton');
    uart.receive('found');
    machine.untilQuiet(1e9);
    expect(echo()).toBe('found');
    machine.rmmod('serial');
    expect(machine.log().at(-1)).toBe('serial: 9 bytes received, 4 dropped');
    expect(machine.leftovers()).toEqual([]);
  });
});

describe('serial_sleeps', () => {
  test('is the same driver but for the flag', () => {
    const right = code('serial');
    const wrong = code('serial_sleeps');
    expect(wrong).toHaveLength(right.length);
    const different = right.flatMap((line, i) => (line === wrong[i] ? [] : [[line.trim(), wrong[i]!.trim()]]));
    expect(different).toEqual([
      ["import { GFP_ATOMIC, kfree, kmalloc } from 'ringzero/linux/slab';", "import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';"],
      ["MODULE_DESCRIPTION('Echoes what comes in at a serial port');", "MODULE_DESCRIPTION('Echoes what comes in at a serial port, or would');"],
      ['const node = kmalloc(sizeof(serial_byte), GFP_ATOMIC);', 'const node = kmalloc(sizeof(serial_byte), GFP_KERNEL);'],
    ]);
  });

  test.each(['time', 'random'] as const)('panics at its first byte, on every run (%s)', (strategy) => {
    for (let seed = 0; seed < 10; seed++) {
      start('serial_sleeps', { seed, strategy });
      uart.receive('x');
      let panic: unknown = null;
      try {
        machine.untilQuiet(1e9);
      } catch (error) {
        panic = error;
      }
      expect(panic).toBeInstanceOf(KernelPanic);
      const { headline, report } = panic as KernelPanic;
      expect(headline).toMatch(/^BUG: sleeping function called from invalid context at include\/linux\/sched\/mm\.h:\d+$/);
      expect(report).toContain('const node = kmalloc(sizeof(serial_byte), GFP_KERNEL);');
      expect(report).toContain('in_atomic(): 1, irqs_disabled(): 1');
      machine.powerOff();
    }
  });

  test('goes unnoticed while nobody types', () => {
    start('serial_sleeps');
    expect(machine.untilQuiet(1e9)).toBe(true);
    machine.rmmod('serial_sleeps');
    expect(machine.headlines()).toEqual([]);
  });
});
