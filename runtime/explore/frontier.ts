/**
 * Bounded exhaustive search: every schedule within the bounds, each exactly once, the least unusual first.
 *
 * A schedule is its unusual decisions. One that has run leads to those that decide one later question otherwise;
 * they are not written down one by one, but as a place in the list of the questions that it was asked.
 */
import { ALLOCATION, type Asked, cpusOf, type Decision, LATE, waysOf } from '../choice/sparse.js';
import { type Bounds, type Measure, within } from './bounds.js';
import { QuestionLists } from './question_lists.js';
import { isCommon, owns, type Share } from './share.js';

const CHANGE = 0;
const INTERRUPT = 1;
const FAULT = 2;
const KINDS = 3;

/** Whose a schedule is: the share's, every one's with another that counts it, others'. */
const OWN = 0;
const FOREIGN = 1;
const NOBODY = 2;

/** A schedule that has run. */
interface Parent extends Bounds {
  readonly common: boolean;
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
  /** The schedule that was given out last. Another share's is common: it is run for its questions only. */
  running: { readonly decisions: readonly Decision[]; readonly common: boolean; readonly own: boolean } & Bounds;
  private started = false;
  /** Schedules that are known and have not run. */
  waiting = 1;
  /** Those of them that are other shares'. */
  private foreign = 0;
  /** Schedules beyond the bounds that were seen and forgotten. */
  forgotten = 0;
  /** Some of them a widening would have allowed. */
  private overflowed = false;
  private level = 0;
  private readonly lists = new QuestionLists();

  /** With `keep` the search can be widened. Gives out the share's schedules, and the common ones. */
  constructor(measure: Measure, bounds: Bounds, keep: boolean, share: Share) {
    this.measure = measure;
    this.share = share;
    this.bounds = { ...bounds };
    this.keep = keep;
    this.running = this.root();
    this.restart();
  }

  /** As if nothing had run, but for the bounds. */
  restart(): void {
    this.running = this.root();
    this.queues.length = 0;
    this.beyond = [];
    this.started = false;
    this.waiting = 1;
    this.foreign = this.running.own ? 0 : 1;
    this.forgotten = 0;
    this.overflowed = false;
    this.level = 0;
  }

  /** The schedule without decisions. */
  private root(): Frontier['running'] {
    return { decisions: [], common: true, own: owns(this.share, []), changes: 0, interrupts: 0, faults: 0 };
  }

  /** The schedule that was given out last has used up the changes that there may be, and there will never be more. */
  get atBound(): boolean {
    return !this.keep && this.running.changes >= this.bounds.changes;
  }

