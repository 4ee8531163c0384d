/** Partial-order reduction leaves out schedules, and no outcome. */
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { choose, type Exploration, explore, type ExploreOptions, KernelError, type Machine } from '../../runtime/index.js';
import { handler, type Part, part, sourceOf } from './common/random_programs.js';

/** Every outcome within the bounds, and what the exploration has to say. */
function outcomes(source: string, options: ExploreOptions, arm = false): { all: string[]; result: Exploration } {
  const seen = new Set<string>();
  const result = explore({ strategy: 'exhaustive', schedules: 1_000_000, ...options }, (machine) => {
    if (arm) machine.arm(5);
    machine.insmod({ name: 'program', source });
    machine.rmmod('program');
    seen.add(/outcome.*/.exec(machine.dmesg())![0]);
  });
  return { all: [...seen].sort(), result };
}

test('no outcome of a random program is lost', () => {
  let full = 0;
  let reduced = 0;
  fc.assert(
    fc.property(part, part, fc.option(handler), fc.constantFrom(1, 2, 2, 2, 3), (a, b, irq, cpus) => {
      const source = sourceOf(a, b, irq);
      const bounds = { cpus, preemptions: irq === null ? 2 : 1 };
      const every = outcomes(source, { ...bounds, reduce: false }, irq !== null);
      const fewer = outcomes(source, bounds, irq !== null);
      expect(every.result.exhausted && fewer.result.exhausted).toBe(true);
      expect(fewer.all).toEqual(every.all);
      full += every.result.schedules;
      reduced += fewer.result.schedules;
    }),
    { numRuns: Number(process.env['RINGZERO_PROGRAMS'] ?? 10) },
  );
  expect(reduced).toBeLessThan(full);
}, 3_600_000);

const twoOf = (a: Part, b: Part): string => sourceOf(a, b, null, true);

test('where clocks say what a schedule costs nothing is left out', () => {
  const source = twoOf(['spin_lock(m);', 'x++;', 'spin_unlock(m);'], ['z = 1;', 'y = z;']);
  const count = (reduce: boolean): number => outcomes(source, { strategy: 'delay', reduce }).result.schedules;
  expect(count(true)).toBe(count(false));
});

