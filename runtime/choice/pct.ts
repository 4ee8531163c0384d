/**
 * Probabilistic concurrency testing: CPUs have random priorities, the highest runs, and at d - 1 random points the
 * one that runs falls below all others. Finds a bug of depth d among n CPUs and k points with a probability of at
 * least 1 / (n * k^(d-1)). Burckhardt, Kothari, Musuvathi, Nagarakatte: A Randomized Scheduler with Probabilistic
 * Guarantees of Finding Bugs (ASPLOS 2010). An interrupt that may come has a priority as a CPU has.
 */
import type { ChoiceKind } from '../../kernel/arch/arch.js';
import { Random } from './random.js';
import { FAIL_ONE_IN } from './random_walk.js';
import type { PointStrategy } from './recorded.js';

export class Pct implements PointStrategy {
  readonly name = 'pct';
  private readonly random: Random;
  private readonly priorities = new Map<number, number>();
  private readonly changes: ReadonlySet<number>;
  private step = 0;
  /** Priorities given out at change points, each below all earlier ones. */
  private lowest = 0;

  /** `depth` d is at least 1; `length` is the number of points that a run is expected to have. */
  constructor(seed: number, depth: number, length: number) {
    this.random = new Random(seed);
    const changes = new Set<number>();
    for (let i = 1; i < depth; i++) changes.add(this.random.below(Math.max(1, length)));
    this.changes = changes;
  }

  private priority(who: number): number {
    let priority = this.priorities.get(who);
    if (priority === undefined) this.priorities.set(who, (priority = 1 + this.random.u32()));
    return priority;
  }

  pick(kind: ChoiceKind, n: number): number {
    if (kind === 'alloc') return this.random.below(FAIL_ONE_IN) === 0 ? 1 : 0;
    return this.random.below(n);
  }

  preempt(n: number, cpus: readonly number[]): number {
    if (this.changes.has(this.step++)) this.priorities.set(cpus[0]!, --this.lowest);
    let best = 0;
    let best_priority = -Infinity;
    for (let way = 0; way < n; way++) {
      // Interrupts are numbered from the end, below any CPU's number.
      const priority = this.priority(way < cpus.length ? cpus[way]! : way - n);
      if (priority > best_priority) {
        best = way;
        best_priority = priority;
      }
    }
    return best;
  }
}
