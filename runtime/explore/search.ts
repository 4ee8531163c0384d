/** A way to go through the schedules of a subject. */
import { Pct } from '../choice/pct.js';
import { RandomWalk } from '../choice/random_walk.js';
import { type PointStrategy, Recorded } from '../choice/recorded.js';
import { Asked, type Decision, type Followed, type Sparse } from '../choice/sparse.js';
import { UniformWalk } from '../choice/urw.js';
import type { Bounds, Measure } from './bounds.js';
import type { Extent, Passed } from './extent.js';
import { Frontier } from './frontier.js';
import type { Limits } from './options.js';
import type { Subject } from './schedule.js';
import type { Share } from './share.js';
import { type Ran, Reduction } from './reduction.js';

export interface Search {
  /** Who found what next() gave out last. */
  readonly name: string;
  /** False where that is in another share, and is run only for what it teaches. */
  readonly own: boolean;
  /** The next schedule, or null where there is none left. */
  next(): Followed | null;
  /** The schedule given out last has passed. */
  ran(): void;
  /** Known schedules within the bounds that have not run. */
  readonly left: number;
  /** Schedules within the bounds that have not run, by estimate; null where there are no bounds. */
  readonly estimate: number | null;
  /** How far the bounds are exhausted; null where there are none. */
  readonly extent: Extent | null;
}

/** Schedules that a search remembers, so that it can begin anew without running them again. */
const REMEMBERED_MAX = 1000;

/** Every schedule within the bounds that is in the share. */
export class BoundedSearch implements Search {
  readonly name: string;
  private readonly subject: Subject;
  private readonly frontier: Frontier;
  private strategy: Sparse | null = null;
  /** Of the run that is under way. */
  private readonly asked = new Asked();
  private readonly passed: (Passed & { schedules: number })[] = [];
  /** The widest bounds within which every schedule has passed. */
  private proven: Bounds | null = null;
  /** There is nothing beyond the bounds either. */
  private complete = false;
  private readonly widening: boolean;
  /** Null: no question is left out. */
  private readonly reduction: Reduction | null;
  /** The first schedules that are not at the bound, for as long as questions are left out. */
  private readonly remembered: { readonly decisions: readonly Decision[]; readonly ran: Ran }[] = [];
  /** Those of them that the search has not come to since it began anew, by their decisions. */
  private readonly unseen = new Map<string, Ran>();
  /** Schedules that will be run again. */
  private discarded = 0;

  /** With `widening` the bounds grow each time they are exhausted. */
  constructor(subject: Subject, measure: Measure, bounds: Bounds, widening: boolean, { share, reduce, contested }: Limits) {
    this.name = measure.name;
    this.subject = subject;
    this.widening = widening;
    this.reduction = reduce && measure.reducible ? new Reduction(contested) : null;
    this.frontier = new Frontier(measure, bounds, widening, share);
  }

  next(): Followed | null {
    for (;;) {
      const decisions = this.frontier.next();
      if (decisions !== null) {
        if (this.unseen.size > 0 && this.recall(keyOf(decisions))) continue;
        this.strategy = this.subject.sparse(decisions, this.asked);
        const follows = this.reduction !== null && this.follows;
        this.reduction?.watch(this.strategy, follows);
        // Where states are followed, one that was come to before ends what may be chosen at no cost, too.
        this.strategy.atBound = this.frontier.atBound && !follows;
        return this.strategy;
      }
      this.proven = { ...this.frontier.bounds };
      if (this.widening && this.frontier.widen()) continue;
      this.complete = this.frontier.forgotten === 0;
      return null;
    }
  }

  ran(): void {
    const { reduction, remembered, asked } = this;
    if (reduction === null) this.note({ asked, states: null });
    else {
      // Those at the bound are many, come last, and have seldom something new to tell.
      if (!this.strategy!.atBound && remembered.length < REMEMBERED_MAX) remembered.push({ decisions: this.strategy!.decisions, ran: { asked: asked.copy(), states: reduction.copyStates() } });
      if (reduction.wasMisled) this.restart();
      else this.note({ asked, states: reduction.latestStates });
    }
    // The bounds may be exhausted by the last schedule that there is time for.
    if (this.frontier.waiting === 0) this.proven = { ...this.frontier.bounds };
  }

