/** `--workers`, which several commands have. */
import { MachineError } from '../machine/errors.js';
import { readWorkers, WORKERS_MAX } from '../supervisor/workers.js';
import { type Arguments, integerFlag, UsageError } from './usage.js';

/** One unless told; the environment's `variable` has the last word. */
export function workersOf(args: Arguments, variable: string): number {
  const word = args.values.get('workers')?.[0];
  try {
    return readWorkers('--workers', word === undefined ? 1 : word === 'auto' ? word : integerFlag(args, 'workers', 1, WORKERS_MAX), variable);
  } catch (error) {
    if (error instanceof MachineError) throw new UsageError(error.message);
    throw error;
  }
}
