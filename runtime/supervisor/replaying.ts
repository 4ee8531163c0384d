/** One schedule of an exploration again, as a worker runs it. */
import { CallError } from '../explore/calls.js';
import { machineOf, scenarioOf } from '../explore/plan.js';
import { headlineOf, runSchedule } from '../explore/schedule.js';
import { ReplayError } from '../choice/token.js';
import { LoadError, type Loader } from '../loader/index.js';
import type { Outcome, ReplayJob } from './job.js';
import type { Listener } from './session.js';
import { SUPERVISED } from './supervised.js';

export function replaying({ plan, token }: ReplayJob, loader: Loader, listener: Listener): Outcome {
  // They compile before any of them runs: a supervisor can name the places of one that never comes back.
  for (const { path } of plan.modules) loader.load(path);
  const console = (line: string): void => {
    listener.console(line);
  };
  listener.running(true);
  try {
    const failure = runSchedule({ ...machineOf(plan), ...SUPERVISED, console }, { replay: token }, scenarioOf(plan, true));
    if (failure === null) return { kind: 'replayed', headline: null };
    const { error } = failure;
    if (error instanceof ReplayError || error instanceof CallError || error instanceof LoadError) throw error;
    return { kind: 'replayed', headline: headlineOf(error) };
  } finally {
    listener.running(false);
  }
}
