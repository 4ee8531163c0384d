import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { boot, type BootOptions, type Machine, ReplayError } from 'ringzero';
import { module_init } from 'ringzero/linux/module';

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

  test('with other parameters is refused', () => {
    expect(() => race({ replay: recorded().token }, 3)).toThrow(ReplayError);
    expect(() => race({ replay: race({}).token }, 49)).toThrow(/the module race has changed, its text or its parameters/);
  });
});

describe('a token is for the modules as they were', () => {
  const DOG = `import { module_init, MODULE_LICENSE } from 'ringzero/linux/module';
module_init(() => 0);
MODULE_LICENSE('GPL');
`;
  const machines: Machine[] = [];
  const booted = (options: BootOptions = {}): Machine => {
    const machine = boot(options);
    machines.push(machine);
    return machine;
  };
  afterEach(() => {
    for (const machine of machines.splice(0)) machine.powerOff();
  });

  const CHANGED = 'the module dog has changed, its text or its parameters, since that run was recorded';

  /** The token of a run without a single decision, which nothing else can tell from another. */
  const tokenOf = (load: (machine: Machine) => void): string => {
    const machine = booted();
    load(machine);
    return machine.token();
  };
  const again = (token: string, load: (machine: Machine) => void): void => {
    load(booted({ replay: token }));
  };
  const dog = (source: string) => (machine: Machine): void => {
    machine.insmod({ name: 'dog', source });
  };

  test('a comment is enough', () => {
    const token = tokenOf(dog(DOG));
    again(token, dog(DOG));
    expect(() => { again(token, dog(`${DOG}// edited\n`)); }).toThrow(ReplayError);
    expect(() => { again(token, dog(`${DOG}// edited\n`)); }).toThrow(CHANGED);
  });

  test('an edit of any of its files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringzero-'));
    const load = (machine: Machine): void => {
      machine.insmod(join(folder, 'dog.ts'));
    };
    writeFileSync(join(folder, 'bark.ts'), 'export const bark = () => 0;\n');
    writeFileSync(join(folder, 'dog.ts'), `import { bark } from './bark.js';\n${DOG.replace('() => 0', 'bark')}`);
    const token = tokenOf(load);
    again(token, load);
    writeFileSync(join(folder, 'bark.ts'), 'export const bark = () =>  0;\n');
    expect(() => { again(token, load); }).toThrow(CHANGED);
    rmSync(folder, { recursive: true });
  });

  test('the function of an inline module, and not what lies around it', () => {
    const [one, other] = [() => { module_init(() => 0); }, () => { module_init(() => -0); }];
    const load = (body: () => void) => (machine: Machine): void => {
      machine.insmod({ name: 'dog', body });
    };
    const token = tokenOf(load(one));
    again(token, load(one));
    expect(() => { again(token, load(other)); }).toThrow(CHANGED);
  });

  test('parameters count as they are written, in any order', () => {
    const params = DOG.replace('module_init, ', "int, module_init, module_param, ").replace('module_init(', "module_param('a', int, 1, 0);\nmodule_param('b', int, 1, 0);\nmodule_init(");
    const load = (values: Record<string, number | string>) => (machine: Machine): void => {
      machine.insmod({ name: 'dog', source: params }, values);
    };
    const token = tokenOf(load({ a: 7, b: 8 }));
    again(token, load({ b: '8', a: '7' }));
    expect(() => { again(token, load({ a: 8, b: 7 })); }).toThrow(CHANGED);
    expect(() => { again(token, load({ a: 7 })); }).toThrow(CHANGED);
  });

  test('loaded again and again it is one module, and what comes behind the recorded run is free', () => {
    const source = DOG.replace('module_init, ', 'module_exit, module_init, ').concat('module_exit(() => undefined);\n');
    const often = (times: number) => (machine: Machine): void => {
      for (let i = 0; i < times; i++) {
        dog(source)(machine);
        machine.rmmod('dog');
      }
    };
    const token = tokenOf(often(100));
    expect(token.length).toBeLessThan(40);
    again(token, (machine) => {
      often(3)(machine);
      machine.insmod({ name: 'cat', source: DOG });
    });
    expect(() => { again(token, (machine) => { machine.insmod({ name: 'cat', source: DOG }); }); }).toThrow('the module cat has changed');
  });
});
