/**
 * A word that changes for as long as the machine makes progress, in memory that a supervisor in another thread
 * reads: a module that loops without ever reaching a preemption point lets it stand still.
 */
const words = new Int32Array(new SharedArrayBuffer(12));

/** Index of the counter, which wraps. */
export const BEATS = 0;
/** Index of the CPU whose code runs. */
export const CPU = 1;
/** Index of the number of calls into machines that have begun, which wraps. */
export const CALLS = 2;

/** A CPU goes on. */
export function beat(cpu: number): void {
  words[BEATS]!++;
  words[CPU] = cpu;
}

/** The host calls into a machine. */
export function countCall(): void {
  words[CALLS]!++;
}

/** The words as another thread may read them, by index BEATS, CPU and CALLS. */
export function sharedHeartbeat(): SharedArrayBuffer {
  return words.buffer;
}
