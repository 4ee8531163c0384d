/** How many threads a campaign has. */
import { availableParallelism } from 'node:os';
import { MachineError } from '../machine/errors.js';

export const WORKERS_MAX = 64;

/**
 * How many workers `workers` are: `what` is its name in a message. The environment's `variable` has the last word. Throws
 * a {@link MachineError} for what is no number of them.
 */
export function readWorkers(what: string, workers: unknown, variable: string, environment: NodeJS.ProcessEnv = process.env): number {
  const text = environment[variable];
  const given = text ?? workers;
  if (given === 'auto') return Math.min(availableParallelism(), WORKERS_MAX);
  const number = text === undefined ? given : text.trim() === '' ? NaN : Number(text);
  if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= WORKERS_MAX) return number;
  throw new MachineError(`${text === undefined ? what : variable} must be an integer from 1 to ${WORKERS_MAX}, or auto, got ${typeof given === 'string' ? given : JSON.stringify(given)}`);
}