describe('what is left out', () => {
  const section = ['spin_lock(m);', 'x++;', 'y = x + 1;', 'x = y;', 'spin_unlock(m);'];

  test('steps under a lock that all who touch the variable hold', () => {
    const source = twoOf(section, section);
    const every = outcomes(source, { reduce: false });
    const fewer = outcomes(source, {});
    expect(fewer.all).toEqual(every.all);
    expect(fewer.result.schedules * 2).toBeLessThan(every.result.schedules);
    expect(fewer.result.claim).toMatch(/^every schedule with at most 2 preemptions and 1 interrupt \(\d+, up to steps that commute\) passes(?:; .*)?$/);
    expect(every.result.claim).toMatch(/^every schedule with at most 2 preemptions and 1 interrupt \(\d+\) passes(?:; .*)?$/);
  });

  test('accesses to memory under a lock, by the field', () => {
    const fields = ['spin_lock(m);', 'cell.at(box).count += 1;', 'cell.at(box).flag = 2;', 'spin_unlock(m);'];
    const source = twoOf(fields, fields);
    const every = outcomes(source, { reduce: false });
    const fewer = outcomes(source, {});
    expect(fewer.all).toEqual(every.all);
    expect(fewer.result.schedules * 2).toBeLessThan(every.result.schedules);
    // A call that may touch any memory says that nothing is known of it.
    for (const call of ['memset(box, 1, sizeof(cell));', 'wipe();']) {
      const wild = twoOf(fields, [...fields, call]);
      expect(outcomes(wild, {}).all).toEqual(outcomes(wild, { reduce: false }).all);
    }
  });

  test('no access beside the lock that the other one takes for it', () => {
    const source = twoOf(['spin_lock(m);', 'cell.at(box).count = 1;', 'cell.at(box).count += 1;', 'spin_unlock(m);'], ['seen = cell.at(box).count;']);
    const every = outcomes(source, { reduce: false });
    expect(outcomes(source, {}).all).toEqual(every.all);
    expect(every.all).toHaveLength(3);
  });

  test('no step under a lock that one of them does not hold', () => {
    const source = twoOf(section, ['x = 5;']);
    const every = outcomes(source, { reduce: false });
    const fewer = outcomes(source, {});
    expect(fewer.all).toEqual(every.all);
    expect(fewer.all.length).toBeGreaterThan(3);
  });

  test('no step under two locks of which each has one', () => {
    const source = twoOf(section, section.map((one) => one.replace('(m)', '(n)')));
    expect(outcomes(source, {}).all).toEqual(outcomes(source, { reduce: false }).all);
  });

  test('steps of a thread and a handler under the lock that both take', () => {
    const thread = ['flags = spin_lock_irqsave(n);', 'x++;', 'y = x;', 'x = y + 1;', 'spin_unlock_irqrestore(n, flags);'];
    const locked = sourceOf(thread, ['z = 1;'], ['spin_lock(n);', 'x = 5;', 'y = 1;', 'spin_unlock(n);'], true);
    const every = outcomes(locked, { preemptions: 1, reduce: false }, true);
    const fewer = outcomes(locked, { preemptions: 1 }, true);
    expect(fewer.all).toEqual(every.all);
    expect(fewer.result.schedules * 2).toBeLessThan(every.result.schedules);
  });

  test('no step of a thread that holds a lock, where the handler on top of it has none', () => {
    // The handler touches x in the middle of the section alone: there the lock is held, and not by the handler.
    const thread = ['spin_lock(m);', 'y = 1;', 'x++;', 'seen = seen * 5 + x;', 'seen = seen * 5 + x;', 'y = 0;', 'spin_unlock(m);'];
    const source = sourceOf(thread, ['z = 1;'], ['if (y === 1) x = 7;'], true);
    const every = outcomes(source, { cpus: 1, reduce: false }, true);
    const fewer = outcomes(source, { cpus: 1 }, true);
    expect(fewer.all).toEqual(every.all);
    expect(every.all).toHaveLength(5);
    expect(fewer.result.schedules).toBeLessThan(every.result.schedules);
  });

  test('no step of who is first, though nobody had touched the variable before it', () => {
    // Where a first touch were free, the second thread would always find what the first has written.
    const source = twoOf(['x = 5;'], ['spin_lock(m);', 'seen = x;', 'spin_unlock(m);']);
    const every = outcomes(source, { reduce: false });
    expect(outcomes(source, {}).all).toEqual(every.all);
    expect(every.all).toHaveLength(2);
  });

  test('what follows from a state that an earlier schedule has come to', () => {
    // Every step is contested, but those of different variables commute.
    const source = twoOf(['x = 1;', 'y = 1;', 'x = y;'], ['z = 1;', 'x = 2;', 'z = x;', 'y = z;']);
    const bounds = { preemptions: 4 };
    const every = outcomes(source, { ...bounds, reduce: false });
    const fewer = outcomes(source, bounds);
    expect(fewer.all).toEqual(every.all);
    expect(fewer.result.schedules * 4).toBeLessThan(every.result.schedules);
  });

  test('no state in which an interrupt waits, for one in which it does not', () => {
    const thread = ['local_irq_disable();', 'x = 1;', 'seen = y;', 'local_irq_enable();', 'seen = seen * 5 + y;'];
    const source = sourceOf(thread, ['z = 1;'], ['y = y * 3 + x + 1;'], true);
    const options = { cpus: 1, preemptions: 2 };
    expect(outcomes(source, options, true).all).toEqual(outcomes(source, { ...options, reduce: false }, true).all);
  });

  test('no CPU that comes between what an interrupt has left to a tasklet and the step behind it', () => {
    const thread = ['spin_lock(m);', '{ let held = x; const put = () => { held += z; x = held; }; put(); }', 'spin_unlock(m);'];
    const source = sourceOf(['seen = y * 10 + x;'], thread, ['x = 4;', 'tasklet_schedule(soft);'], true);
    expect(outcomes(source, { preemptions: 1 }, true).all).toEqual(outcomes(source, { preemptions: 1, reduce: false }, true).all);
  });

  test('no step of an interrupt for one of the thread that it came upon', () => {
    const a = ['spin_lock(m);', 'list_of(() => x, () => { x = 6; });', 'seen = cell.at(box).count;', 'spin_unlock(m);', '{ const read = x;\n  seen = seen * 7 + read; }'];
    const source = sourceOf(a, ['bump_x();', 'x++;'], ['atomic_set(total, x);']);
    expect(outcomes(source, { preemptions: 1 }, true).all).toEqual(outcomes(source, { preemptions: 1, reduce: false }, true).all);
  });

  test('no failed allocation, and no answer, for another', () => {
    const source = twoOf(['{ const own = kzalloc(4, GFP_KERNEL); if (own === null) x = 3; else kfree(own); }'], ['y = x;', '{ const own = kzalloc(4, GFP_KERNEL); if (own === null) x += 5; else kfree(own); }']);
    const all = (reduce: boolean): string[] => {
      const seen = new Set<string>();
      explore({ strategy: 'exhaustive', faults: 1, preemptions: 3, schedules: 1_000_000, reduce }, (machine) => {
        const answer = machine.run(() => choose(3));
        try {
          machine.insmod({ name: 'program', source });
          machine.rmmod('program');
        } catch (error) {
          if (!(error instanceof KernelError)) throw error;
        }
        seen.add(`${answer} ${/outcome.*/.exec(machine.dmesg())?.[0]}`);
      });
      return [...seen].sort();
    };
    expect(all(true)).toEqual(all(false));
    expect(all(true).length).toBeGreaterThan(8);
  });

  test('nothing that an invariant could see', () => {
    const source = twoOf(['x = 1;', 'x = 2;', 'x = 3;'], ['y = 1;', 'y = 2;', 'y = 3;']);
    const scenario = (reads: boolean) => (machine: Machine): void => {
      if (reads) machine.invariant(() => true, 'nothing');
      machine.insmod({ name: 'program', source });
      machine.rmmod('program');
    };
    const schedules = (options: ExploreOptions, reads: boolean): number => explore({ strategy: 'exhaustive', ...options }, scenario(reads)).schedules;
    expect(schedules({}, false)).toBeLessThan(schedules({ reduce: false }, false));
    expect(schedules({}, true)).toBe(schedules({ reduce: false }, true));
  });

  test('nothing twice, where a variable turns out to be shared late', () => {
    const tokens: string[] = [];
    const source = twoOf(['x++;', 'x++;'], ['if (x === 1) y++;', 'y++;', 'if (x === 1) z++;']);
    const { schedules, distinct } = explore({ strategy: 'exhaustive' }, (machine) => {
      machine.insmod({ name: 'program', source });
      machine.rmmod('program');
      tokens.push(machine.token());
    });
    expect(distinct).toBe(schedules);
    expect(new Set(tokens).size).toBe(tokens.length);
  });
});

describe('the option', () => {
  const scenario = (): void => undefined;

  test.each(['yes', 1, null])('%j is refused', (reduce) => {
    expect(() => explore({ reduce: reduce as unknown as boolean }, scenario)).toThrow(`explore(): reduce must be true or false, got ${JSON.stringify(reduce)}`);
  });

  test('the environment has the last word', () => {
    vi.stubEnv('RINGZERO_EXPLORE_REDUCE', 'false');
    expect(outcomes(twoOf(['x = 1;'], ['y = 1;']), {}).result.claim).not.toContain('commute');
    vi.stubEnv('RINGZERO_EXPLORE_REDUCE', 'no');
    expect(() => explore({}, scenario)).toThrow('RINGZERO_EXPLORE_REDUCE must be true or false, got no');
  });

  afterEach(() => { vi.unstubAllEnvs(); });
});
