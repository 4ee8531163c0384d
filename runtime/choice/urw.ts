/**
 * Uniform random walk: whoever has the most points still to come is the likeliest to go on, so that every
 * interleaving is as likely as any other, where a plain random walk favours those that are over soon. Zhao, Wolff,
 * Mathur, Roychoudhury: Selectively Uniform Concurrency Testing (ASPLOS 2025), algorithm URW. How many points each
 * CPU has is learnt from the runs before; an interrupt that may come is one point.
 */
import type { ChoiceKind } from '../../kernel/arch/arch.js';
import { Random } from './random.js';
import { FAIL_ONE_IN } from './random_walk.js';
import type { PointStrategy } from './recorded.js';

export class UniformWalk implements PointStrategy {
  readonly name = 'urw';
  private readonly random: Random;
  private readonly lengths: number[];
  private readonly passed: number[] = [];

  /** `lengths` has the points that each CPU had at most in a run; this run adds to it. */
  constructor(seed: number, lengths: number[]) {
    this.random = new Random(seed);
    this.lengths = lengths;
  }

  pick(kind: ChoiceKind, n: number): number {
    if (kind === 'alloc') return this.random.below(FAIL_ONE_IN) === 0 ? 1 : 0;
    return this.random.below(n);
  }

  /** A CPU that has gone on for longer than ever before still goes on. */
  private weight(cpu: number): number {
    return Math.max(1, (this.lengths[cpu] ?? 0) - (this.passed[cpu] ?? 0));
  }

  preempt(n: number, cpus: readonly number[]): number {
    const running = cpus[0]!;
    const passed = (this.passed[running] = (this.passed[running] ?? 0) + 1);
    if (passed > (this.lengths[running] ?? 0)) this.lengths[running] = passed;
    let total = n - cpus.length;
    for (const cpu of cpus) total += this.weight(cpu);
    let rest = this.random.below(total);
    for (let way = 0; way < cpus.length; way++) {
      rest -= this.weight(cpus[way]!);
      if (rest < 0) return way;
    }
    return cpus.length + rest;
  }
}
