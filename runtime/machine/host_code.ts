/**
 * Code of the host's own that was given preemption points, as the vitest plugin gives them to test files. They count
 * while a machine runs the code. They do not while the host runs it, nor where a machine asks the host about the world
 * outside: a device's registers, the console, a strategy, an invariant. To the machine an answer is one step.
 */
import { host_cpu, this_cpu } from '../../kernel/arch/cpu.js';

/** Is told of statements that have a point, where the host runs them. */
export interface HostWatcher {
  host_step(site: number): void;
}

let asking = false;
let files = 0;
let watcher: HostWatcher | null = null;

/** Whether code of the host's that runs now runs as the machine's. */
export function runsInside(): boolean {
  return this_cpu !== host_cpu && !asking;
}

/** Asks the host something. */
export function askHost<T>(question: () => T): T {
  const earlier = asking;
  asking = true;
  try {
    return question();
  } finally {
    asking = earlier;
  }
}

/** The machine has stopped: where it did so over a question, no answer comes. */
export function dropQuestion(): void {
  asking = false;
}

/** Who is to be told of the host's steps from now on; null: nobody. */
export function watchHostSteps(next: HostWatcher | null): void {
  watcher = next;
}

/** The host runs a statement that has a point. */
export function hostStep(site: number): void {
  watcher?.host_step(site);
}

/** A file of the host's has points. */
export function notePoints(): void {
  files++;
}

/** Whether some file of the host's has points. */
export function havePoints(): boolean {
  return files > 0;
}
