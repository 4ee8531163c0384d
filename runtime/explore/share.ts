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

/**
 * Whether a schedule of a bounded search is in the share: by its first decision, so that what a schedule leads to is
 * in the same share as it is. The one without decisions is in the first share; the others run it for its questions.
 */
export function owns(share: Share, decisions: readonly Decision[]): boolean {
  const first = decisions[0];
  return (first === undefined ? 0 : (first.ordinal + first.way) % share.of) === share.index;
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
