/**
 * Shares of a search: it is dealt so that each schedule is in exactly one of them. A deal is by remainder, so that
 * share i of n, dealt again among w, is those shares i, i + n, i + 2n ... of the n * w.
 */
import type { Decision } from '../choice/sparse.js';
import { MachineError } from '../machine/errors.js';

export interface Share {
  /** From 0. */
  readonly index: number;
  readonly of: number;
}

export const WHOLE: Share = { index: 0, of: 1 };

const SHARES_MAX = 1 << 16;

/** Decisions of a schedule that every share runs, and their ways, at most. */
const COMMON_DECISIONS = 2;
const COMMON_WAYS = 3;

/**
 * Whether every share runs the schedule, for its questions: what it leads to is dealt one by one. Else that is in the
 * same share as the schedule itself. These are the ones whose decisions cost nothing: whatever the bounds allow may
 * still follow, so that one of them may lead to the better part of the whole.
 */
export function isCommon(decisions: readonly Decision[], cost: number): boolean {
  return cost === 0 && decisions.length <= COMMON_DECISIONS && decisions.every(({ way }) => way <= COMMON_WAYS);
}

/** Whether a schedule whose parent is common is in the share: each is in one, and counted there, be it common or not. */
export function owns({ index, of }: Share, decisions: readonly Decision[]): boolean {
  let sum = 0;
  for (const { ordinal, way } of decisions) sum += ordinal + way;
  return sum % of === index;
}

/** How many of `n`, dealt one by one, are in the share. */
export function portion({ index, of }: Share, n: number): number {
  return Math.floor((n - 1 - index) / of) + 1;
}

/** The share that worker `worker` of `workers` has of `share`. */
export function deal(share: Share, worker: number, workers: number): Share {
  return { index: share.index + share.of * worker, of: share.of * workers };
}

/** `2/3`, counted from 1; throws a {@link MachineError} for what is none. */
export function parseShare(what: string, text: string): Share {
  const [, index = '', of = ''] = /^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? [];
  const share = { index: Number(index) - 1, of: Number(of) };
  if (of === '' || share.index < 0 || share.index >= share.of || share.of > SHARES_MAX) {
    throw new MachineError(`${what} must be a part of the whole, as in 1/3, 2/3 and 3/3, got '${text}'`);
  }
  return share;
}

export function showShare({ index, of }: Share): string {
  return `${index + 1}/${of}`;
}
