/** The smallest schedule that fails the same way: decisions are taken out for as long as the failure stays. */
import type { Decision } from '../choice/sparse.js';
import type { Failure, Subject } from './schedule.js';

/** Runs that a minimisation may take. */
const RUNS_MAX = 2000;

export interface Minimal {
  readonly decisions: readonly Decision[];
  readonly failure: Failure;
}

/** `decisions` are known to fail as `failure`. */
export function minimise(subject: Subject, decisions: readonly Decision[], failure: Failure): Minimal {
  let best: Minimal = { decisions, failure };
  let runs = 0;
  const fails = (candidate: readonly Decision[]): boolean => {
    runs++;
    const outcome = subject.rerun(candidate);
    if (outcome?.key !== failure.key) return false;
    best = { decisions: candidate, failure: outcome };
    return true;
  };
  // Halves first, then quarters, at last one by one: Zeller and Hildebrandt's ddmin (TSE 2002).
  for (let size = Math.ceil(best.decisions.length / 2); size >= 1 && runs < RUNS_MAX; ) {
    let shrunk = false;
    for (let from = 0; from < best.decisions.length && runs < RUNS_MAX; ) {
      if (fails([...best.decisions.slice(0, from), ...best.decisions.slice(from + size)])) shrunk = true;
      else from += size;
    }
    if (size === 1 && !shrunk) break;
    size = size === 1 ? 1 : Math.ceil(size / 2);
  }
  return best;
}
