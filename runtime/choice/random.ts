/** Seeded random choice. The generator is xoshiro128** (Blackman and Vigna, 2018), seeded through splitmix32. */
import type { ChoiceKind } from '../../kernel/arch/arch.js';
import type { Strategy } from './choice.js';

export class Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  constructor(seed: number) {
    let state = seed | 0;
    const split = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return z ^ (z >>> 15);
    };
    this.a = split();
    this.b = split();
    this.c = split();
    this.d = split();
  }

  /** 32 random bits. */
  u32(): number {
    const product = Math.imul(this.b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const t = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= t;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result >>> 0;
  }

  /** A whole number from 0 to n - 1. */
  below(n: number): number {
    return Math.floor((this.u32() / 0x1_0000_0000) * n);
  }
}

/** Mean time between two looks at whether another CPU goes on, in ns: some twenty statements. */
const GAP_MEAN_NS = 400;

export class SeededRandom implements Strategy {
  readonly name = 'random';
  private readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  pick(kind: ChoiceKind, n: number): number {
    // An interrupt that is due is put off now and then, not every other time; allocations are not made to fail.
    if (kind === 'irq') return this.random.below(4) === 0 ? 1 : 0;
    if (kind === 'alloc') return 0;
    return this.random.below(n);
  }

  preempt(n: number): number {
    return this.random.below(n);
  }

  /** Geometric, so that no stretch of code is safe by its length. */
  gap(): number {
    const u = (this.random.u32() + 1) / 0x1_0000_0001;
    return Math.min(1_000_000, Math.floor(-Math.log(u) * GAP_MEAN_NS));
  }
}
