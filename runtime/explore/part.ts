/** What a share of an exploration has shown, as plain data, and what several of them show together. */
import { claimOf, type Extent, mergeExtents } from './extent.js';
import type { Limits } from './options.js';
import { type Share, showShare } from './share.js';
import { describeUnvaried, unite, type Unvaried } from './unvaried.js';

export interface Part {
  readonly share: Share;
  /** Schedules that were run. */
  readonly schedules: number;
  /** Points, in all schedules, at which there was more than one way to go on. */
  readonly steps: number;
  /** True where these are all that there are within the bounds. */
  readonly exhausted: boolean;
  /** Schedules known to exist within the bounds that were not run. */
  readonly left: number;
  /** Null where schedules were drawn only. */
  readonly extent: Extent | null;
  /** Schedules within the bounds that were not run, by estimate; null where there is none. */
  readonly estimate: number | null;
  /** What was there, and did not vary. */
  readonly unvaried: readonly Unvaried[];
}

/** A schedule that failed: what an ExplorationFailure has to say, as plain data. */
export interface Found {
  /** The report. */
  readonly message: string;
  readonly headline: string;
  readonly token: string;
  /** The schedule's number in its share, from 1; 0 for one that was kept from an earlier run. */
  readonly found: number;
  readonly strategy: string;
  readonly decisions: readonly { readonly ordinal: number; readonly way: number }[];
  readonly share: Share;
}

/** A part of which nothing has run yet. */
export function partBefore({ strategy, preemptions, delays, interrupts, faults, share }: Limits): Part {
  const bounds = { changes: strategy === 'delay' ? delays : preemptions, interrupts, faults };
  const left = share.index === 0 ? 1 : 0;
  const bounded = strategy === 'portfolio' || strategy === 'exhaustive' || strategy === 'delay';
  return {
    share,
    schedules: 0,
    steps: 0,
    exhausted: false,
    left,
    extent: bounded ? { proven: null, complete: false, bounds, left, done: -1, passed: [], reduced: false, discarded: 0, contested: [], disputed: false } : null,
    estimate: null,
    unvaried: [],
  };
}

/** The parts, which are disjoint, as the one part that they are together: `share`. */
export function mergeParts(parts: readonly Part[], share: Share): Part {
  const extents = parts.map(({ extent }) => extent).filter((extent) => extent !== null);
  const extent = extents.length === 0 ? null : mergeExtents(extents);
  return {
    share,
    schedules: parts.reduce((sum, { schedules }) => sum + schedules, 0),
    steps: parts.reduce((sum, { steps }) => sum + steps, 0),
    exhausted: parts.every(({ exhausted }) => exhausted),
    left: extent?.left ?? 0,
    extent,
    estimate: mergeEstimates(parts),
    unvaried: unite(parts.map(({ unvaried }) => unvaried)),
  };
}

/** Of what is left within the bounds that they have in common: those who have exhausted these may be at wider ones. */
function mergeEstimates(parts: readonly Part[]): number | null {
  const working = parts.filter(({ extent }) => extent?.proven === null);
  let sum = 0;
  for (const { estimate } of working.length === 0 ? parts : working) {
    if (estimate === null) return null;
    sum += estimate;
  }
  return sum;
}

/**
 * The parts of workers that were interrupted, where some came to tell an estimate: one that did not has as much left as the
 * others, by their mean, for shares are dealt evenly.
 */
export function withEstimates(parts: readonly Part[]): readonly Part[] {
  const told = parts.flatMap(({ extent, estimate }) => (extent?.proven === null && estimate !== null ? [estimate] : []));
  if (told.length === 0) return parts;
  const mean = Math.round(told.reduce((sum, estimate) => sum + estimate, 0) / told.length);
  return parts.map((part) => ({ ...part, estimate: part.estimate ?? mean }));
}

/** In a sentence; a part of the whole says which one it is. */
export function claimOfPart(limits: Limits, { share, schedules, extent, estimate, unvaried }: Part): string {
  const claim = `${claimOf(limits, schedules, extent, estimate)}${describeUnvaried(unvaried)}`;
  if (share.of === 1) return claim;
  // Another shard may have seen a step not to commute that this one has left out schedules for: their merger tells.
  return `${claim}, as far as shard ${showShare(share)} goes${extent?.reduced === true ? ' and sees what commutes' : ''}`;
}

/** Of failures of several shares the one to report: it does not depend on which of them was fastest. */
export function firstFound(all: readonly Found[]): Found | null {
  return [...all].sort((a, b) => a.found - b.found || a.share.index - b.share.index)[0] ?? null;
}
