/** Another strategy at every point, with its decisions kept in the form of {@link Sparse}. */
import type { ChoiceKind } from '../../kernel/arch/arch.js';
import type { Decision, Followed } from './sparse.js';

/** What a strategy that is asked at every point has to say. */
export interface PointStrategy {
  readonly name: string;
  pick(kind: ChoiceKind, n: number): number;
  preempt(n: number, cpus: readonly number[]): number;
}

export class Recorded implements Followed {
  readonly name: string;
  readonly clockless = true;
  readonly everywhere = true;
  readonly skipsLonePoints = true;
  readonly faults: boolean;
  readonly decisions: Decision[] = [];
  asked = 0;
  onQuestion: (() => void) | null = null;
  private readonly inner: PointStrategy;
  private faults_left: number;

  /** `faults` allocations fail at most. */
  constructor(inner: PointStrategy, faults: number) {
    this.inner = inner;
    this.name = inner.name;
    this.faults = faults > 0;
    this.faults_left = faults;
  }

  private keep(way: number): number {
    const ordinal = this.asked++;
    if (way !== 0) this.decisions.push({ ordinal, way });
    return way;
  }

  pick(kind: ChoiceKind, n: number): number {
    // As Sparse has it, so that the ordinals agree.
    if (kind === 'irq') return 0;
    if (kind === 'alloc' && this.faults_left === 0) return this.keep(0);
    const way = this.keep(this.inner.pick(kind, n));
    if (kind === 'alloc' && way !== 0) this.faults_left--;
    return way;
  }

  gap(): number {
    return 0;
  }

  preempt(n: number, cpus: readonly number[]): number {
    if (this.onQuestion !== null) this.onQuestion();
    return this.keep(this.inner.preempt(n, cpus));
  }
}
