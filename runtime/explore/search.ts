/** A way to go through the schedules of a subject. */
import { Pct } from '../choice/pct.js';
import { RandomWalk } from '../choice/random_walk.js';
import { type PointStrategy, Recorded } from '../choice/recorded.js';
import type { Sparse, Told } from '../choice/sparse.js';
import { UniformWalk } from '../choice/urw.js';
import { about, type Bounds, describeBounds, type Measure } from './bounds.js';
import { Frontier } from './frontier.js';
import type { Limits } from './options.js';
import type { Subject } from './schedule.js';

export interface Search {
  /** Who found what next() gave out last. */
  readonly name: string;
  /** The next schedule, or null where there is none left. */
  next(): Told | null;
  /** The schedule given out last has passed. */
  ran(): void;
  /** Known schedules within the bounds that have not run. */
  readonly left: number;
  /** Schedules within the bounds that have not run, by estimate; null where there are no bounds. */
  readonly estimate: number | null;
  /** What it means that `schedules` have passed. */
  claim(schedules: number): string;
}

/** Every schedule within the bounds. */
export class BoundedSearch implements Search {
  readonly name: string;
  private readonly subject: Subject;
  private readonly measure: Measure;
  private readonly frontier: Frontier;
  private strategy: Sparse | null = null;
  private schedules = 0;
  /** The widest bounds within which every schedule has passed, and how many those are. */
  private proven: { readonly bounds: Bounds; readonly schedules: number } | null = null;
  /** There is nothing beyond the bounds either. */
  private complete = false;
  private readonly widening: boolean;

  /** With `widening` the bounds grow each time they are exhausted. */
  constructor(subject: Subject, measure: Measure, bounds: Bounds, widening: boolean) {
    this.name = measure.name;
    this.subject = subject;
    this.measure = measure;
    this.widening = widening;
    this.frontier = new Frontier(measure, bounds, widening);
  }

  next(): Told | null {
    for (;;) {
      const decisions = this.frontier.next();
      if (decisions !== null) return (this.strategy = this.subject.sparse(decisions));
      this.proven = { bounds: { ...this.frontier.bounds }, schedules: this.schedules };
      if (this.widening && this.frontier.widen()) continue;
      this.complete = this.frontier.forgotten === 0;
      return null;
    }
  }

  ran(): void {
    this.schedules++;
    this.frontier.ran(this.strategy!);
    // The bounds may be exhausted by the last schedule that there is time for.
    if (this.frontier.waiting === 0) this.proven = { bounds: { ...this.frontier.bounds }, schedules: this.schedules };
  }

  get left(): number {
    return this.frontier.waiting;
  }

  get estimate(): number {
    return this.frontier.estimate;
  }

  claim(schedules: number): string {
    const { proven, frontier } = this;
    const { unit } = this.measure;
    const others = schedules - (proven?.schedules ?? 0);
    if (proven !== null) {
      if (this.complete && this.widening) return `every schedule there is (${proven.schedules}) passes`;
      const rest = others === 0 ? '' : `, and so do ${others} others`;
      return `every schedule with ${describeBounds(proven.bounds, unit)} (${proven.schedules}) passes${rest}`;
    }
    const done = frontier.done < 0 ? '' : `, all of those with at most ${frontier.done} ${unit}s, interrupts and failures together among them`;
    return `${schedules} schedules pass${done}; with ${describeBounds(frontier.bounds, unit)} there are at least ${frontier.waiting} more, by estimate ${about(frontier.estimate)}`;
  }
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
  private drawn = 0;

  constructor(name: 'pct' | 'random' | 'urw', subject: Subject, limits: Limits, learnt: Learnt) {
    this.name = name;
    this.subject = subject;
    this.limits = limits;
    this.learnt = learnt;
  }

  private make(seed: number): PointStrategy {
    if (this.name === 'pct') return new Pct(seed, this.limits.depth, this.learnt.longest);
    return this.name === 'urw' ? new UniformWalk(seed, this.learnt.points) : new RandomWalk(seed);
  }

  next(): Told {
    // The first schedule is the one in which nothing unusual happens: it tells how long a run is.
    if (this.learnt.longest === 0 && this.drawn === 0) {
      this.drawn++;
      return this.subject.sparse([]);
    }
    return new Recorded(this.make((Math.imul(this.limits.seed, 0x9e3779b1) + ++this.drawn) | 0), this.subject.faults);
  }

  ran(): void {
    // What a run teaches is the same for every search.
  }

  readonly left = 0;
  readonly estimate = null;

  claim(schedules: number): string {
    return `${schedules} schedules drawn by ${this.name} from seed ${this.limits.seed} pass`;
  }
}
