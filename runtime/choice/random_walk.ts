/** At each point, with a small probability, any other way to go on. */
import type { ChoiceKind } from '../../kernel/arch/arch.js';
import { Random } from './random.js';
import type { PointStrategy } from './recorded.js';

/** One point in so many changes the course. */
const CHANGE_ONE_IN = 8;
/** One allocation in so many fails. */
export const FAIL_ONE_IN = 4;

export class RandomWalk implements PointStrategy {
  readonly name = 'random';
  private readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  pick(kind: ChoiceKind, n: number): number {
    if (kind === 'alloc') return this.random.below(FAIL_ONE_IN) === 0 ? 1 : 0;
    return this.random.below(n);
  }

  preempt(n: number): number {
    return this.random.below(CHANGE_ONE_IN) === 0 ? this.random.below(n) : 0;
  }
}
