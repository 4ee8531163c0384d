/**
 * A schedule told by what is unusual about it: the ordinals of the questions that are not answered with 0.
 * What a run was asked is kept, so that the schedules next to it can be found.
 */
import type { ChoiceKind } from '../../kernel/arch/arch.js';
import type { StepWatcher, Strategy } from './choice.js';

/** The `ordinal`th question of a run is answered with `way`. */
export interface Decision {
  readonly ordinal: number;
  readonly way: number;
}

/** A strategy whose run can be told, and run again, by its unusual decisions. */
export interface Told extends Strategy {
  /** Questions with at least two answers so far. */
  readonly asked: number;
  readonly decisions: readonly Decision[];
}

/** What a run was asked after the last of its decisions. One serves run after run. */
export class Asked {
  /** Ordinal of the first of the questions. */
  first = 0;
  /** How many there are: what lies behind them in the lists is of earlier runs. */
  count = 0;
  /** Preemptions among them that nobody can afford: they are struck out. */
  unaffordable = 0;
  readonly questions: number[];
  /** Beside each of them, what the watcher said of the step that was about to begin; 0 for anything else. */
  readonly marks: number[];

  constructor(questions: number[] = [], marks: number[] = []) {
    this.questions = questions;
    this.marks = marks;
  }

  begin(first: number): void {
    this.first = first;
    this.count = 0;
    this.unaffordable = 0;
  }

  add(question: number, mark: number): void {
    const at = this.count++;
    this.questions[at] = question;
    this.marks[at] = mark;
  }

  copy(): Asked {
    const copy = new Asked(this.questions.slice(0, this.count), this.marks.slice(0, this.count));
    copy.first = this.first;
    copy.count = this.count;
    copy.unaffordable = this.unaffordable;
    return copy;
  }
}

/** Is told of what is asked, too. */
export interface RunWatcher extends StepWatcher {
  /** What is to be kept of a step before which somebody could come; `irqs` are those of the interrupts that could. */
  mark(step: number, address: number, irqs: readonly number[]): number;
  /** Something that is not who goes on was chosen. */
  picked(way: number): void;
}

/** One whose questions can be followed. */
export interface Followed extends Told {
  /**
   * Called at each question that may change the course in the middle of code. One that follows from another schedule is
   * asked the same as that one up to the last of its decisions: it need not call before.
   */
  onQuestion: (() => void) | null;
}

/**
 * A question in one number: how many answers it has, and how many of them are CPUs. Two numbers of CPUs stand for
 * something else.
 */
const CPUS_BITS = 5;
/** Not a preemption: which task, what a device answers. */
export const PICK = 0;
/** Whether an allocation fails. */
export const ALLOCATION = 31;
/** Whether one more timer comes before an armed interrupt: one has done so already. */
export const LATE = 30;
/** A question of which no other answer is worth a schedule: it has no ways. */
export const STRUCK_OUT = 0;

/** No question has this ordinal. A small integer, unlike Infinity: it is compared at every point. */
const NEVER = 0x3fff_ffff;

export function waysOf(question: number): number {
  return question >>> CPUS_BITS;
}

/** CPUs among the answers, or PICK, or ALLOCATION, or LATE. */
export function cpusOf(question: number): number {
  return question & ((1 << CPUS_BITS) - 1);
}

/** Whether somebody could come in the middle of code. */
export function isPreemption(question: number): boolean {
  const cpus = cpusOf(question);
  return cpus !== PICK && cpus < LATE;
}

export class Sparse implements Followed {
  readonly name = 'sparse';
  readonly clockless = true;
  readonly everywhere = true;
  skipsLonePoints = true;
  readonly faults: boolean;
  readonly decisions: readonly Decision[];
  private next = 0;
  private due: number;
  asked = 0;
  /** A timer has come before an armed interrupt. */
  private wasLate = false;
  private readonly asks: Asked | null;
  /** Behind the last decision nobody can afford another preemption; an interrupt, perhaps. */
  atBound = false;
  onQuestion: (() => void) | null = null;
  watcher: RunWatcher | null = null;
  /** Called when another CPU, or an interrupt, comes in the middle of code. */
  onChange: ((ordinal: number, way: number, cpus: readonly number[], irqs: readonly number[]) => void) | null = null;
  /** Called at each question other than a preemption, with its answer and how many there are. */
  onPick: ((kind: ChoiceKind, way: number, ordinal: number, ways: number) => void) | null = null;

  /** Decisions by ascending ordinal. What it is asked after the last of them goes into `asks`, if somebody wants to know. */
  constructor(decisions: readonly Decision[], faults: boolean, asks: Asked | null = null) {
    this.decisions = decisions;
    this.faults = faults;
    this.asks = asks;
    this.due = decisions.length === 0 ? NEVER : decisions[0]!.ordinal;
    asks?.begin(decisions.length === 0 ? 0 : decisions[decisions.length - 1]!.ordinal + 1);
  }

  /** Before the run. With `lone` the watcher is told of steps before which nobody could come, too. */
  watch(watcher: RunWatcher, lone: boolean): void {
    this.watcher = watcher;
    this.skipsLonePoints = !lone;
  }

  /** Before the last decision. */
  private decided(n: number): number {
    if (this.asked++ !== this.due) return 0;
    const { way } = this.decisions[this.next++]!;
    this.due = this.next === this.decisions.length ? NEVER : this.decisions[this.next]!.ordinal;
    // A program that has changed may have fewer ways here.
    return way < n ? way : 0;
  }

  pick(kind: ChoiceKind, n: number): number {
    // An interrupt that is pending is taken: when it becomes pending is what is explored.
    if (kind === 'irq') return 0;
    let way = 0;
    if (this.due !== NEVER) way = this.decided(n);
    else {
      this.asked++;
      this.asks?.add((n << CPUS_BITS) | (kind === 'alloc' ? ALLOCATION : kind === 'late' && this.wasLate ? LATE : PICK), 0);
    }
    if (kind === 'late' && way !== 0) this.wasLate = true;
    this.onPick?.(kind, way, this.asked - 1, n);
    if (this.watcher !== null && kind !== 'cpu') this.watcher.picked(way);
    return way;
  }

  gap(): number {
    return 0;
  }

  preempt(n: number, cpus: readonly number[], irqs: readonly number[], step: number, address: number): number {
    if (this.due !== NEVER) {
      const way = this.decided(n);
      if (way !== 0) this.onChange?.(this.asked - 1, way, cpus, irqs);
      return way;
    }
    this.asked++;
    if (this.onQuestion !== null) this.onQuestion();
    const { asks } = this;
    if (asks === null) return 0;
    if (this.atBound && irqs.length === 0) {
      asks.unaffordable++;
      asks.add(STRUCK_OUT, 0);
    } else asks.add((n << CPUS_BITS) | cpus.length, this.watcher === null ? 0 : this.watcher.mark(step, address, irqs));
    return 0;
  }
}
