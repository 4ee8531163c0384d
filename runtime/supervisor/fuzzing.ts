/** One worker's fuzzing. */
import { FuzzError } from '../fuzz/errors.js';
import { Fuzzer } from '../fuzz/fuzz.js';
import type { Loader } from '../loader/index.js';
import type { FuzzJob, Outcome } from './job.js';
import { Rein } from './reins.js';
import type { Listener } from './session.js';
import { SUPERVISED } from './supervised.js';

/** Time between two messages about how far it has come, in ms. */
const TELL_MS = 50;

export function fuzzing({ told, target, stored, worker, until, progress }: FuzzJob, loader: Loader, listener: Listener): Outcome {
  // They compile before any of them runs: a supervisor can name the places of one that never comes back, and every
  // worker has the same numbers for its sites.
  for (const { what } of target.modules) if (typeof what === 'string') loader.load(what);
  const fuzzer = new Fuzzer({ ...told, machine: { ...told.machine, ...SUPERVISED } }, target, stored, worker);
  const rein = new Rein(until);
  const runs = new Int32Array(progress);
  listener.running(true);
  try {
    for (let said = performance.now(); !rein.stops(fuzzer.runs); ) {
      Atomics.store(runs, worker, fuzzer.runs + 1);
      if (!fuzzer.step()) break;
      const now = performance.now();
      // A crash is told at once: the next program may hang.
      if (!fuzzer.hasCrash && now - said < TELL_MS) continue;
      said = now;
      listener.fuzzed(fuzzer.takeNews());
    }
    if (!rein.stops(fuzzer.runs)) fuzzer.finish();
    return rein.interrupted ? { kind: 'interrupted', where: [] } : { kind: 'fuzzed' };
  } catch (error) {
    if (error instanceof FuzzError) return { kind: 'unsound', message: error.message };
    throw error;
  } finally {
    listener.fuzzed(fuzzer.takeNews());
    listener.running(false);
  }
}
