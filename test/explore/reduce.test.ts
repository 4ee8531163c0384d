/** Partial-order reduction leaves out schedules, and no outcome. */
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { choose, type Exploration, explore, type ExploreOptions, KernelError, type Machine } from '../../runtime/index.js';

// A program: what each of two threads, and an interrupt's handler, does with three variables, a buffer and two locks.

type Part = readonly string[];

const NAMES = ['x', 'y', 'z'] as const;
// One of them more often than the others: so that there is something to lose.
const name = fc.constantFrom('x' as const, ...NAMES, 'x' as const);
const field = fc.constantFrom('count' as const, 'flag' as const);
const small = fc.integer({ min: 1, max: 3 });

/** `seen` is the thread's own: all that it reads ends up there. */
const statement = fc.oneof(
  fc.tuple(name, small).map(([a, n]) => `${a} = ${n};`),
  fc.tuple(name, name, small).map(([a, b, n]) => `${a} = ${b} + ${n};`),
  name.map((a) => `seen = seen * 5 + ${a};`),
  name.map((a) => `${a}++;`),
  fc.tuple(name, name).map(([a, b]) => `if (${a} > 1) ${b} = 2; else ${b} += 1;`),
  name.map((a) => `{ const read = ${a};\n  seen = seen * 7 + read; }`),
  name.map((a) => `seen += twice(${a});`),
  name.map((a) => `bump_${a}();`),
  name.map((a) => `for (let i = 0; i < 2; i++) ${a} += i;`),
  name.map((a) => `cell.at(box!).count += ${a};`),
  fc.constant('seen = seen * 3 + cell.at(box!).count;'),
  name.map((a) => `${a} = cell.at(box!).count;`),
  fc.tuple(field, small).map(([a, n]) => `cell.at(box!).${a} = ${n};`),
  field.map((a) => `cell.at(box!).${a} += 2;`),
  field.map((a) => `{ const here = cell.at(box!); if (here.${a} > 1) here.count = 7; else seen++; }`),
  field.map((a) => `seen = seen * 3 + cell.at(box!).${a};`),
  { weight: 1, arbitrary: fc.constantFrom('memset(box, 1, sizeof(cell));', 'wipe();') },
  fc.tuple(name, name).map(([a, b]) => `{ const own = kzalloc(sizeof(cell), GFP_ATOMIC); const here = cell.at(own!); here.count = ${a}; here.flag += here.count; ${b} = 1; seen += here.flag; kfree(own); }`),
  fc.tuple(name, name).map(([a, b]) => `while (${a} < 3) { ${a}++; if (${b} > 1) break; }`),
  fc.tuple(name, name).map(([a, b]) => `try { ${a} = 4; if (${b} === 0) throw new Error('none'); seen++; } catch { ${b} = 3; } finally { seen += ${a}; }`),
  fc.tuple(name, name).map(([a, b]) => `switch (${a}) { case 1: ${b} = 2; break; default: ${b}++; }`),
  fc.tuple(name, name).map(([a, b]) => `{ let held = ${a}; const put = () => { held += ${b}; ${a} = held; }; put(); seen += held; }`),
  fc.tuple(name, name).map(([a, b]) => `list_of(() => ${a}, () => { ${b} = 6; });`),
  fc.tuple(name, small).map(([a, n]) => `if (level.value > ${n}) ${a} = 2; else seen += level.value;`),
  name.map((a) => `level.value = ${a};`),
  small.map((n) => `atomic_add(${n}, total);`),
  name.map((a) => `atomic_set(total, ${a});`),
  name.map((a) => `${a} = atomic_inc_return(total);`),
  fc.constant('if (test_and_set_bit(1, box)) seen += 9;'),
  name.map((a) => `if (try_wait_for_completion(ready)) ${a} = 8;`),
  fc.constant('complete(ready);'),
  fc.constant('tasklet_schedule(soft);'),
  name.map((a) => `seen += read_and_clear_${a}();`),
);

const locked = fc.tuple(fc.constantFrom('m', 'n'), fc.array(statement, { minLength: 1, maxLength: 2 })).map(([lock, body]) => ['{', lock === 'n' ? 'flags = spin_lock_irqsave(n);' : 'spin_lock(m);', ...body, lock === 'n' ? 'spin_unlock_irqrestore(n, flags);' : 'spin_unlock(m);', '}'].join('\n  '));

/** Both locks, always in the same order. */
const nested = fc.array(statement, { minLength: 1, maxLength: 2 }).map((body) => ['{', 'spin_lock(m);', body[0]!, 'flags = spin_lock_irqsave(n);', ...body, 'spin_unlock_irqrestore(n, flags);', 'spin_unlock(m);', '}'].join('\n  '));

/** May sleep. */
const byMutex = fc.array(statement, { minLength: 1, maxLength: 2 }).map((body) => ['{', 'mutex_lock(big);', ...body, 'mutex_unlock(big);', '}'].join('\n  '));

const bySemaphore = fc.array(statement, { minLength: 1, maxLength: 2 }).map((body) => ['{', 'down(turn);', ...body, 'up(turn);', '}'].join('\n  '));

/** Against interrupts, or against the other tasks of the CPU. */
const quiet = fc.tuple(fc.constantFrom(['local_irq_disable();', 'local_irq_enable();'], ['preempt_disable();', 'preempt_enable();'], ['local_bh_disable();', 'local_bh_enable();']), fc.array(statement, { minLength: 1, maxLength: 2 })).map(([[off, on], body]) => ['{', off, ...body, on, '}'].join('\n  '));

