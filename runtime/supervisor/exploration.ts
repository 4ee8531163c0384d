/** One share of an exploration, as a worker runs it. */
import { CallError } from '../explore/calls.js';
import { Census } from '../explore/census.js';
import { ExplorationError, ExplorationFailure, NothingInterleaved } from '../explore/errors.js';
import { Explorer } from '../explore/explore.js';
import type { Part } from '../explore/part.js';
import { machineOf, readerOf, scenarioOf } from '../explore/plan.js';
import { LoadError, type Loader } from '../loader/index.js';
import type { ExploreJob, Outcome } from './job.js';
import { Rein } from './reins.js';
import type { Listener } from './session.js';
import { SUPERVISED } from './supervised.js';

/** Time between two messages about how far it has come, in ms. */
const TELL_MS = 50;

export function exploration({ plan, limits, kept, until }: ExploreJob, loader: Loader, listener: Listener): Outcome {
  // They compile before any of them runs: a supervisor can name the places of one that never comes back.
  for (const { path } of plan.modules) loader.load(path);
  const explorer = new Explorer({ limits, machine: { ...machineOf(plan), ...SUPERVISED, seed: limits.seed } }, scenarioOf(plan, limits.faults > 0), readerOf(plan), new Census(true));
  const tell = (part: Part): void => {
    listener.part(part, explorer.census.takeNews());
  };
  const rein = new Rein(until);
  const stopped = (): boolean => rein.stops(explorer.schedules);
  let begun = false;
  listener.running(true);
  try {
    if (kept !== null) explorer.retry(kept);
    for (let said = performance.now(); !stopped() && explorer.step(); ) {
      begun = true;
      const now = performance.now();
      if (now - said < TELL_MS) continue;
      said = now;
      tell(explorer.part);
    }
    if (!stopped()) explorer.finish();
    return rein.interrupted ? { kind: 'interrupted', where: [] } : { kind: 'explored' };
  } catch (error) {
    if (error instanceof ExplorationFailure) {
      if (error.cause instanceof LoadError || error.cause instanceof CallError) throw error.cause;
      const { message, headline, token, found, strategy, decisions } = error;
      return { kind: 'failed', failure: { message, headline, token, found, strategy, decisions, share: limits.share } };
    }
    if (error instanceof NothingInterleaved) return { kind: 'nothing', message: error.message };
    if (error instanceof ExplorationError) return { kind: 'unsound', message: error.message };
    throw error;
  } finally {
    // Before the first schedule nothing is known of how many there are.
    tell(begun ? explorer.estimatedPart : explorer.part);
    listener.running(false);
  }
}
