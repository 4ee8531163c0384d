/**
 * The one source of choice. Every decision that could go another way is drawn here, by kind. A strategy decides;
 * what it decided against the usual is logged, and the log is the replay token.
 */
import type { ChoiceKind } from '../../kernel/arch/arch.js';
import { BEHIND_IRQ, CHECKSUM_START, checksum, KINDS, type LogEntry, PREEMPTION } from './log.js';
import { encodeToken, kindName, ReplayError, type Token } from './token.js';

export interface Strategy {
  readonly name: string;
  /** One of `n` ways to go on; 0 is what the machine would do by itself. `n` is at least 2. */
  pick(kind: ChoiceKind, n: number): number;
  /** How much code runs, in ns over all CPUs, before preempt() is asked. Infinity: never. */
  gap(): number;
  /** True where gap() is 0, always. */
  readonly everywhere?: boolean;
  /**
   * One of `n` ways to go on in the middle of code: first the CPUs that could, by number in `cpus`: the one that
   * runs, then the others in their order round from it; after them the interrupts that may come now, whose lines
   * `irqs` has. `step` is what is about to begin, as kernel/arch/point.ts has it, and `address` what it touches.
   */
  preempt(n: number, cpus: readonly number[], irqs: readonly number[], step: number, address: number): number;
  /** Whoever wants to know of each step. */
  readonly watcher?: StepWatcher | null;
  /** True where CPUs change only when the strategy says so or when one has nothing to run, whatever their clocks say. */
  readonly clockless?: boolean;
  /** True where it has nothing to do at a point with only one way to go on, not even in gap(): many are passed over then. */
  readonly skipsLonePoints?: boolean;
  /** True where each slab allocation is a choice of the kind 'alloc': 1 makes it fail. */
  readonly faults?: boolean;
}

interface Logged extends LogEntry {
  readonly earlier: Logged | null;
}

/** Is told of the steps of a run, in the order in which they begin. */
export interface StepWatcher {
  /** The step begins, behind whoever came before it; `contended` where preempt() was asked whether somebody does. */
  began(step: number, address: number, contended: boolean): void;
  /** The task that runs begins, or goes on: it has slept, or spun until what is at `address` changed; 0 for a sleep. */
  resumed(address: number): void;
  /**
   * The host runs a statement of its own: within the step that is under way, where a machine asks it something; otherwise
   * `alone` tells whether nobody in the machine could go on.
   */
  hostStep(site: number, within: boolean, alone: boolean): void;
  /** The host goes on with the statement in which it has let the machine run. */
  hostResumed(): void;
}

export class Choice {
  private readonly strategy: Strategy;
  private readonly replayed: readonly LogEntry[] | null;
  /** Of the modules that were loaded, and of those of the run that is replayed. */
  private modules: number[] | null = null;
  private readonly expected: readonly number[] | null;
  /** The newest entry, and how many there are. Most runs are never asked for their token. */
  private last: Logged | null = null;
  private entries = 0;
  private sum = CHECKSUM_START;
  /** Picks since the last entry, interrupts behind which somebody could have come, and code that had run by then. */
  private passed = 0;
  private interrupts = 0;
  private ran_at_entry = 0;
  /** The strategy wants to be asked when this much code has run, in ns. */
  ask_at = Infinity;

  readonly clockless: boolean;
  readonly skipsLonePoints: boolean;
  readonly faults: boolean;
  watcher: StepWatcher | null;
  private everywhere: boolean;
  /** Questions that the strategy may still be asked. */
  private left: number;
  /** Code that had run when it had been asked all of them, in ns; of the run that is replayed, where one is. */
  private beyond: number;

  /** With a token its log decides, and the strategy is not asked; nor is it after `points` questions. */
  constructor(strategy: Strategy, replay: Token | null, points = Infinity) {
    this.left = points;
    this.beyond = replay?.beyond ?? Infinity;
    this.strategy = strategy;
    this.clockless = replay === null ? (strategy.clockless ?? false) : replay.clockless;
    this.skipsLonePoints = this.clockless && replay === null && (strategy.skipsLonePoints ?? false);
    this.watcher = replay === null ? (strategy.watcher ?? null) : null;
    this.faults = replay === null ? (strategy.faults ?? false) : replay.faults;
    this.replayed = replay === null ? null : replay.entries;
    this.expected = replay === null ? null : replay.modules;
    this.everywhere = replay === null && (strategy.everywhere ?? false);
    if (this.everywhere) this.ask_at = 0;
    else this.plan(0);
  }

  /**
   * The choices are about a module from now on: `sum` is of its text and its parameters. In a replay it is the one that was loaded
   * then, if any was, or else this throws a ReplayError.
   */
  load(sum: number, name: string): void {
    this.sum = checksum(this.sum, sum);
    const modules = (this.modules ??= []);
    if (modules.includes(sum)) return;
    const expected = this.expected?.[modules.length];
    if (expected !== undefined && expected !== sum) {
      throw new ReplayError(
        `the replay token does not fit: the module ${name} has changed, its text or its parameters, since that run was recorded, or another one was loaded there. ` +
          'What went wrong in the one need not go the same way in the other: explore it again.',
      );
    }
    modules.push(sum);
  }