const part: fc.Arbitrary<Part> = fc.array(fc.oneof({ weight: 4, arbitrary: statement.map((one) => `{ ${one} }`) }, { weight: 3, arbitrary: locked }, nested, byMutex, bySemaphore, quiet, fc.constant('schedule_work(later);')), { minLength: 1, maxLength: 3 });

/** One that takes a lock that a thread holds on its CPU would wait for ever; nobody disables interrupts here but with n. */
const inInterrupt = statement.filter((one) => !one.includes('bump'));
const lockedInInterrupt = fc.array(inInterrupt, { minLength: 1, maxLength: 2 }).map((body) => ['{', 'spin_lock(n);', ...body, 'spin_unlock(n);', '}'].join('\n  '));
const handler: fc.Arbitrary<Part> = fc.array(fc.oneof(inInterrupt.map((one) => `{ ${one} }`), lockedInInterrupt), { minLength: 1, maxLength: 2 });

/** With `settled` the threads have ended before the module's start has. */
function sourceOf(a: Part, b: Part, irq: Part | null, settled = false): string {
  return `
import { atomic_add, atomic_inc_return, atomic_read, atomic_set, ATOMIC_INIT } from 'ringzero/linux/atomic';
import { test_and_set_bit } from 'ringzero/linux/bitops';
import { complete, DECLARE_COMPLETION, try_wait_for_completion, wait_for_completion } from 'ringzero/linux/completion';
import { msleep } from 'ringzero/linux/delay';
import { ENOMEM } from 'ringzero/linux/errno';
import { DECLARE_TASKLET, free_irq, IRQ_HANDLED, request_irq, tasklet_kill, tasklet_schedule } from 'ringzero/linux/interrupt';
import { kthread_run } from 'ringzero/linux/kthread';
import { local_irq_disable, local_irq_enable } from 'ringzero/linux/irqflags';
import { local_bh_disable, local_bh_enable } from 'ringzero/linux/bottom_half';
import { preempt_disable, preempt_enable } from 'ringzero/linux/preempt';
import { DEFINE_SEMAPHORE, down, up } from 'ringzero/linux/semaphore';
import { int, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { pr_info } from 'ringzero/linux/printk';
import { GFP_ATOMIC, GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';
import { DEFINE_MUTEX, mutex_lock, mutex_unlock } from 'ringzero/linux/mutex';
import { DEFINE_SPINLOCK, spin_lock, spin_lock_irqsave, spin_unlock, spin_unlock_irqrestore } from 'ringzero/linux/spinlock';
import { memset } from 'ringzero/linux/string';
import { sizeof, struct, u32 } from 'ringzero/linux/types';
import { DECLARE_WORK, flush_work, schedule_work } from 'ringzero/linux/workqueue';
const cell = struct('cell', { count: u32, pad: u32, flag: u32 });
const m = DEFINE_SPINLOCK('m');
const n = DEFINE_SPINLOCK('n');
const big = DEFINE_MUTEX('big');
const level = module_param('level', int, 2, 0);
const later = DECLARE_WORK(() => { x = x + 2; });
const total = ATOMIC_INIT(0);
const done = DECLARE_COMPLETION('done');
const ready = DECLARE_COMPLETION('ready');
const turn = DEFINE_SEMAPHORE('turn');
const soft = DECLARE_TASKLET('soft', () => { y = y * 2 + x; });
const results = [0, 0, 0];
let x = 0;
let y = 0;
let z = 0;
let box = null;
function wipe() { memset(box, 0, sizeof(cell)); }
function twice(v) { return v * 2; }
function list_of(...all) { for (const one of all) one(); }
${NAMES.map((a) => `function bump_${a}() {\n  ${a} = ${a} + 1;\n}`).join('\n')}
${NAMES.map((a) => `function read_and_clear_${a}() {\n  const read = ${a};\n  ${a} = 0;\n  return read;\n}`).join('\n')}
function first() {
  let seen = 0;
  let flags = 0;
  ${a.join('\n  ')}
  results[0] = seen;
  complete(done);
  return 0;
}
function second() {
  let seen = 0;
  let flags = 0;
  ${b.join('\n  ')}
  results[1] = seen;
  complete(done);
  return 0;
}
function interrupt() {
  let seen = 0;
  ${(irq ?? []).join('\n  ')}
  results[2] = seen;
  return IRQ_HANDLED;
}
module_init(() => {
  box = kzalloc(sizeof(cell), GFP_KERNEL);
  if (box === null) return -ENOMEM;
  wipe();
  const err = request_irq(5, interrupt, 0, 'program', m);
  kthread_run(first, null, 'first');
  kthread_run(second, null, 'second');
  wait_for_completion(done);
  wait_for_completion(done);
  ${settled ? 'msleep(1);' : ''}
  return err;
});
module_exit(() => {
  flush_work(later);
  tasklet_kill(soft);
  free_irq(5, m);
  pr_info('outcome %d %d %d %d %d %d %d %d %d\\n', x + 100 * level.value, y, z, results[0], results[1], results[2], cell.at(box).count, cell.at(box).flag, atomic_read(total));
  kfree(box);
});
MODULE_LICENSE('GPL');
`;
}

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
    expect(fewer.result.claim).toMatch(/^every schedule with at most 2 preemptions and 1 interrupt \(\d+, up to steps that commute\) passes$/);
    expect(every.result.claim).toMatch(/^every schedule with at most 2 preemptions and 1 interrupt \(\d+\) passes$/);
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
