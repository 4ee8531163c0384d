import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { assert_always, assert_sometimes, AssertionFailure, boot, choose, explore, ExplorationError, ExplorationFailure, type ExploreOptions, type Machine, MachineError, replay, ReplayError } from 'ringzero';
import { kthread_run } from 'ringzero/linux/kthread';
import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';

function failureOf(options: ExploreOptions, scenario: (machine: Machine) => void): ExplorationFailure {
  try {
    explore(options, scenario);
  } catch (error) {
    if (error instanceof ExplorationFailure) return error;
    throw error;
  }
  throw new Error('nothing was found');
}

/** Two threads that each do `work`, on two CPUs. */
function two(machine: Machine, work: () => void): void {
  const body = (): void => {
    module_init(() => {
      const done = DECLARE_COMPLETION('done');
      const thread = (): number => {
        work();
        complete(done);
        return 0;
      };
      kthread_run(thread, null, 'a');
      kthread_run(thread, null, 'b');
      wait_for_completion(done);
      wait_for_completion(done);
      return 0;
    });
    module_exit(() => undefined);
    MODULE_LICENSE('GPL');
  };
  machine.insmod({ name: 'two', body });
}

describe('choose()', () => {
  test('is tried each way, and drawn in the report', () => {
    const seen = new Set<number>();
    const { exhausted, schedules } = explore({ strategy: 'exhaustive' }, () => { seen.add(choose(5)); });
    expect([exhausted, schedules, [...seen].sort()]).toEqual([true, 5, [0, 1, 2, 3, 4]]);
  });

  test('inside the machine, a failing way is found, replayed, and is 0 without an exploration', () => {
    const run = (machine: Machine): void => {
      machine.run(() => { assert_always(choose(100) !== 73, 'the device answered 73'); });
    };
    const failure = failureOf({}, run);
    expect(failure.headline).toBe('the device answered 73');
    expect(failure.message).toContain('choose() is 73');
    expect(() => { replay(failure.token, run); }).toThrow(AssertionFailure);
    const machine = boot();
    run(machine);
    machine.powerOff();
  });

  test.each([0, -1, 1.5, NaN, 1e9])('of %s ways is refused', (n) => {
    expect(() => explore({}, () => { choose(n); })).toThrow(/the number of ways/);
  });

  test('needs a machine', () => {
    expect(() => choose(2)).toThrow(MachineError);
  });
});

describe('failing allocations', () => {
  const leaky = (machine: Machine): void => {
    machine.run(() => {
      const a = kmalloc(32, GFP_KERNEL);
      const b = kmalloc(32, GFP_KERNEL);
      if (a !== null && b !== null) kfree(a);
      kfree(b);
    });
    assert_always(machine.leftovers().length === 0, 'leaked');
  };

  test('are explored within their bound, shown, and replayed', () => {
    const failure = failureOf({ faults: 1 }, leaky);
    expect(failure.decisions).toHaveLength(1);
    expect(failure.message).toContain('the allocation fails');
    expect(() => { replay(failure.token, leaky); }).toThrow('leaked');
  });

  test.each(['exhaustive', 'delay', 'pct', 'random', 'urw'] as const)('by %s, too, and no more than so many', (strategy) => {
    let most = 0;
    explore({ strategy, faults: 2, schedules: 300 }, (machine) => {
      machine.run(() => {
        const blocks = Array.from({ length: 5 }, () => kmalloc(32, GFP_KERNEL));
        most = Math.max(most, blocks.filter((block) => block === null).length);
        for (const block of blocks) kfree(block);
      });
    });
    expect(most).toBe(2);
  });

  test('do not come without faults', () => {
    expect(() => explore({}, leaky)).toThrow(/nothing could interleave/);
  });
});

