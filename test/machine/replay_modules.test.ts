/** Whatever the modules do, and wherever chance takes them: a run's token is the run. */
import { describe, expect, test } from 'vitest';
import { boot, type BootOptions, type Machine, Uart } from 'ringzero';

const scenarios: Readonly<Record<string, (machine: Machine) => void>> = {
  'two threads and a lock': (machine) => {
    machine.insmod('modules/spin_counter.ts', { locked: true, n: 30 });
    machine.advance(20_000_000);
    machine.rmmod('spin_counter');
  },
  'two threads without one': (machine) => {
    machine.insmod('modules/spin_counter.ts', { locked: false, n: 30 });
    machine.advance(20_000_000);
    machine.rmmod('spin_counter');
  },
  'a shared line': (machine) => {
    machine.insmod('modules/irq_counter.ts', { irq: 9 });
    for (let i = 0; i < 20; i++) machine.raise(9);
    machine.rmmod('irq_counter');
  },
  'a serial port': (machine) => {
    const uart = new Uart();
    machine.attach(uart);
    machine.insmod('modules/serial.ts');
    uart.receive('chance');
    machine.advance(20_000_000);
    machine.rmmod('serial');
    expect(Buffer.from(uart.sent()).toString()).toBe('chance');
  },
};

function run(options: BootOptions, scenario: (machine: Machine) => void): { trace: string; token: string } {
  const machine = boot({ trace: true, ...options });
  try {
    scenario(machine);
    return { trace: machine.trace(), token: machine.token() };
  } finally {
    machine.powerOff();
  }
}

describe.each(Object.entries(scenarios))('%s', (_name, scenario) => {
  test.each([1, 2, 4])('on %i CPUs: 25 seeds, each replayed', (cpus) => {
    for (let seed = 0; seed < 25; seed++) {
      const recorded = run({ cpus, seed, strategy: 'random' }, scenario);
      const replayed = run({ cpus, replay: recorded.token }, scenario);
      expect(replayed.trace, `seed ${seed}`).toBe(recorded.trace);
      expect(replayed.token).toBe(recorded.token);
    }
  });
});
