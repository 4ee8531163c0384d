/** Another strategy at every point, with its decisions kept in the form of {@link Sparse}. */
import type { ChoiceKind } from '../../kernel/arch/arch.js';
import type { Strategy } from './choice.js';
import type { Decision } from './sparse.js';

/** What a strategy that is asked at every point has to say. */
export interface PointStrategy {
  readonly name: string;
  pick(kind: ChoiceKind, n: number): number;
  preempt(n: number, cpus: readonly number[]): number;
}

export class Recorded implements Strategy {
  readonly name: string;
  readonly clockless = true;
  readonly decisions: Decision[] = [];
  asked = 0;
  private readonly inner: PointStrategy;

  constructor(inner: PointStrategy) {
    this.inner = inner;
    this.name = inner.name;
  }

  private keep(way: number): number {
    const ordinal = this.asked++;
    if (way !== 0) this.decisions.push({ ordinal, way });
    return way;
  }

  pick(kind: ChoiceKind, n: number): number {
    // As Sparse has it, so that the ordinals agree.
    return kind === 'irq' || kind === 'alloc' ? 0 : this.keep(this.inner.pick(kind, n));
  }

  gap(): number {
    return 0;
  }

  preempt(n: number, cpus: readonly number[]): number {
    return this.keep(this.inner.preempt(n, cpus));
  }
}
