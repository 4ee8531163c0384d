/**
 * Partial-order reduction of a bounded search: which questions of a run are worth another answer.
 *
 * Not those before a step that commutes with all that others do (sharing.ts): whoever comes there may as well come
 * later. And none from a state on to which an earlier schedule has come with as few preemptions, interrupts and failures
 * (happens_before.ts): whatever follows there follows from the earlier one, too.
 */
import { arch } from '../../kernel/arch/arch.js';
import { caller_frame, caller_site, FRAME, FRAME_NONE, pc, SITE } from '../../kernel/arch/callstack.js';
import { NR_CPUS, this_cpu } from '../../kernel/arch/cpu.js';
import { type Effects, INTERNAL } from '../../kernel/arch/effects.js';
import { is_access, is_write, size_of_access, STEP_CALL, STEP_FREE, STEP_IRQ, STEP_LOCK, STEP_SEEN, STEP_WITHIN } from '../../kernel/arch/point.js';
import { effects_of } from '../../kernel/arch/site.js';
import { HARDIRQ_MASK, SOFTIRQ_OFFSET } from '../../kernel/include/linux/preempt.js';
import { PAGE_OFFSET } from '../../kernel/mm/layout.js';
import { find_object } from '../../kernel/mm/slab/object.js';
import { type Asked, isPreemption, type RunWatcher, type Sparse, STRUCK_OUT } from '../choice/sparse.js';
import type { Bounds } from './bounds.js';
import { HappensBefore } from './happens_before.js';
import { HOST, Sharing } from './sharing.js';
import { high, low } from './two_hashes.js';
import { Visited } from './visited.js';

/** A mark of a step is a statement's site, or below 0 an access's word, or this. */
const NOTHING_KNOWN = 0;

/** The state of a question where somebody looks. */
const LIKE_NO_OTHER = -1;

/** Of each preemption among the questions of a run, the state of the machine then. There may be more behind them. */
type States = readonly number[];

/** What a run was asked, and what is known of it. */
export interface Ran {
  readonly asked: Asked;
  /** Null where they were not followed. */
  readonly states: States | null;
}

export class Reduction implements RunWatcher {
  private readonly sharing: Sharing;
  private readonly visited = new Visited();
  private readonly order = new HappensBefore();
  /** The run that is under way is followed step by step, for its states. */
  private follows = false;
  /** Of the run: what lies behind the first `count` is of earlier ones. A list that is emptied grows anew each time. */
  private readonly states: number[] = [];
  private count = 0;
  /** Statements of the host's were told of. */
  private hostHasPoints = false;
  /** There are interrupts that may come at one point or another. */
  sawInterrupts = false;
  /** Some question has been struck out. */
  reduced = false;

  /** `contested`: what is known to be, by the names of contestedNames. */
  constructor(contested: readonly string[]) {
    this.sharing = new Sharing(contested);
  }

  /** The schedule runs next; with `follow` so that its states are known. */
  watch(strategy: Sparse, follow: boolean): void {
    this.sharing.begin();
    this.follows = follow;
    this.count = 0;
    if (follow) this.order.begin();
    strategy.watch(this, follow);
  }

  /** What is known of the states of the schedule that has run, until another one runs. */
  get latestStates(): States | null {
    return this.follows ? this.states : null;
  }

  copyStates(): States | null {
    return this.follows ? this.states.slice(0, this.count) : null;
  }

  /** A question has been struck out, of an earlier schedule, that should not have been: seen in the one that has run. */
  get wasMisled(): boolean {
    return this.sharing.wasMisled;
  }

  /** As if nothing had run, but for what is contested. */
  restart(): void {
    this.visited.clear();
  }

  /** What is contested, by name, what was told included. */
  get contestedNames(): string[] {
    return this.sharing.contestedNames;
  }

  /** Strikes out the questions that are not worth another answer, where that much was unusual before them. */
  reduce({ asked: { questions, marks, count }, states }: Ran, before: Bounds): void {
    let preemptions = 0;
    for (let i = 0; i < count; i++) {
      const mark = marks[i]!;
      if (states !== null && isPreemption(questions[i]!)) {
        const state = states[preemptions++]!;
        if (state !== LIKE_NO_OTHER && this.visited.visit(state, before)) {
          questions.fill(STRUCK_OUT, i, count);
          this.reduced = true;
          break;
        }
      }
      if (mark === NOTHING_KNOWN || !(mark > 0 ? this.sharing.commutes(mark) : this.sharing.accessCommutes(-mark))) continue;
      questions[i] = STRUCK_OUT;
      this.reduced = true;
    }
  }