  /** Schedules of the share that are known and have not run. */
  get left(): number {
    return this.waiting - this.foreign;
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
      this.foreign = 0;
      return [];
    }
    for (; this.level < this.queues.length; this.level++) {
      const queue = this.queues[this.level];
      const brood = queue?.at(-1);
      if (brood === undefined) continue;
      const decision = this.take(brood);
      if (brood.left === 0) queue!.pop();
      this.waiting--;
      const { parent, cost } = brood;
      const decisions = append(parent.decisions, decision);
      const own = !parent.common || owns(this.share, decisions);
      if (!own) this.foreign--;
      const { changes, interrupts, faults } = brood;
      this.running = { decisions, common: parent.common && isCommon(decisions, cost), own, changes, interrupts, faults };
      return decisions;
    }
    return null;
  }

  private take(brood: Brood): Decision {
    const { questions, first } = brood.parent;
    for (; ; brood.question++, brood.way = 1) {
      const question = questions[brood.question]!;
      for (const ways = waysOf(question); brood.way < ways; brood.way++) {
        if (this.kindOf(question, brood.way) !== brood.kind || this.costOf(question, brood.way) !== brood.cost) continue;
        if (brood.parent.common && this.whose(brood.parent.decisions, first + brood.question, brood.way, brood.cost) === NOBODY) continue;
        brood.left--;
        return { ordinal: first + brood.question, way: brood.way++ };
      }
    }
  }

  /** Of a common schedule: whether the one with one decision more is the share's own, common, or none of its business. */
  private whose(decisions: readonly Decision[], ordinal: number, way: number, cost: number): number {
    const child = [...decisions, { ordinal, way }];
    if (owns(this.share, child)) return OWN;
    return isCommon(child, cost) ? FOREIGN : NOBODY;
  }

  private kindOf(question: number, way: number): number {
    const cpus = cpusOf(question);
    if (cpus === ALLOCATION) return FAULT;
    return cpus === LATE || (cpus > 0 && way >= cpus) ? INTERRUPT : CHANGE;
  }

  private costOf(question: number, way: number): number {
    return this.kindOf(question, way) === CHANGE ? this.measure.cost(cpusOf(question), way) : 1;
  }

  /** The schedule given out last has run, and this is what it was asked. */
  ran({ first, questions, count, unaffordable }: Asked): void {
    const { running, keep, bounds } = this;
    this.forgotten += unaffordable;
    const list = this.lists.same(questions, count);
    const tally = running.common ? this.tallyOfCommon(running.decisions, first, list.questions) : (list.tally ??= this.tallyOf(list.questions));
    let parent: Parent | null = null;
    for (let at = 0; at < tally.length; at++) {
      const left = tally[at]!;
      if (left === 0) continue;
      const kind = at % KINDS;
      const cost = (at - kind) / KINDS;
      const sums = total(running, kind, cost);
      if (!keep && !within(sums, bounds)) {
        this.forgotten += left;
        continue;
      }
      // Spread, each object would have a hidden class of its own, which takes several times its place.
      const { decisions, common } = running;
      const { changes, interrupts, faults } = sums;
      parent ??= { common, decisions, changes: running.changes, interrupts: running.interrupts, faults: running.faults, first, questions: list.questions };
      this.add({ changes, interrupts, faults, parent, kind, cost, left, question: 0, way: 1 });
    }
  }

  /** How many ways the questions have, by cost and kind: at KINDS * cost + kind. */
  private tallyOf(questions: readonly number[]): number[] {
    const tally: number[] = [];
    // Most questions are like the one before.
    for (let from = 0, to = 0; from < questions.length; from = to) {
      const question = questions[from]!;
      while (to < questions.length && questions[to] === question) to++;
      for (let way = waysOf(question) - 1; way > 0; way--) note(tally, KINDS * this.costOf(question, way) + this.kindOf(question, way), to - from);
    }
    return tally;
  }

  /** The same of a common schedule's, as far as they are any business of the share's. */
  private tallyOfCommon(decisions: readonly Decision[], first: number, questions: readonly number[]): number[] {
    const tally: number[] = [];
    let ordinal = first - 1;
    for (const question of questions) {
      ordinal++;
      for (let way = waysOf(question) - 1; way > 0; way--) {
        const cost = this.costOf(question, way);
        const whose = this.whose(decisions, ordinal, way, cost);
        if (whose === NOBODY) continue;
        note(tally, KINDS * cost + this.kindOf(question, way), 1);
        if (whose === FOREIGN) this.foreign++;
      }
    }
    return tally;
  }

  /**
   * Schedules within the bounds that have not run, by estimate: a schedule that waits is taken to be asked what its
   * parent was asked after the same place, and so are those that it leads to.
   */
  get estimate(): number {
    let sum = 0;
    for (const queue of this.queues) for (const brood of queue) sum += this.descendants(brood);
    return sum;
  }

  private descendants(brood: Brood): number {
    const { questions } = brood.parent;
    const { bounds } = this;
    const [changes, interrupts, faults] = [bounds.changes - brood.changes, bounds.interrupts - brood.interrupts, bounds.faults - brood.faults];
    const ways = [0, 0, 0];
    let free = 1;
    let sum = 0;
    for (let i = questions.length - 1; i >= brood.question; i--) {
      const question = questions[i]!;
      const below = free * upTo(changes, ways[CHANGE]!) * upTo(interrupts, ways[INTERRUPT]!) * upTo(faults, ways[FAULT]!);
      let freeWays = 0;
      for (let way = waysOf(question) - 1; way > 0; way--) {
        const kind = this.kindOf(question, way);
        const cost = this.costOf(question, way);
        if (cost === 0) freeWays++;
        // One that costs two takes two of the bound: it weighs as half a way.
        else ways[kind]! += 1 / cost;
        if (kind === brood.kind && cost === brood.cost && (i > brood.question || way >= brood.way)) sum += this.dealt(brood, i, way, below);
      }
      free *= 1 + freeWays;
    }
    return sum;
  }

  /** How many are the share's own, of a schedule and those that it leads to. */
  private dealt({ parent, cost }: Brood, question: number, way: number, n: number): number {
    if (!parent.common) return n;
    const ordinal = parent.first + question;
    const whose = this.whose(parent.decisions, ordinal, way, cost);
    if (whose === NOBODY) return 0;
    const own = whose === OWN ? 1 : 0;
    return isCommon(parent.decisions.concat({ ordinal, way }), cost) ? own + (n - 1) / this.share.of : n;
  }

  private add(brood: Brood): void {
    const { changes, interrupts, faults } = brood;
    if (within(brood, this.bounds)) {
      this.waiting += brood.left;
      const level = changes + interrupts + faults;
      while (this.queues.length <= level) this.queues.push([]);
      this.queues[level]!.push(brood);
      this.level = Math.min(this.level, level);
    } else if (faults > this.bounds.faults) this.forgotten += brood.left;
    else if (this.beyond.length < BEYOND_MAX) this.beyond.push(brood);
    else {
      this.forgotten += brood.left;
      this.overflowed = true;
    }
  }

  /** Allows one change or one interrupt more, whichever there is. Returns false where there are no further schedules, or not all are known. */
  widen(): boolean {
    const { beyond, bounds } = this;
    if (beyond.length === 0 || this.overflowed) return false;
    this.beyond = [];
    const least = Math.min(...beyond.slice(0, 1000).map(({ changes, interrupts }) => Math.max(0, changes - bounds.changes) + Math.max(0, interrupts - bounds.interrupts)));
    const next = beyond.find(({ changes, interrupts }) => Math.max(0, changes - bounds.changes) + Math.max(0, interrupts - bounds.interrupts) === least)!;
    bounds.changes = Math.max(bounds.changes, next.changes);
    bounds.interrupts = Math.max(bounds.interrupts, next.interrupts);
    for (const brood of beyond) this.add(brood);
    return true;
  }
}

/** As concat(), which takes ten times as long for a list as short as most are. */
function append(decisions: readonly Decision[], decision: Decision): readonly Decision[] {
  switch (decisions.length) {
    case 0:
      return [decision];
    case 1:
      return [decisions[0]!, decision];
    case 2:
      return [decisions[0]!, decisions[1]!, decision];
    default:
      return decisions.concat(decision);
  }
}

/** So many more. */
function note(tally: number[], at: number, more: number): void {
  while (tally.length <= at) tally.push(0);
  tally[at]! += more;
}

/** How many sets of at most `most` there are among `n`. */
function upTo(most: number, n: number): number {
  let sum = 1;
  for (let k = 0, term = 1; k < most; k++) {
    term *= Math.max(0, n - k) / (k + 1);
    sum += term;
  }
  return sum;
}

function total({ changes, interrupts, faults }: Bounds, kind: number, cost: number): Bounds {
  return {
    changes: changes + (kind === CHANGE ? cost : 0),
    interrupts: interrupts + (kind === INTERRUPT ? cost : 0),
    faults: faults + (kind === FAULT ? cost : 0),
  };
}
