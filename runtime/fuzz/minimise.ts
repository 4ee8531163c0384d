/** The smallest program that crashes in the same way: steps taken out, values made simpler, decisions taken out. */
import type { Decision } from '../choice/sparse.js';
import type { Act } from './play.js';
import type { Fault } from './crash.js';
import type { Draw, Program, Step } from './program.js';
import type { Argument } from './target.js';
import { simplerValues } from './values.js';

/** Runs that a minimisation may take. */
const RUNS_MAX = 1500;
/** Schedules that are drawn for a program which has lost a step: its decisions fit no more. */
const REDRAWN = 24;

/** By the clocks, or by decisions at points. */
export type How = 'time' | readonly Decision[];

export interface Reproduction {
  readonly program: Program;
  readonly how: How;
  readonly fault: Fault;
  readonly acts: readonly Act[];
}

export interface Runs {
  /** Runs the program. Returns null where it does not crash. */
  run(program: Program, how: How | Draw): Reproduction | null;
  /** What an argument of a call can be. */
  arguments(name: string): readonly Argument[];
}

/** `found` is known to crash, with the decisions that it has. */
export function minimise(runs: Runs, found: Reproduction): Reproduction {
  const { key } = found.fault;
  let best = found;
  let left = RUNS_MAX;
  const same = (program: Program, how: How | Draw): boolean => {
    if (left-- <= 0) return false;
    const again = runs.run(program, how);
    if (again?.fault.key !== key) return false;
    best = again;
    return true;
  };
  const crashes = (program: Program): boolean => {
    const { how } = best;
    if (same(program, how)) return true;
    if (how === 'time' || how.length === 0) return false;
    for (let i = 1; i <= REDRAWN; i++) {
      if (same(program, { by: i % 2 === 0 ? 'pct' : 'random', seed: i, length: program.draw.length })) return true;
    }
    return false;
  };
  // A program that needs no schedule of its own is the easiest to read.
  if (!same(found.program, 'time')) same(found.program, []);
  for (let before = Infinity; left > 0; ) {
    shrink(() => best.program.steps, (steps) => crashes({ ...best.program, steps }));
    for (let i = 0; i < best.program.steps.length; i++) simplify(i);
    const size = best.program.steps.length;
    if (size === before) break;
    before = size;
  }
  if (best.how !== 'time') shrink(() => best.how as readonly Decision[], (decisions) => same(best.program, decisions));
  return best;

  function simplify(at: number): void {
    for (let better = true; better && left > 0; ) {
      better = simpler(best.program.steps[at]!, runs).some((step) => crashes({ ...best.program, steps: best.program.steps.map((other, i) => (i === at ? step : other)) }));
    }
  }
}

/** Halves first, then quarters, at last one by one: Zeller and Hildebrandt's ddmin (TSE 2002). `holds` makes a list the current one. */
function shrink<T>(current: () => readonly T[], holds: (list: readonly T[]) => boolean): void {
  for (let size = Math.ceil(current().length / 2); size >= 1; ) {
    let shrunk = false;
    for (let from = 0; from < current().length; ) {
      const list = current();
      if (holds([...list.slice(0, from), ...list.slice(from + size)])) shrunk = true;
      else from += size;
    }
    if (size === 1 && !shrunk) break;
    size = size === 1 ? 1 : Math.ceil(size / 2);
  }
}

/** Steps that say the same in a simpler way. */
function simpler(step: Step, runs: Runs): Step[] {
  switch (step.kind) {
    case 'call': {
      const kinds = runs.arguments(step.name);
      const alone: Step[] = step.together ? [{ ...step, together: false }] : [];
      return [...alone, ...step.args.flatMap((value, i) => simplerValues(kinds[i]!, value).map((less): Step => ({ ...step, args: step.args.map((other, k) => (k === i ? less : other)) })))];
    }
    case 'load':
      return Object.keys(step.params).length === 0 ? [] : [{ ...step, params: {} }];
    case 'advance':
      return step.ns > 1000 ? [{ ...step, ns: Math.max(1000, Math.trunc(step.ns / 10)) }] : [];
    case 'fail':
      return step.nth > 1 ? [{ ...step, nth: 1 }] : [];
    case 'raise':
    case 'lower':
    case 'arm':
    case 'unload':
      return [];
  }
}
