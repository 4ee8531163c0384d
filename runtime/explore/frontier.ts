/**
 * Bounded exhaustive search: every schedule within the bounds, each exactly once, the least unusual first.
 *
 * A schedule is its unusual decisions. One that has run leads to those that decide one later question otherwise;
 * they are not written down one by one, but as a place in the list of the questions that it was asked.
 */
import { ALLOCATION, cpusOf, type Decision, type Sparse, waysOf } from '../choice/sparse.js';
import { type Bounds, type Measure, within } from './bounds.js';
import { owns, type Share } from './share.js';

const CHANGE = 0;
const INTERRUPT = 1;
const FAULT = 2;
const KINDS = 3;

/** A schedule that has run. */
interface Parent extends Bounds {
  readonly decisions: readonly Decision[];
  /** Ordinal of the first of the questions. */
  readonly first: number;
  readonly questions: readonly number[];
}

/** Those of a schedule's children that are unusual in one way, as far as they have not been given out. */
interface Brood extends Bounds {
  readonly parent: Parent;
  readonly kind: number;
  /** In units of its kind. */
  readonly cost: number;
  left: number;
  question: number;
  way: number;
}

/** Broods beyond the bounds that are kept for a widening; with more, the search says where it ends. */
const BEYOND_MAX = 100_000;

export class Frontier {
  /** By how unusual its schedules are. */
  private readonly queues: Brood[][] = [];
  private beyond: Brood[] = [];
  private readonly measure: Measure;
  private readonly keep: boolean;
  private readonly share: Share;
  readonly bounds: Bounds;
  /** The schedule that was given out last. */
  running: { readonly decisions: readonly Decision[] } & Bounds;
  private started = false;
  /** Schedules that are known and have not run. */
  waiting = 1;
  /** Schedules beyond the bounds that were seen and forgotten. */
  forgotten = 0;
  private level = 0;
  /** Scratch of ran(): by cost and kind; null for what lies beyond the bounds and is not kept. */
  private readonly broods: (Brood | null | undefined)[] = [];

  /** With `keep` the search can be widened. Of the schedules only those of the share are given out, and the first. */
  constructor(measure: Measure, bounds: Bounds, keep: boolean, share: Share) {
    this.measure = measure;
    this.share = share;
    this.bounds = { ...bounds };
    this.keep = keep;
    this.running = { decisions: [], changes: 0, interrupts: 0, faults: 0 };
  }

  /** Every schedule with at most so many unusual decisions has run, by cost. */
  get done(): number {
    return this.level - 1;
  }

  /** The next schedule, or null where every one within the bounds has run. */
  next(): readonly Decision[] | null {
    if (!this.started) {
      this.started = true;
      this.waiting--;
      return [];
    }
    for (; this.level < this.queues.length; this.level++) {
      const queue = this.queues[this.level];
      const brood = queue?.at(-1);
      if (brood === undefined) continue;
      const decision = this.take(brood);
      if (brood.left === 0) queue!.pop();
      this.waiting--;
      const { parent, kind, cost } = brood;
      const decisions = [...parent.decisions, decision];
      this.running = { decisions, ...total(parent, kind, cost) };
      return decisions;
    }
    return null;
  }

  private take(brood: Brood): Decision {
    const { questions, first, decisions } = brood.parent;
    for (; ; brood.question++, brood.way = 1) {
      const question = questions[brood.question]!;
      for (const ways = waysOf(question); brood.way < ways; brood.way++) {
        if (this.kindOf(question, brood.way) !== brood.kind || this.costOf(question, brood.way) !== brood.cost) continue;
        if (!this.deals(decisions, first + brood.question, brood.way)) continue;
        brood.left--;
        return { ordinal: first + brood.question, way: brood.way++ };
      }
    }
  }

  /** Whether the schedule with one decision more is in the share: what a schedule leads to is where it is itself. */
  private deals(decisions: readonly Decision[], ordinal: number, way: number): boolean {
    return decisions.length > 0 || owns(this.share, [{ ordinal, way }]);
  }

  private kindOf(question: number, way: number): number {
    const cpus = cpusOf(question);
    if (cpus === ALLOCATION) return FAULT;
    return cpus > 0 && way >= cpus ? INTERRUPT : CHANGE;
  }

  private costOf(question: number, way: number): number {
    return this.kindOf(question, way) === CHANGE ? this.measure.cost(cpusOf(question), way) : 1;
  }

  /** The schedule given out last has run, and this is what it was asked. */
  ran(strategy: Sparse): void {
    const { questions } = strategy;
    const { running, keep, bounds } = this;
    const { broods } = this;
    let parent: Parent | null = null;
    let ordinal = strategy.first - 1;
    for (const question of questions) {
      ordinal++;
      for (let way = waysOf(question) - 1; way > 0; way--) {
        if (!this.deals(running.decisions, ordinal, way)) continue;
        const kind = this.kindOf(question, way);
        const cost = this.costOf(question, way);
        let brood = broods[KINDS * cost + kind];
        if (brood === undefined) {
          const sums = total(running, kind, cost);
          if (keep || within(sums, bounds)) {
            parent ??= { ...running, first: strategy.first, questions };
            brood = { ...sums, parent, kind, cost, left: 0, question: 0, way: 1 };
          } else brood = null;
          broods[KINDS * cost + kind] = brood;
        }
        if (brood === null) this.forgotten++;
        else brood.left++;
      }
    }
    for (const brood of broods) if (brood) this.add(brood);
    broods.length = 0;
  }

  private add(brood: Brood): void {
    const { changes, interrupts, faults } = brood;
    if (within(brood, this.bounds)) {
      this.waiting += brood.left;
      const level = changes + interrupts + faults;
      while (this.queues.length <= level) this.queues.push([]);
      this.queues[level]!.push(brood);
      this.level = Math.min(this.level, level);
    } else if (faults <= this.bounds.faults && this.beyond.length < BEYOND_MAX) this.beyond.push(brood);
    else this.forgotten += brood.left;
  }

  /** Allows one change or one interrupt more, whichever there is. Returns false where there are no further schedules. */
  widen(): boolean {
    const { beyond, bounds } = this;
    if (beyond.length === 0) return false;
    this.beyond = [];
    const least = Math.min(...beyond.slice(0, 1000).map(({ changes, interrupts }) => Math.max(0, changes - bounds.changes) + Math.max(0, interrupts - bounds.interrupts)));
    const next = beyond.find(({ changes, interrupts }) => Math.max(0, changes - bounds.changes) + Math.max(0, interrupts - bounds.interrupts) === least)!;
    bounds.changes = Math.max(bounds.changes, next.changes);
    bounds.interrupts = Math.max(bounds.interrupts, next.interrupts);
    for (const brood of beyond) this.add(brood);
    return true;
  }
}

function total({ changes, interrupts, faults }: Bounds, kind: number, cost: number): Bounds {
  return {
    changes: changes + (kind === CHANGE ? cost : 0),
    interrupts: interrupts + (kind === INTERRUPT ? cost : 0),
    faults: faults + (kind === FAULT ? cost : 0),
  };
}
