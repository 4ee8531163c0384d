/**
 * A word that changes for as long as the machine makes progress, in memory that a supervisor in another thread
 * reads: a module that loops without ever reaching a preemption point lets it stand still.
 */
const words = new Int32Array(new SharedArrayBuffer(8));

/** Index of the counter, which wraps. */
export const BEATS = 0;
/** Index of the CPU whose code runs. */
export const CPU = 1;

/** A CPU goes on. */
export function beat(cpu: number): void {
  words[BEATS]!++;
  words[CPU] = cpu;
}

/** The words as another thread may read them, by index BEATS and CPU. */
export function sharedHeartbeat(): SharedArrayBuffer {
  return words.buffer;
}
