/** Partial-order reduction of code that is written in a test file: what the host does beside the machine counts, too. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Exploration, explore, type ExploreOptions, type Machine } from '../../runtime/index.js';
import { askingPart, hostPart, loadTestFile, type ShownScenario, testFileOf } from './common/test_file.js';
import { handler, type Part } from './common/random_programs.js';

let files = 0;

/** Every outcome within the bounds, and what the exploration has to say. */
function outcomes(scenario: (machine: Machine) => string, options: ExploreOptions): { all: string[]; result: Exploration } {
  const seen = new Set<string>();
  const result = explore({ strategy: 'exhaustive', schedules: 1_000_000, keep: false, ...options }, (machine) => {
    seen.add(scenario(machine));
  });
  return { all: [...seen].sort(), result };
}

const scenarioOf = (text: string): ShownScenario => loadTestFile(`/project/random${files++}.test.ts`, text)['scenario'] as ShownScenario;

test('no outcome of a random program is lost', () => {
  let full = 0;
  let reduced = 0;
  fc.assert(
    fc.property(askingPart, askingPart, fc.option(handler), hostPart, hostPart, hostPart, fc.constantFrom(1, 2, 2, 2, 3), (a, b, irq, between, later, device, cpus) => {
      const scenario = scenarioOf(testFileOf(a, b, irq, between, later, device));
      const bounds = { cpus, preemptions: irq === null ? 2 : 1 };
      const every = outcomes(scenario, { ...bounds, reduce: false });
      const fewer = outcomes(scenario, bounds);
      expect(every.result.exhausted && fewer.result.exhausted).toBe(true);
      expect(fewer.all).toEqual(every.all);
      full += every.result.schedules;
      reduced += fewer.result.schedules;
    }),
    { numRuns: Number(process.env['RINGZERO_PROGRAMS'] ?? 10) },
  );
  expect(reduced).toBeLessThan(full);
}, 3_600_000);

describe('what is left out', () => {
  /** Two threads and the host, as testFileOf() has them; the same with all and with fewer schedules. */
  function compare(a: Part, b: Part, { between = [], later = [], device = [] }: { between?: Part; later?: Part; device?: Part }, options: ExploreOptions = {}): { every: number; fewer: number; outcomes: number } {
    const scenario = scenarioOf(testFileOf(a, b, null, between, later, device));
    const every = outcomes(scenario, { ...options, reduce: false });
    const fewer = outcomes(scenario, options);
    expect(fewer.all).toEqual(every.all);
    return { every: every.result.schedules, fewer: fewer.result.schedules, outcomes: every.all.length };
  }

  const section = ['spin_lock(m);', 'x++;', 'y = x + y;', 'x = y;', 'spin_unlock(m);'];

  test('steps under a lock, of variables of the scenario that it sets before and reads behind', () => {
    const { every, fewer } = compare(section, section, { later: ['seen = x + y;'] });
    expect(fewer * 2).toBeLessThan(every);
  });

  test('no step of a variable that the host uses while the thread may run', () => {
    const { outcomes } = compare(['x = 1;', 'x = 2;'], ['z = 1;'], { between: ['seen = seen * 5 + x;'] });
    expect(outcomes).toBeGreaterThan(2);
  });

  test('no step of a variable that the host uses in a statement in which it has let the machine run', () => {
    const scenario = scenarioOf(`
import { kthread_run } from 'ringzero/linux/kthread';
export const scenario = (machine) => {
  let x = 0;
  const run = () => machine.run(() => {
    kthread_run(() => { x = 1; x = 2; return 0; }, null, 'a');
    return 0;
  });
  const found = run() + x;
  machine.settle();
  x = 3;
  return String(found);
};
`);
    const every = outcomes(scenario, { reduce: false });
    expect(outcomes(scenario, {}).all).toEqual(every.all);
    expect(every.all).toEqual(['0', '1', '2']);
  });

  test('no step of a variable that a device of the test uses', () => {
    const { outcomes } = compare(['seen = seen * 5 + x;', 'seen = seen * 5 + x;'], ['inb(0x300);'], { device: ['x++;'] });
    expect(outcomes).toBeGreaterThan(1);
  });

  test('no step of a variable that an async function uses, or a generator, whose statements have no points', () => {
    for (const call of ['(async () => { x = 5; })();', 'for (const one of (function* () { yield (x = 5); })()) seen = one;', '[...(function* () { x = 5; })()];']) {
      const { outcomes } = compare([call], ['seen = seen * 5 + x;', 'seen = seen * 5 + x;'], {});
      expect(outcomes).toBe(3);
    }
  });

  test('nothing where the statement calls what the file does not have', () => {
    const { outcomes } = compare(['Reflect.set(results, 2, x);', 'x = 1;'], ['x = 3;', 'x = 4;'], {});
    expect(outcomes).toBeGreaterThan(3);
  });
});
