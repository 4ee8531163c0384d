/** What an exploration is told: by its caller, and before that by the environment. */
import { as_text, shown } from '../../kernel/lib/shown.js';
import { EXPLORED_KINDS, type ExploredKind } from '../choice/restricted.js';
import { MachineError } from '../machine/errors.js';
import { near } from '../loader/errors.js';
import type { MachineOptions } from './schedule.js';
import { parseShare, type Share, WHOLE } from './share.js';

export const STRATEGIES = ['portfolio', 'exhaustive', 'delay', 'pct', 'random', 'urw'] as const;

export type ExploreStrategy = (typeof STRATEGIES)[number];

export interface ExploreOptions extends MachineOptions {
  /**
   * `exhaustive` runs every schedule within the bounds, the simplest first, and `delay` does so with a bound on delays
   * in place of preemptions; `pct`, `random` and `urw` draw schedules by the seed. `portfolio`, which is the default,
   * gives each a share and goes beyond the bounds once they are exhausted.
   */
  readonly strategy?: ExploreStrategy;
  /** Schedules that are run at most: 10,000 unless told. */
  readonly schedules?: number;
  /** Time of the host that it may take, in ms: no limit unless told. What is found may then differ from run to run. */
  readonly milliseconds?: number;
  /** Preemptions of a schedule at most, for `exhaustive`: 2 unless told. */
  readonly preemptions?: number;
  /** Delays of a schedule at most, for `delay`: 2 unless told. */
  readonly delays?: number;
  /** Interrupts of machine.arm() that come in a schedule sooner than they must, at most: 1 unless told. */
  readonly interrupts?: number;
  /** Allocations that fail in a schedule, at most: 0 unless told. */
  readonly faults?: number;
  /**
   * Points of a schedule at most at which there is more than one way to go on: 100,000 unless told. What comes after them takes its
   * usual course, of which nothing is kept, until the kernel reports it or the scenario ends; either way the schedule has failed.
   */
  readonly points?: number;
  /** Depth of the bugs that `pct` looks for: 3 unless told. */
  readonly depth?: number;
  /** Kinds of choice that are explored: all of them unless told. What is left out takes its usual course. */
  readonly kinds?: readonly ExploredKind[];
  /**
   * Whether `exhaustive` and the bounded part of `portfolio` leave out schedules that differ from others only in the order
   * of steps that commute: true unless told.
   */
  readonly reduce?: boolean;
  /**
   * Under which name a failing schedule is kept in .ringzero/failures, for the next exploration of that name to try
   * first: in a vitest test the test's own, elsewhere none, unless told. false: nothing is kept.
   */
  readonly keep?: string | false;
  /** `2/3`: runs the second of three parts. The parts are disjoint, and together the whole, `schedules` included. */
  readonly shard?: string;
}

export interface Limits {
  readonly strategy: ExploreStrategy;
  readonly schedules: number;
  readonly milliseconds: number;
  readonly preemptions: number;
  readonly delays: number;
  readonly interrupts: number;
  readonly faults: number;
  readonly points: number;
  readonly depth: number;
  readonly seed: number;
  readonly kinds: readonly ExploredKind[];
  readonly reduce: boolean;
  /** Of what may be shared, by name, what is known to be contested before any schedule has run: see sharing.ts. */
  readonly contested: readonly string[];
  /** undefined: the test's own name. */
  readonly keep: string | false | undefined;
  readonly share: Share;
}

const LEAST = { schedules: 1, milliseconds: 1, preemptions: 0, delays: 0, interrupts: 0, faults: 0, points: 1, depth: 1, seed: -0x8000_0000 } as const;

export interface Told {
  readonly limits: Limits;
  readonly machine: MachineOptions;
}

/**
 * Takes an exploration's own options from those of its machine. RINGZERO_EXPLORE_SCHEDULES and its like, one for each
 * option and for `seed`, have the last word: a nightly run asks for more than the test's author did.
 */
