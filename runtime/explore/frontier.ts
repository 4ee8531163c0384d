/**
 * Bounded exhaustive search: every schedule with at most so many preemptions and interrupts, each exactly once, those
 * with the fewest preemptions first. Musuvathi and Qadeer: Iterative Context Bounding for Systematic Testing of
 * Multithreaded Programs (PLDI 2007).
 *
 * A schedule is its unusual decisions. One that has run leads to those that decide one later question otherwise.
 */
import { type Decision, INTERRUPT, PREEMPTION, type Sparse } from '../choice/sparse.js';

interface Planned {
  readonly decisions: readonly Decision[];
  readonly preemptions: number;
  readonly interrupts: number;
}

export class Frontier {
  /** By preemptions plus interrupts. */
  private readonly queues: Planned[][] = [[{ decisions: [], preemptions: 0, interrupts: 0 }]];
  private readonly preemptions: number;
  private readonly interrupts: number;
  private running: Planned | null = null;

  constructor(preemptions: number, interrupts: number) {
    this.preemptions = preemptions;
    this.interrupts = interrupts;
  }

  /** The next schedule, or null where every one has run. */
  next(): readonly Decision[] | null {
    const queue = this.queues.find((planned) => planned.length > 0);
    this.running = queue?.pop() ?? null;
    return this.running?.decisions ?? null;
  }

  /** The schedule given out last has run, and this is what it was asked. */
  ran(strategy: Sparse): void {
    const { decisions, preemptions, interrupts } = this.running!;
    const { first, ways } = strategy;
    for (let index = 0; index < ways.length; index++) {
      for (let way = 1; way < ways[index]!; way++) {
        const cost = strategy.cost(index, way);
        const p = preemptions + +(cost === PREEMPTION);
        const i = interrupts + +(cost === INTERRUPT);
        if (p > this.preemptions || i > this.interrupts) continue;
        (this.queues[p + i] ??= []).push({ decisions: [...decisions, { ordinal: first + index, way }], preemptions: p, interrupts: i });
      }
    }
  }

  /** Schedules that are known and have not run. */
  get waiting(): number {
    return this.queues.reduce((sum, queue) => sum + queue.length, 0);
  }
}