  pick(kind: ChoiceKind, n: number, ran: number): number {
    const code = KINDS.indexOf(kind);
    let way = 0;
    if (this.replayed === null) {
      if (this.counts(ran)) way = this.strategy.pick(kind, n);
    } else {
      const due = this.due();
      if (due !== null && due.kind !== PREEMPTION && due.kind !== BEHIND_IRQ && due.distance === this.passed) {
        this.expect(due, code, n);
        way = due.way;
      }
    }
    this.sum = checksum(checksum(this.sum, code), n);
    if (way === 0) this.passed++;
    else {
      this.enter(code, this.passed, n, way, ran);
      if (this.replayed !== null) this.plan(ran);
    }
    return way;
  }

  /** `ran` has reached ask_at: which of the `n` ways to go on is taken? */
  preempt(n: number, cpus: readonly number[], irqs: readonly number[], ran: number, step: number, address: number): number {
    let way = 0;
    if (this.replayed === null) {
      if (this.counts(ran) && n >= 2) way = this.strategy.preempt(n, cpus, irqs, step, address);
    } else {
      const due = this.due()!;
      this.expect(due, PREEMPTION, n);
      way = due.way;
    }
    if (way !== 0) {
      this.sum = checksum(checksum(this.sum, PREEMPTION), n);
      this.enter(PREEMPTION, ran - this.ran_at_entry, n, way, ran);
    }
    this.plan(ran);
    return way;
  }

  /** The same where an interrupt has just been taken, which need not be when ask_at is reached. */
  preempt_behind(n: number, cpus: readonly number[], irqs: readonly number[], ran: number, step: number, address: number): number {
    const asks = ran >= this.ask_at;
    const due = this.due();
    let way = 0;
    if (this.replayed === null) way = n < 2 || !asks || !this.counts(ran) ? 0 : this.strategy.preempt(n, cpus, irqs, step, address);
    else if (due !== null && due.kind === BEHIND_IRQ && due.distance === this.interrupts) {
      this.expect(due, BEHIND_IRQ, n);
      way = due.way;
    }
    if (way === 0) this.interrupts++;
    else {
      this.sum = checksum(checksum(this.sum, BEHIND_IRQ), n);
      this.enter(BEHIND_IRQ, this.interrupts, n, way, ran);
    }
    if (way !== 0 || asks) this.plan(ran);
    return way;
  }

  /** After `ran` the strategy has been asked all that it may be: what comes takes its usual course, and nothing is kept of it. */
  exhausted(ran: number): boolean {
    return ran >= this.beyond;
  }

  /** One more question: may the strategy be asked? */
  private counts(ran: number): boolean {
    if (--this.left >= 0) return true;
    if (this.beyond === Infinity) this.beyond = ran;
    this.everywhere = false;
    this.watcher = null;
    this.ask_at = Infinity;
    return false;
  }

  private enter(kind: number, distance: number, ways: number, way: number, ran: number): void {
    this.last = { kind, distance, ways, way, check: this.sum & 0xff, earlier: this.last };
    this.entries++;
    this.passed = 0;
    this.interrupts = 0;
    this.ran_at_entry = ran;
  }

  private due(): LogEntry | null {
    return this.replayed?.[this.entries] ?? null;
  }

  private plan(ran: number): void {
    if (this.everywhere || this.left < 0) return;
    if (this.replayed === null) {
      this.ask_at = ran + this.strategy.gap();
      return;
    }
    const due = this.due();
    this.ask_at = due?.kind === PREEMPTION ? this.ran_at_entry + due.distance : Infinity;
  }

  private expect(due: LogEntry, kind: number, ways: number): void {
    const check = checksum(checksum(this.sum, kind), ways) & 0xff;
    if (due.kind === kind && due.ways === ways && due.check === check) return;
    throw new ReplayError(
      `the replay token does not fit this program: at its entry ${this.entries + 1} it has a ${kindName(due.kind)} ` +
        `choice among ${due.ways}, and the machine asks for a ${kindName(kind)} choice among ${ways}. ` +
        'The modules, the scenario or the boot options are not those of the recorded run.',
    );
  }

  /** Entries of a replayed token that the run has not come to. */
  get unused(): number {
    return this.replayed === null ? 0 : this.replayed.length - this.entries;
  }

  token(machine: number, seed: number): string {
    return encodeToken({ machine, seed, clockless: this.clockless, faults: this.faults, modules: this.modules ?? [], beyond: this.beyond, entries: this.log });
  }

  private get log(): LogEntry[] {
    const log: LogEntry[] = [];
    for (let entry = this.last; entry !== null; entry = entry.earlier) log.push(entry);
    return log.reverse();
  }
}
