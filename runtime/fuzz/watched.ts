/** A strategy that is looked over the shoulder: at every point the coverage is told, and a run that is too long ends. */
import type { ChoiceKind } from '../../kernel/arch/arch.js';
import { this_cpu } from '../../kernel/arch/cpu.js';
import { Pct } from '../choice/pct.js';
import { RandomWalk } from '../choice/random_walk.js';
import { type PointStrategy, Recorded } from '../choice/recorded.js';
import { type Decision, Sparse, type Told } from '../choice/sparse.js';
import type { Coverage } from './coverage.js';
import type { Draw } from './program.js';

/** The program has come to more points than it is given. */
export class TooLong extends Error {
  override readonly name = 'TooLong';
}

const DEPTH = 3;

const nobody: PointStrategy = { name: 'nobody', pick: () => 0, preempt: () => 0 };

export class Watched implements Told {
  readonly name: string;
  readonly clockless = true;
  readonly faults = false;
  private readonly inner: Told;
  private readonly coverage: Coverage | null;
  private left: number;

  constructor(inner: Told, coverage: Coverage | null, points: number) {
    this.inner = inner;
    this.name = inner.name;
    this.coverage = coverage;
    this.left = points;
  }

  get asked(): number {
    return this.inner.asked;
  }

  get decisions(): readonly Decision[] {
    return this.inner.decisions;
  }

  pick(kind: ChoiceKind, n: number): number {
    return this.inner.pick(kind, n);
  }

  preempt(n: number, cpus: readonly number[], irqs: readonly number[], step: number, address: number): number {
    return this.inner.preempt(n, cpus, irqs, step, address);
  }

  /** The machine asks at each point, even where there is only one way to go on. */
  gap(): number {
    if (this_cpu.id >= 0) {
      if (this.left-- === 0) throw new TooLong('the program is too long');
      this.coverage?.visit();
    }
    return 0;
  }
}

export function drawn(draw: Draw, coverage: Coverage, points: number): Watched {
  const inner = draw.by === 'pct' ? new Pct(draw.seed, DEPTH, draw.length) : draw.by === 'random' ? new RandomWalk(draw.seed) : nobody;
  return new Watched(new Recorded(inner, 0), coverage, points);
}

export function decided(decisions: readonly Decision[], points: number): Watched {
  return new Watched(new Sparse(decisions, false), null, points);
}