export function readOptions(options: ExploreOptions, environment: NodeJS.ProcessEnv = process.env): Told {
  const { strategy = 'portfolio', schedules = 10_000, milliseconds = Infinity, preemptions = 2, delays = 2, interrupts = 1, faults = 0, points = 100_000, depth = 3, seed = 0, kinds, reduce, keep, shard, ...machine } = options;
  const share = shard === undefined ? WHOLE : parseShare('explore(): shard', shard);
  const limits = { strategy, schedules, milliseconds, preemptions, delays, interrupts, faults, points, depth, seed, kinds: kindsOf(kinds, environment), reduce: reduceOf(reduce, environment), contested: [], keep: keepOf(keep, environment), share };
  const chosen = environment['RINGZERO_EXPLORE_STRATEGY'] ?? strategy;
  if (!(STRATEGIES as readonly string[]).includes(chosen)) {
    throw new MachineError(`explore(): strategy must be one of ${STRATEGIES.join(', ')}, got ${shown(chosen)}`);
  }
  limits.strategy = chosen as ExploreStrategy;
  for (const name of Object.keys(LEAST) as (keyof typeof LEAST)[]) {
    const variable = `RINGZERO_EXPLORE_${name.toUpperCase()}`;
    const text = environment[variable];
    if (text !== undefined) limits[name] = text.trim() === '' ? NaN : Number(text);
    const value = limits[name];
    if (Number.isInteger(value) && value >= LEAST[name]) continue;
    if (name === 'milliseconds' && text === undefined && value === Infinity) continue;
    throw new MachineError(`${text === undefined ? `explore(): ${name}` : variable} must be an integer of at least ${LEAST[name]}, got ${text ?? shown(value)}`);
  }
  const part = environment['RINGZERO_EXPLORE_SHARD'];
  if (part !== undefined) limits.share = parseShare('RINGZERO_EXPLORE_SHARD', part);
  return { limits, machine: { ...machine, seed: limits.seed } };
}

function kindsOf(kinds: unknown, environment: NodeJS.ProcessEnv): readonly ExploredKind[] {
  const text = environment['RINGZERO_EXPLORE_KINDS'];
  if (text !== undefined) return parseKinds('RINGZERO_EXPLORE_KINDS', text);
  return kinds === undefined ? EXPLORED_KINDS : checkKinds('explore(): kinds', kinds);
}

/** `cpu,irq`; throws a {@link MachineError} for what is no such list. */
export function parseKinds(what: string, text: string): readonly ExploredKind[] {
  return checkKinds(what, text.split(',').map((word) => word.trim()));
}

function checkKinds(what: string, kinds: unknown): readonly ExploredKind[] {
  if (!Array.isArray(kinds) || kinds.length === 0) throw new MachineError(`${what} must name at least one of ${EXPLORED_KINDS.join(', ')}`);
  for (const kind of kinds as unknown[]) {
    if ((EXPLORED_KINDS as readonly unknown[]).includes(kind)) continue;
    const [likely] = near(as_text(kind), EXPLORED_KINDS);
    throw new MachineError(`${what} must be of ${EXPLORED_KINDS.join(', ')}, got ${shown(kind)}${likely === undefined ? '' : ` (did you mean ${likely}?)`}`);
  }
  return EXPLORED_KINDS.filter((kind) => kinds.includes(kind));
}

function reduceOf(reduce: unknown, environment: NodeJS.ProcessEnv): boolean {
  const text = environment['RINGZERO_EXPLORE_REDUCE'];
  if (text !== undefined) {
    if (text === 'true' || text === 'false') return text === 'true';
    throw new MachineError(`RINGZERO_EXPLORE_REDUCE must be true or false, got ${text}`);
  }
  if (reduce === undefined || typeof reduce === 'boolean') return reduce ?? true;
  throw new MachineError(`explore(): reduce must be true or false, got ${JSON.stringify(reduce)}`);
}

function keepOf(keep: unknown, environment: NodeJS.ProcessEnv): string | false | undefined {
  const text = environment['RINGZERO_EXPLORE_KEEP'];
  if (text !== undefined) return text === 'false' ? false : text;
  if (keep === undefined || keep === false || (typeof keep === 'string' && keep !== '')) return keep;
  throw new MachineError(`explore(): keep must be the name under which a failing schedule is kept, or false, got ${JSON.stringify(keep)}`);
}