describe('assertions', () => {
  test('assert_sometimes() that never holds fails the exploration', () => {
    expect(() => explore({}, () => { assert_sometimes(choose(3) === 7, 'the device says 7'); })).toThrow(/^never came true in \d schedules: the device says 7$/);
    expect(() => explore({}, () => { assert_sometimes(choose(3) === 2, 'the device says 2'); })).not.toThrow();
  });

  test('an invariant is checked at every point, by the replay too, and its look costs nothing', () => {
    let low = 0;
    const run = (machine: Machine): void => {
      low = 0;
      let high = 0;
      machine.invariant(() => high === low, 'high and low differ');
      const lock = machine.run(() => DEFINE_SPINLOCK('lock'));
      two(machine, () => {
        low++;
        high++;
        spin_lock(lock);
        low++;
        if (choose(2) === 1) spin_unlock(lock);
        high++;
        if (high !== low) return;
        spin_unlock(lock);
      });
    };
    const failure = failureOf({}, run);
    expect(failure.headline).toBe('high and low differ');
    expect(() => { replay(failure.token, run); }).toThrow('high and low differ');
  });

  test('an invariant that holds changes no schedule', () => {
    const work = (machine: Machine): void => { two(machine, () => { kfree(kmalloc(8, GFP_KERNEL)); }); };
    const without = explore({ strategy: 'exhaustive', preemptions: 1 }, work);
    let looks = 0;
    const same = explore({ strategy: 'exhaustive', preemptions: 1 }, (machine) => {
      machine.invariant(() => ++looks > 0, 'never');
      work(machine);
    });
    expect(same.claim).toBe(without.claim);
    expect(same.steps).toBe(without.steps);
    expect(looks).toBeGreaterThan(same.steps);
  });

  test.each([undefined, 1, Promise.resolve(false)])('an invariant that is %s is neither true nor false', (value) => {
    const scenario = (machine: Machine): void => {
      machine.invariant(() => value as never, 'all is well');
      two(machine, () => undefined);
    };
    expect(() => explore({}, scenario)).toThrow(/^invariant\(\): 'all is well' must be true or false, got /);
    expect(() => { boot().invariant(() => true, undefined as never); }).toThrow(/^invariant\(\): wants a text that says what must hold/);
  });

  test('a warning of the kernel is a failure', () => {
    expect(failureOf({}, (machine) => {
      machine.run(() => { if (choose(2) === 1) kthread_run(() => { throw new Error('x'); }, null, 'thrower'); });
      machine.settle();
    }).headline).toMatch(/Oops|Error/);
  });
});

describe('claims', () => {
  const scenario = (machine: Machine): void => { two(machine, () => { kfree(kmalloc(8, GFP_KERNEL)); }); };

  test('a portfolio goes beyond its bounds and says so', () => {
    const { claim, distinct, schedules, strategy } = explore({ preemptions: 0, schedules: 400 }, scenario);
    expect(strategy).toBe('portfolio');
    expect(schedules).toBe(400);
    expect(distinct).toBeLessThanOrEqual(400);
    expect(distinct).toBeGreaterThan(200);
    expect(claim).toMatch(/^every schedule with at most \d+ preemptions? and 1 interrupt \(\d+\) passes, and so do \d+ others(?:; .*)?$/);
  });

  test('what is left is said', () => {
    const { claim, left, exhausted } = explore({ strategy: 'exhaustive', schedules: 50, preemptions: 3 }, scenario);
    expect(exhausted).toBe(false);
    expect(left).toBeGreaterThan(50);
    expect(claim).toMatch(/^50 schedules pass.*; with at most 3 preemptions and 1 interrupt there are at least \d+ more, by estimate \d+(?:; .*)?$/);
  });

  test('a scenario that is not repeatable is told from one that fails', () => {
    let runs = 0;
    expect(() => explore({}, () => { choose(2); if (++runs === 2) throw new Error('now and then'); })).toThrow(ExplorationError);
  });

  test('the same seed finds the same, another one something else', () => {
    const draw = (seed: number): string => JSON.stringify(explore({ strategy: 'random', seed, schedules: 50 }, scenario));
    expect(draw(1)).toBe(draw(1));
    expect(draw(1)).not.toBe(draw(2));
  });

  test('a time box ends it', () => {
    const begin = performance.now();
    explore({ strategy: 'random', schedules: 1e9, milliseconds: 100 }, scenario);
    expect(performance.now() - begin).toBeLessThan(3000);
  });
});

