/** How far a bounded search has come, as plain data: of one share, or of several together. */
import { about, type Bounds, describeBounds, within } from './bounds.js';
import { contextBound } from './context_bound.js';
import { delayBound } from './delay_bound.js';
import type { Limits } from './options.js';

export interface Extent {
  /** The widest bounds within which every schedule has passed; null where those that were asked for are not exhausted. */
  readonly proven: Bounds | null;
  /** There is nothing beyond the bounds either. */
  readonly complete: boolean;
  /** Those that it is working at. */
  readonly bounds: Bounds;
  /** Schedules known within these that have not run. */
  readonly left: number;
  /** Every schedule within the bounds with at most so many unusual decisions has passed; -1 for none. */
  readonly done: number;
  /** The schedules that have passed, by what is unusual about them. */
  readonly passed: readonly Passed[];
  /** Schedules that differ from these only in the order of steps that commute were left out. */
  readonly reduced: boolean;
  /** Schedules that were run before it began anew; they are among those that were run again. */
  readonly discarded: number;
  /** Variables, by name, whose touches do not commute. */
  readonly contested: readonly string[];
  /** The shares disagree about that: what one left out need not be in another. */
  readonly disputed: boolean;
}

export interface Passed extends Bounds {
  readonly schedules: number;
}

/** What several shares have shown together: no more than each of them. */
export function mergeExtents(extents: readonly Extent[]): Extent {
  // A share that has nothing left bounds nothing, unless all of them have nothing left.
  const open = extents.filter(({ complete }) => !complete);
  const decisive = open.length === 0 ? extents : open;
  const unproven = extents.filter(({ proven }) => proven === null);
  const working = unproven.length === 0 ? decisive : unproven;
  const reduced = extents.some((one) => one.reduced);
  const disputed = reduced && new Set(extents.map(({ contested }) => contested.join('\n'))).size > 1;
  return {
    proven: unproven.length > 0 || disputed ? null : decisive.map(({ proven }) => proven!).reduce(narrower),
    complete: open.length === 0 && !disputed,
    bounds: working.map(({ bounds }) => bounds).reduce(narrower),
    left: working.reduce((sum, { left }) => sum + left, 0),
    done: Math.min(...working.map(({ done }) => done)),
    passed: mergePassed(extents.flatMap(({ passed }) => passed)),
    reduced,
    discarded: extents.reduce((sum, { discarded }) => sum + discarded, 0),
    contested: [...new Set(extents.flatMap(({ contested }) => contested))].sort(),
    disputed,
  };
}

function narrower(a: Bounds, b: Bounds): Bounds {
  return { changes: Math.min(a.changes, b.changes), interrupts: Math.min(a.interrupts, b.interrupts), faults: Math.min(a.faults, b.faults) };
}

function mergePassed(passed: readonly Passed[]): Passed[] {
  const sums = new Map<string, Passed>();
  for (const one of passed) {
    const key = `${one.changes} ${one.interrupts} ${one.faults}`;
    sums.set(key, { ...one, schedules: one.schedules + (sums.get(key)?.schedules ?? 0) });
  }
  return [...sums.values()];
}

/** What it means that `schedules` have passed; `extent` is null where they were drawn only, `estimate` where there is none of what is left. */
export function claimOf({ strategy, seed }: Limits, schedules: number, extent: Extent | null, estimate: number | null): string {
  if (extent === null) return `${schedules} schedules drawn by ${strategy} from seed ${seed} pass`;
  const { proven, complete, bounds, left, done, passed, reduced, discarded, disputed } = extent;
  if (disputed) return `${schedules} schedules pass; what they leave out was seen by the shards in different ways: explore without reduction for a bound`;
  const beside = reduced ? ', up to steps that commute' : '';
  const { unit } = strategy === 'delay' ? delayBound : contextBound;
  if (proven !== null) {
    if (complete && strategy === 'portfolio') return `every schedule there is (${total(passed)}${beside}) passes`;
    const inside = total(passed.filter((one) => within(one, proven)));
    const others = schedules - discarded - inside;
    const rest = others === 0 ? '' : `, and so do ${others} others`;
    return `every schedule with ${describeBounds(proven, unit)} (${inside}${beside}) passes${rest}`;
  }
  const among = done < 0 ? '' : `, all of those with at most ${done} ${unit}s, interrupts and failures together among them`;
  return `${schedules} schedules pass${among}; with ${describeBounds(bounds, unit)} there are at least ${left} more${estimate === null ? '' : `, by estimate ${about(estimate)}`}`;
}

function total(passed: readonly Passed[]): number {
  return passed.reduce((sum, { schedules }) => sum + schedules, 0);
}
