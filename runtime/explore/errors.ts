/** How an exploration fails. */
import type { Decision } from '../choice/sparse.js';

/** A schedule failed. The message is the report; `cause` is what the scenario threw. */
export class ExplorationFailure extends Error {
  override readonly name = 'ExplorationFailure';
  /** The first line of what went wrong. */
  readonly headline: string;
  /** Give it to replay(), or to boot({ replay }). */
  readonly token: string;
  /** The schedule's number among those that were run, from 1. */
  readonly found: number;
  /** Which strategy found it. */
  readonly strategy: string;
  /** The minimised schedule. */
  readonly decisions: readonly Decision[];

  constructor(message: string, headline: string, token: string, found: number, strategy: string, decisions: readonly Decision[], cause: unknown) {
    super(message, { cause });
    this.headline = headline;
    this.token = token;
    this.found = found;
    this.strategy = strategy;
    this.decisions = decisions;
  }
}

/** A schedule has more points than one may have, and the kernel has found nothing wrong with that. */
export class TooManyPoints extends Error {
  override readonly name = 'TooManyPoints';

  constructor() {
    super('this schedule has more points than `points` allows: it goes on and on, or that bound has to be higher');
  }
}

/** The exploration itself is at fault: it could not have found anything, or its scenario is not repeatable. */
export class ExplorationError extends Error {
  override readonly name = 'ExplorationError';
}

/** There was nothing to choose in any schedule: what has passed shows nothing. */
export class NothingInterleaved extends ExplorationError {}

export function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