describe('what is refused', () => {
  const nothing = (): void => undefined;

  test.each<[unknown, RegExp]>([
    [null, /^explore\(\): wants its options and then a scenario, as in explore\(\{ preemptions: 2 \}, .*, got null for the options$/],
    [nothing, /got the function nothing for the options$/],
    [{ premptions: 2 }, /^explore\(\): there is no option 'premptions': did you mean preemptions\?/],
    [{ cpu: 2 }, /did you mean cpus\?/],
    [{ workers: 2 }, /^explore\(\): there is no option 'workers': .*exploreModules\(\)/],
    [{ replay: 'rz2.' }, /^explore\(\): there is no option 'replay': replay\(token, scenario\)/],
    [{ trace: true }, /boot\(\{ replay: token, trace: true \}\)/],
    [{ somethingElseAltogether: 1 }, /^explore\(\): there is no option 'somethingElseAltogether': there are strategy, .* and for its machines cpus, memory/],
  ])('the options %j', (options, message) => {
    expect(() => explore(options as never, nothing)).toThrow(message);
    expect(() => explore(options as never, nothing)).toThrow(MachineError);
  });

  test.each([undefined, null, 'scenario', {}])('the scenario %j', (scenario) => {
    expect(() => explore({}, scenario as never)).toThrow(/^explore\(\): wants a scenario, a function that is given a machine, got /);
    expect(() => { replay('rz2.', scenario as never); }).toThrow(/^replay\(\): wants a scenario/);
  });

  test.each([undefined, null, 7])('the token %j', (token) => {
    expect(() => { replay(token as never, nothing); }).toThrow(/^replay\(\): wants a token as a report has it, /);
  });

  test('a token of a scenario with other decisions, though that passes', () => {
    const ask = (wanted: number) => (machine: Machine): void => {
      if (wanted > 0) machine.run(() => { assert_always(choose(3) !== wanted, 'not that'); });
    };
    const { token } = failureOf({}, ask(2));
    expect(() => { replay(token, ask(2)); }).toThrow(AssertionFailure);
    expect(() => { replay(token, ask(0)); }).toThrow(ReplayError);
  });

  test('a scenario that returns a promise, whatever becomes of that', () => {
    const late: () => unknown = () => Promise.reject(new Error('late'));
    expect(() => explore({}, late)).toThrow(MachineError);
    expect(() => explore({}, late)).toThrow(/^the scenario returned a promise, .*machine\.advance\(\)/);
    expect(() => { replay(boot().token(), late); }).toThrow(/^the scenario returned a promise/);
  });
});

describe('the environment', () => {
  afterEach(() => { vi.unstubAllEnvs(); });

  test('has the last word', () => {
    vi.stubEnv('RINGZERO_EXPLORE_SCHEDULES', '7');
    vi.stubEnv('RINGZERO_EXPLORE_STRATEGY', 'urw');
    const { schedules, strategy } = explore({ schedules: 100 }, () => { choose(3); });
    expect([schedules, strategy]).toEqual([7, 'urw']);
  });

  test.each([['SCHEDULES', '0'], ['SCHEDULES', 'many'], ['DEPTH', ''], ['FAULTS', '-1'], ['STRATEGY', 'best'], ['MILLISECONDS', 'Infinity']])('RINGZERO_EXPLORE_%s=%s is refused', (name, value) => {
    vi.stubEnv(`RINGZERO_EXPLORE_${name}`, value);
    expect(() => explore({}, () => { choose(2); })).toThrow(MachineError);
  });
});

test('a file that is edited meanwhile stays what it was, to the end of the exploration', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringzero-'));
  const file = join(folder, 'edited.ts');
  const write = (text: string): void => {
    writeFileSync(file, `import { pr_info } from 'ringzero/linux/printk';
import { module_init, MODULE_LICENSE } from 'ringzero/linux/module';
module_init(() => { pr_info('${text}'); return 0; });
MODULE_LICENSE('GPL');
`);
  };
  const run = (machine: Machine): void => {
    machine.insmod(file);
    seen.push(machine.log().find((line) => line.startsWith('version'))!);
    // Of another size: it is noticed whatever the clock says.
    write('version two');
  };
  const seen: string[] = [];
  try {
    write('version 1');
    explore({ strategy: 'exhaustive' }, (machine) => { choose(3); run(machine); });
    const machine = boot();
    run(machine);
    machine.powerOff();
  } finally {
    rmSync(folder, { recursive: true });
  }
  expect(seen).toEqual(['version 1', 'version 1', 'version 1', 'version two']);
});

test('memory stays flat', () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const run = (schedules: number): number => {
    explore({ strategy: 'random', schedules }, (machine) => { two(machine, () => { kfree(kmalloc(8, GFP_KERNEL)); }); });
    gc();
    return process.memoryUsage().heapUsed;
  };
  const before = run(500);
  // A machine takes some 18 KB.
  expect(run(1500) - before).toBeLessThan(1500 * 2000);
});
