/** Runs a scenario under many schedules, each on a fresh machine, until one fails or the bound is reached. */
import { Pct } from '../choice/pct.js';
import { RandomWalk } from '../choice/random_walk.js';
import { Recorded } from '../choice/recorded.js';
import { type Decision, Sparse } from '../choice/sparse.js';
import { KernelPanic, MachineError } from '../machine/errors.js';
import { Frontier } from './frontier.js';
import { minimise } from './minimise.js';
import { type Failure, type MachineOptions, runSchedule, type Scenario } from './schedule.js';
import { timeline } from './timeline.js';

export type ExploreStrategy = 'exhaustive' | 'random' | 'pct';

export interface ExploreOptions extends MachineOptions {
  /**
   * `exhaustive` runs every schedule within the bounds, the simplest first; `random` and `pct` draw them by the seed.
   * Exhaustive unless told.
   */
  readonly strategy?: ExploreStrategy;
  /** Schedules that are run at most: 10,000 unless told. */
  readonly schedules?: number;
  /** Preemptions of a schedule at most, for `exhaustive`: 2 unless told. */
  readonly preemptions?: number;
  /** Interrupts of machine.arm() that come in a schedule at most, for `exhaustive`: 1 unless told. */
  readonly interrupts?: number;
  /** Depth of the bugs that `pct` looks for: 3 unless told. */
  readonly depth?: number;
}

/** What a passing exploration has shown. */
export interface Exploration {
  readonly strategy: ExploreStrategy;
  /** Schedules that were run. */
  readonly schedules: number;
  /** True where these are all that there are within the bounds. */
  readonly exhausted: boolean;
  /** Schedules known to exist within the bounds that were not run; at least so many are left. */
  readonly left: number;
  /** The same in a sentence. */
  readonly claim: string;
}

/** A schedule failed. The message is the report; `cause` is what the scenario threw. */
export class ExplorationFailure extends Error {
  override readonly name = 'ExplorationFailure';
  /** Give it to replay(), or to boot({ replay }). */
  readonly token: string;
  /** The schedule's number among those that were run, from 1. */
  readonly found: number;

  constructor(message: string, token: string, found: number, cause: unknown) {
    super(message, { cause });
    this.token = token;
    this.found = found;
  }
}

/** The exploration itself is at fault: it could not have found anything, or its scenario is not repeatable. */
export class ExplorationError extends Error {
  override readonly name = 'ExplorationError';
}

/**
 * Runs `scenario` under many schedules. Returns what that has shown; throws an ExplorationFailure for the first
 * schedule that fails, and an ExplorationError where there was nothing to choose in any of them.
 */
export function explore(options: ExploreOptions, scenario: Scenario): Exploration {
  const { strategy = 'exhaustive', schedules = 10_000, preemptions = 2, interrupts = 1, depth = 3, ...machine } = options;
  check('schedules', schedules, 1);
  check('preemptions', preemptions, 0);
  check('interrupts', interrupts, 0);
  check('depth', depth, 1);
  switch (strategy) {
    case 'exhaustive':
      return exhaust(machine, scenario, { schedules, preemptions, interrupts });
    case 'random':
      return draw(machine, scenario, schedules, strategy, (seed) => new RandomWalk(seed));
    case 'pct':
      return draw(machine, scenario, schedules, strategy, (seed, length) => new Pct(seed, depth, length));
    default:
      throw new MachineError(`explore(): strategy must be 'exhaustive', 'random' or 'pct', got '${String(strategy)}'`);
  }
}

/** Runs the scenario the way that a token says. Throws what the scenario throws. */
export function replay(token: string, scenario: Scenario, options: MachineOptions = {}): void {
  const failure = runSchedule(options, { replay: token }, scenario);
  if (failure !== null) throw failure.error;
}

function exhaust(machine: MachineOptions, scenario: Scenario, bounds: { schedules: number; preemptions: number; interrupts: number }): Exploration {
  const frontier = new Frontier(bounds.preemptions, bounds.interrupts);
  let ran = 0;
  let asked = 0;
  while (ran < bounds.schedules) {
    const decisions = frontier.next();
    if (decisions === null) break;
    const strategy = new Sparse(decisions);
    const failure = runSchedule(machine, { strategy }, scenario);
    ran++;
    asked += strategy.asked;
    if (failure !== null) fail(machine, scenario, decisions, failure, ran);
    frontier.ran(strategy);
  }
  if (asked === 0) throw nothingToExplore();
  const left = frontier.waiting;
  const limits = `at most ${count(bounds.preemptions, 'preemption')} and ${count(bounds.interrupts, 'interrupt')}`;
  const claim =
    left === 0
      ? `every schedule with ${limits} (${ran}) passes`
      : `${ran} schedules with ${limits} pass; at least ${left} more were not run`;
  return { strategy: 'exhaustive', schedules: ran, exhausted: left === 0, left, claim };
}

function draw(machine: MachineOptions, scenario: Scenario, schedules: number, name: 'random' | 'pct', make: (seed: number, length: number) => RandomWalk | Pct): Exploration {
  const seed = machine.seed ?? 0;
  // The first schedule is the one in which nothing unusual happens: it tells how long a run is.
  const usual = new Sparse([]);
  const first = runSchedule(machine, { strategy: usual }, scenario);
  if (first !== null) fail(machine, scenario, [], first, 1);
  let longest = usual.asked;
  let { asked } = usual;
  for (let i = 1; i < schedules; i++) {
    const strategy = new Recorded(make((Math.imul(seed, 0x9e3779b1) + i) | 0, longest));
    const failure = runSchedule(machine, { strategy }, scenario);
    asked += strategy.asked;
    longest = Math.max(longest, strategy.asked);
    if (failure !== null) fail(machine, scenario, strategy.decisions, failure, i + 1);
  }
  if (asked === 0) throw nothingToExplore();
  return { strategy: name, schedules, exhausted: false, left: 0, claim: `${schedules} schedules drawn by ${name} from seed ${seed} pass` };
}

/** A failing schedule is repeated, made small, drawn, and thrown. */
function fail(machine: MachineOptions, scenario: Scenario, decisions: readonly Decision[], first: Failure, found: number): never {
  const again = runSchedule(machine, { strategy: new Sparse(decisions) }, scenario);
  if (again?.key !== first.key) {
    throw new ExplorationError(
      `the scenario is not repeatable: the same schedule first ended with\n  ${first.key}\nand then ${again === null ? 'passed' : `with\n  ${again.key}`}\n` +
        'It depends on something that the machine does not own: Date, Math.random(), a variable that outlives the scenario.',
      { cause: first.error },
    );
  }
  const { decisions: least, failure } = minimise(machine, scenario, decisions, first);
  const { error, token } = failure;
  const text = error instanceof Error ? error.message : String(error);
  const report = [
    error instanceof KernelPanic ? error.headline : text.split('\n')[0]!,
    '',
    `found by schedule ${found}, with ${count(least.length, 'unusual decision')} after minimising (it had ${decisions.length}):`,
    '',
    timeline(machine, scenario, least),
    '',
    ...(text.includes('\n') ? [text, ''] : []),
    `replay: replay('${token}', scenario)`,
  ];
  throw new ExplorationFailure(report.join('\n'), token, found, error);
}

function nothingToExplore(): ExplorationError {
  return new ExplorationError(
    'nothing could interleave: in no schedule was there more than one way to go on. ' +
      'Run at least two tasks on two CPUs, or give the machine an interrupt that may come with machine.arm(irq).',
  );
}

function check(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) throw new MachineError(`explore(): ${name} must be an integer of at least ${least}, got ${String(value)}`);
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