  // RunWatcher

  mark(step: number, address: number, irqs: readonly number[]): number {
    if (irqs.length > 0) this.sawInterrupts = true;
    if (this.follows) this.states[this.count++] = step === STEP_SEEN ? LIKE_NO_OTHER : this.state(irqs);
    if (step > 0) return step;
    // What the rest of the statement touches is among what all of it does.
    if (step === STEP_WITHIN) return effects_of(pc[SITE]!).closed ? pc[SITE]! : NOTHING_KNOWN;
    if (!is_access(step) || !effects_of(pc[SITE]!).plainAllAlong) return NOTHING_KNOWN;
    const word = wordOf(address);
    return word === wordOf(address + size_of_access(step) - 1) ? -word : NOTHING_KNOWN;
  }

  began(step: number, address: number, contended: boolean): void {
    // Where nobody else could run there is nobody to commute with: a module sets itself up.
    if (step > 0) {
      if (!this.sharing.isSettled(step)) this.sharing.statement(step, contended || someoneElse());
    } else if (contended || someoneElse()) this.share(step, address);
    if (this.follows) this.follow(step, address);
  }

  resumed(address: number): void {
    // An idle CPU looks for a task, and does nothing else.
    if (this_cpu.current === this_cpu.idle) return;
    // Somebody else has run meanwhile.
    for (let frame = pc[FRAME]!, site = pc[SITE]!; ; frame = caller_frame(frame)) {
      this.sharing.behind(site);
      if (frame === FRAME_NONE) break;
      site = caller_site(frame);
    }
    if (!this.follows) return;
    const { order } = this;
    order.step(context(), address, 0);
    if (address !== 0) order.touchWord(wordOf(address), true);
    order.touchKernel(address === 0);
  }

  hostStep(site: number, within: boolean, alone: boolean): void {
    const effects = effects_of(site);
    this.hostHasPoints = true;
    this.sharing.hostStatement(effects, alone);
    if (!this.follows) return;
    const { order } = this;
    const isStep = !within || !order.isUnderWay;
    if (isStep) order.step(HOST, site, 0);
    for (const variable of effects.reads) order.touchVariable(variable, false);
    for (const variable of effects.writes) order.touchVariable(variable, true);
    this.followBehind(effects);
    // It may ask the machine for what belongs to the kernel. Its memory is nothing that the host can see.
    if (isStep && !effects.plain) order.touchKernel(true);
  }

  hostResumed(): void {
    if (!this.follows || !this.hostHasPoints) return;
    // What else the statement does comes behind all that the machine has done by now, and so does what it is a part of.
    this.order.step(HOST, 0, 0);
    this.order.touchAnything();
  }

  picked(way: number): void {
    if (this.follows) this.order.chose(way);
  }

  private share(step: number, address: number): void {
    const { sharing } = this;
    const site = pc[SITE]!;
    if (step === STEP_WITHIN && sharing.isSettled(site)) return;
    sharing.behind(site);
    if (effects_of(site).wild) sharing.contestMemory();
    else if (step === STEP_FREE || is_access(step)) sharing.access(wordOf(address), lastWordOf(step, address), is_write(step));
  }

  private follow(step: number, address: number): void {
    const { order } = this;
    if (step === STEP_IRQ) {
      // The first step of an interrupt that has not quite begun.
      order.step(hardirq(this_cpu.hardirqs + 1), step, 0);
      // No word of memory has this number: it stands for what all interrupts share.
      order.touchWord(0, true);
      order.touchKernel(false);
      return;
    }
    order.step(context(), step, pc[SITE]!);
    const effects = effects_of(step > 0 ? step : pc[SITE]!);
    if (step > 0) {
      if (!effects.plain && !effects.ends) {
        order.touchAnything();
        return;
      }
      for (const variable of effects.reads) order.touchVariable(variable, false);
      for (const variable of effects.writes) order.touchVariable(variable, true);
      if (effects.behindAtOnce) this.followBehind(effects);
      // The next point is within it.
      if (effects.plain) return;
    } else {
      if (effects.wild || !(effects.closed || effects.ends)) {
        order.touchAnything();
        return;
      }
      this.followCall(step, address, effects);
      this.followBehind(effects);
      if (effects.closed) return;
    }
    this.followReturn();
  }