  /** Whether states of the schedule given out last are worth knowing: what follows from them may be within the bounds. */
  private get follows(): boolean {
    const { running, bounds } = this.frontier;
    if (this.widening || running.changes < bounds.changes || running.faults < bounds.faults) return true;
    return this.reduction?.sawInterrupts === true && running.interrupts < bounds.interrupts;
  }

  /** The schedule given out last has passed, now or before the search began anew. */
  private note(ran: Ran): void {
    const { running } = this.frontier;
    if (this.own) this.count(running);
    this.reduction?.reduce(ran, running);
    this.frontier.ran(ran.asked);
  }

  /** Whether the schedule given out last ran before the search began anew. */
  private recall(key: string): boolean {
    const ran = this.unseen.get(key);
    if (ran === undefined) return false;
    this.unseen.delete(key);
    // It may be needed once more.
    this.note({ asked: ran.asked.copy(), states: ran.states });
    return true;
  }

  /** What has been left out so far should not have been. */
  private restart(): void {
    const ran = this.passed.reduce((sum, { schedules }) => sum + schedules, this.own ? 1 : 0);
    this.discarded += Math.max(0, ran - this.remembered.length);
    for (const { decisions, ran } of this.remembered) this.unseen.set(keyOf(decisions), ran);
    this.frontier.restart();
    this.reduction?.restart();
    this.passed.length = 0;
    this.proven = null;
  }

  private count({ changes, interrupts, faults }: Bounds): void {
    // There are a handful of kinds, and one schedule is mostly of a kind that was met late.
    for (let i = this.passed.length - 1; i >= 0; i--) {
      const one = this.passed[i]!;
      if (one.changes !== changes || one.interrupts !== interrupts || one.faults !== faults) continue;
      one.schedules++;
      return;
    }
    this.passed.push({ changes, interrupts, faults, schedules: 1 });
  }

  get own(): boolean {
    return this.frontier.running.own;
  }

  get left(): number {
    return this.frontier.left;
  }

  get estimate(): number {
    return this.frontier.estimate;
  }

  get extent(): Extent {
    const { proven, complete, passed, discarded, reduction } = this;
    const { bounds, left, done } = this.frontier;
    return { proven, complete, bounds: { ...bounds }, left, done, passed: passed.map((one) => ({ ...one })), reduced: reduction?.reduced === true, discarded, contested: reduction?.contestedNames ?? [], disputed: false };
  }
}

function keyOf(decisions: readonly Decision[]): string {
  return decisions.map(({ ordinal, way }) => `${ordinal}:${way}`).join(' ');
}

/** What the runs so far tell about the ones to come. */
export interface Learnt {
  /** Questions of the longest run. */
  longest: number;
  /** Points that each CPU had at most. */
  readonly points: number[];
}

/** Schedules drawn by a seed. */
export class DrawnSearch implements Search {
  readonly name: string;
  private readonly limits: Limits;
  private readonly learnt: Learnt;
  private readonly subject: Subject;
  private readonly share: Share;
  private drawn = 0;
  own = true;

  constructor(name: 'pct' | 'random' | 'urw', subject: Subject, limits: Limits, learnt: Learnt) {
    this.name = name;
    this.subject = subject;
    this.limits = limits;
    this.learnt = learnt;
    this.share = limits.share;
  }

  private make(seed: number): PointStrategy {
    if (this.name === 'pct') return new Pct(seed, this.limits.depth, this.learnt.longest);
    return this.name === 'urw' ? new UniformWalk(seed, this.learnt.points) : new RandomWalk(seed);
  }

  next(): Followed {
    const { index, of } = this.share;
    // The first schedule is the one in which nothing unusual happens: it tells how long a run is.
    if (this.learnt.longest === 0 && this.drawn === 0) {
      this.drawn++;
      this.own = index === 0;
      return this.subject.sparse([]);
    }
    while (this.drawn % of !== index) this.drawn++;
    this.own = true;
    return new Recorded(this.make((Math.imul(this.limits.seed, 0x9e3779b1) + ++this.drawn) | 0), this.subject.faults);
  }

  ran(): void {
    // What a run teaches is the same for every search.
  }

  readonly left = 0;
  readonly estimate = null;
  readonly extent = null;
}
