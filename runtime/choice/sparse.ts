/**
 * A schedule told by what is unusual about it: the ordinals of the questions that are not answered with 0.
 * What a run was asked is kept, so that the schedules next to it can be found.
 */
import type { ChoiceKind } from '../../kernel/arch/arch.js';
import type { Strategy } from './choice.js';

/** The `ordinal`th question of a run is answered with `way`. */
export interface Decision {
  readonly ordinal: number;
  readonly way: number;
}

/** What answering a question otherwise costs. */
export const FREE = 0;
export const PREEMPTION = 1;
export const INTERRUPT = 2;

export class Sparse implements Strategy {
  readonly name = 'sparse';
  readonly clockless = true;
  private readonly decisions: readonly Decision[];
  private next = 0;
  /** Questions with at least two answers so far. */
  asked = 0;
  /** Answers that each question has, by ordinal, from the last decision on. */
  readonly ways: number[] = [];
  /** CPUs among the answers of a preemption; 0 for a pick. */
  readonly cpus: number[] = [];
  /** Called at each preemption point with the CPU that runs. */
  onPoint: ((cpu: number) => void) | null = null;

  /** Decisions by ascending ordinal. */
  constructor(decisions: readonly Decision[]) {
    this.decisions = decisions;
  }

  /** Ordinal of the first question that is kept. */
  get first(): number {
    return this.asked - this.ways.length;
  }

  private answer(n: number, cpus: number): number {
    const ordinal = this.asked++;
    const due = this.decisions[this.next];
    if (due?.ordinal === ordinal && due.way < n) {
      this.next++;
      return due.way;
    }
    if (this.next === this.decisions.length) {
      this.ways.push(n);
      this.cpus.push(cpus);
    }
    return 0;
  }

  pick(kind: ChoiceKind, n: number): number {
    // An interrupt that is pending is taken: when it becomes pending is what is explored. Faults are asked for apart.
    return kind === 'irq' || kind === 'alloc' ? 0 : this.answer(n, 0);
  }

  gap(): number {
    return 0;
  }

  preempt(n: number, cpus: readonly number[]): number {
    this.onPoint?.(cpus[0]!);
    return this.answer(n, cpus.length);
  }

  /** What it costs to answer a kept question with `way`. */
  cost(index: number, way: number): number {
    const cpus = this.cpus[index]!;
    if (cpus === 0) return FREE;
    return way < cpus ? PREEMPTION : INTERRUPT;
  }
}
