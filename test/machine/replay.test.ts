import { describe, expect, test } from 'vitest';
import { boot, type BootOptions, ReplayError } from 'ringzero';

const RACE = 'test/machine/fixtures/race.ts';

interface Run {
  readonly trace: string;
  readonly total: number;
  readonly token: string;
}

function race(options: BootOptions, turns = 50): Run {
  const machine = boot({ trace: true, ...options });
  try {
    machine.insmod(RACE, { turns });
    machine.advance(5_000_000);
    machine.rmmod('race');
    const total = Number(/total (\d+)/.exec(machine.dmesg())?.[1]);
    return { trace: machine.trace(), total, token: machine.token() };
  } finally {
    machine.powerOff();
  }
}

describe('the same seed', () => {
  test.each(Array.from({ length: 10 }, (_, seed) => seed))('%i: the same event log, byte for byte', (seed) => {
    const first = race({ seed, strategy: 'random' });
    const second = race({ seed, strategy: 'random' });
    expect(second).toEqual(first);
  });

  test('by virtual time alone too', () => {
    expect(race({})).toEqual(race({}));
  });

  test('another seed is another run', () => {
    const traces = new Set(Array.from({ length: 10 }, (_, seed) => race({ seed, strategy: 'random' }).trace));
    expect(traces.size).toBeGreaterThan(5);
  });
});

test('an unlocked counter loses updates under some seed', () => {
  const totals = Array.from({ length: 50 }, (_, seed) => race({ seed, strategy: 'random' }).total);
  expect(Math.max(...totals)).toBeLessThanOrEqual(100);
  expect(Math.min(...totals)).toBeLessThan(100);
});

describe('replay', () => {
  test('goes the way of the recorded run, whatever the strategy', () => {
    for (let seed = 0; seed < 20; seed++) {
      const recorded = race({ seed, strategy: 'random' });
      const replayed = race({ replay: recorded.token });
      expect(replayed.trace).toBe(recorded.trace);
      expect(replayed.token).toBe(recorded.token);
    }
  });

  test('of a run by virtual time is a short token', () => {
    const recorded = race({});
    expect(recorded.token.length).toBeLessThan(40);
    expect(race({ replay: recorded.token }).trace).toBe(recorded.trace);
  });

  /** A run with enough choices in it that another program cannot fit them. */
  const recorded = (): Run => race({ seed: 3, strategy: 'random' });

  test('on a machine with other options is refused', () => {
    expect(() => race({ replay: recorded().token, cpus: 3 })).toThrow(ReplayError);
    expect(() => race({ replay: recorded().token, hz: 100 })).toThrow(/booted with other options/);
  });

  test('of another module is refused, and module code does not see it', () => {
    const machine = boot({ replay: recorded().token });
    const other = `
      import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
      import { kthread_run } from 'ringzero/linux/kthread';
      import { pr_info } from 'ringzero/linux/printk';
      function work() {
        try {
          for (let i = 0; i < 10000; i++) i += 0;
        } catch (e) { pr_info('seen'); } finally { pr_info('seen'); }
        return 0;
      }
      module_init(() => { kthread_run(work, null, 'a'); kthread_run(work, null, 'b'); return 0; });
      MODULE_LICENSE('GPL');`;
    expect(() => {
      machine.insmod({ name: 'other', source: other });
      machine.advance(5_000_000);
    }).toThrow(ReplayError);
    expect(machine.dmesg()).not.toContain('seen');
    machine.powerOff();
  });

  test('with other parameters is refused or the same run', () => {
    expect(() => race({ replay: recorded().token }, 3)).toThrow(ReplayError);
  });

});