  private followCall(step: number, address: number, { calls }: Effects): void {
    const { order } = this;
    if (step === STEP_WITHIN) return;
    if (step === STEP_CALL) order.touchKernel(true);
    else if (step === STEP_LOCK) {
      order.touchWord(wordOf(address), true);
      order.touchKernel(false);
    } else {
      const last = lastWordOf(step, address);
      for (let word = wordOf(address); word <= last; word++) order.touchWord(word, is_write(step));
      if (calls) order.touchKernel(true);
    }
  }

  private followBehind({ behindReads, behindWrites }: Effects): void {
    const { order } = this;
    for (const variable of behindReads) order.touchVariable(variable, false);
    for (const variable of behindWrites) order.touchVariable(variable, true);
  }

  /** The step may go on in what has called its function, up to the next point there. */
  private followReturn(): void {
    const { order } = this;
    for (let frame = pc[FRAME]!; ; frame = caller_frame(frame)) {
      const effects = effects_of(caller_site(frame));
      if (effects.wild || !(effects.closed || effects.ends)) {
        order.touchAnything();
        return;
      }
      this.followBehind(effects);
      // It may have been the kernel that called: it goes on then.
      if (effects.calls) order.touchKernel(true);
      if (effects.closed || effects === INTERNAL) return;
    }
  }

  /** The machine before the step: what has happened, and what the CPUs are about to do by themselves. */
  private state(irqs: readonly number[]): number {
    let first = this_cpu.id;
    let second = first;
    for (const cpu of arch.cpus) {
      const { current } = cpu;
      const task = 4 * current.pid + cpu.state;
      // An interrupt that comes when they are enabled comes upon the middle of that call.
      const place = cpu === this_cpu ? pc[FRAME]! ^ Math.imul(pc[SITE]!, 0x9e3779b1) : current.frame ^ Math.imul(current.site, 0x9e3779b1);
      const interrupts = cpu.preempt_count ^ (cpu.irq_pending << 24) ^ (cpu.irqs_off << 28) ^ (cpu.need_resched << 29);
      first = low(low(low(low(first, task), place), interrupts), cpu.softirq_pending);
      second = high(high(high(high(second, task), place), interrupts), cpu.softirq_pending);
    }
    for (const irq of irqs) {
      first = low(first, irq);
      second = high(second, irq);
    }
    return this.order.state(first, second);
  }
}

/** The task, or the interrupt or round of softirqs that runs on its stack. */
function context(): number {
  const cpu = this_cpu;
  if ((cpu.preempt_count & HARDIRQ_MASK) !== 0) return hardirq(cpu.hardirqs);
  if ((cpu.preempt_count & SOFTIRQ_OFFSET) !== 0) return -2 - 2 * (NR_CPUS * cpu.softirqs + cpu.id);
  return cpu.current.pid;
}

function hardirq(number: number): number {
  return -1 - 2 * (NR_CPUS * number + this_cpu.id);
}

function someoneElse(): boolean {
  const cpu = this_cpu;
  return cpu.nr_queued > 0 || (cpu.preempt_count & (HARDIRQ_MASK | SOFTIRQ_OFFSET)) !== 0;
}

function lastWordOf(step: number, address: number): number {
  return wordOf(address + (step === STEP_FREE ? bytesOf(address) : size_of_access(step)) - 1);
}

/** Size of the object that begins there, or 1. */
function bytesOf(address: number): number {
  const offset = ((address | 0) - PAGE_OFFSET) >>> 0;
  const found = find_object(offset);
  return found?.start === offset ? found.object_size : 1;
}

/** Eight bytes are one: what shadow memory has one byte for. Never 0. */
function wordOf(address: number): number {
  return 1 + (((address | 0) - PAGE_OFFSET) >>> 3);
}
