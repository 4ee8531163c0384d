/** How a bounded search counts what is unusual about a schedule. */
import { count } from './errors.js';

export interface Bounds {
  /** Preemptions, or delays. */
  changes: number;
  interrupts: number;
  faults: number;
}

/** What it costs to bound by one measure or another. */
export interface Measure {
  readonly name: 'exhaustive' | 'delay';
  /** What `changes` are. */
  readonly unit: string;
  /** What a schedule costs does not depend on the order of steps that commute. */
  readonly reducible: boolean;
  /** Changes that answering a question with `way` takes; 0 CPUs: it is a pick. */
  cost(cpus: number, way: number): number;
}

export function within(sums: Bounds, bounds: Bounds): boolean {
  return sums.changes <= bounds.changes && sums.interrupts <= bounds.interrupts && sums.faults <= bounds.faults;
}

/** `at most 2 preemptions and 1 interrupt`. */
export function describeBounds({ changes, interrupts, faults }: Bounds, unit: string): string {
  const parts = [count(changes, unit), count(interrupts, 'interrupt'), ...(faults === 0 ? [] : [count(faults, 'failed allocation')])];
  return `at most ${parts.slice(0, -1).join(', ')} and ${parts.at(-1)!}`;
}

/** A number of which two digits are worth saying: `320`, `4.1e+9`. */
export function about(n: number): string {
  const rounded = Number(n.toPrecision(2));
  return rounded < 1e7 ? String(rounded) : rounded.toExponential(1);
}
