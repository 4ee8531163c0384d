/**
 * Partial-order reduction: which questions need no other answer, because the step that follows commutes with
 * whatever another CPU or an interrupt can do there.
 *
 * The step of a plain statement (kernel/arch/effects.ts) touches variables only. Where each of them is one context's,
 * is only read, or is touched under a lock that all who touch it hold, whoever comes before the step might as well
 * come after it: that schedule is left out, and the one in which it comes a step later, which costs as much, is run.
 * This is the local and the lock-protected transition of Dwyer, Hatcliff, Robby and Prasad (Formal Methods in System
 * Design 25, 2004), after Lipton's movers (CACM 1975), with locks watched as Eraser does (Savage et al., TOCS 1997) but
 * from the first touch on.
 *
 * What is whose is seen, not declared. Two touches that no lock keeps apart are seen in some schedule that is run:
 * until the first of them both, no step has been taken for what it is not. The variable is then contested for good,
 * and a search that has relied on the opposite begins anew.
 */
import { this_cpu } from '../../kernel/arch/cpu.js';
import { variable_name } from '../../kernel/arch/effects.js';
import { effects_of, SITE_NONE } from '../../kernel/arch/site.js';
import { kernel } from '../../kernel/current.js';
import { HARDIRQ_MASK, SOFTIRQ_OFFSET } from '../../kernel/include/linux/preempt.js';
import { HELD_READ, HELD_WORDS, held_kind } from '../../kernel/locking/held_locks.js';
import { type Asked, type Sparse, STRUCK_OUT } from '../choice/sparse.js';

/** How a variable has been touched in the run that is under way. */
interface Touched {
  run: number;
  /** The context that was first. */
  context: number;
  several: boolean;
  written: boolean;
  /** Locks that were held, for oneself alone, at every touch. */
  readonly locks: number[];
}

export class Sharing {
  private readonly touched: (Touched | undefined)[] = [];
  private readonly contested = new Set<number>();
  /** Questions have been left out because these are not contested. */
  private readonly relied = new Set<number>();
  private run = 0;
  private misled = false;
  /** Some question has been struck out. */
  reduced = false;

  /** The schedule runs next. */
  watch(strategy: Sparse): void {
    this.run++;
    this.misled = false;
    strategy.onStatement = this.statement;
  }

  /** A question has been struck out, of an earlier schedule, that should not have been: seen in the one that has run. */
  get wasMisled(): boolean {
    return this.misled;
  }

  /** Strikes out those of a schedule's questions before which nothing can come that could not come after the step. */
  reduce({ questions, statements }: Asked): void {
    for (let i = 0; i < questions.length; i++) {
      if (statements[i] === SITE_NONE || !this.commutes(statements[i]!)) continue;
      questions[i] = STRUCK_OUT;
      this.reduced = true;
    }
  }

  /** The contested variables, by name. */
  get contestedNames(): string[] {
    return [...this.contested].map(variable_name).sort();
  }

  private commutes(site: number): boolean {
    const { plain, reads, writes } = effects_of(site);
    if (!plain) return false;
    for (const variable of reads) if (this.contested.has(variable)) return false;
    for (const variable of writes) if (this.contested.has(variable)) return false;
    for (const variable of reads) this.relied.add(variable);
    for (const variable of writes) this.relied.add(variable);
    return true;
  }

  private readonly statement = (site: number, ways: number): void => {
    const { reads, writes } = effects_of(site);
    if (reads.length + writes.length === 0) return;
    const cpu = this_cpu;
    const interrupt = cpu.preempt_count & (HARDIRQ_MASK | SOFTIRQ_OFFSET);
    // Where nobody else could run there is no question to leave out, and nobody to commute with: a module sets itself up.
    if (interrupt === 0 && ways < 2 && kernel.sched.rqs[cpu.id]!.length === 0) return;
    const context = interrupt === 0 ? cpu.current.pid : -1 - 2 * cpu.id - ((interrupt & HARDIRQ_MASK) === 0 ? 0 : 1);
    for (const variable of reads) this.touch(variable, context, false);
    for (const variable of writes) this.touch(variable, context, true);
  };

  private touch(variable: number, context: number, writes: boolean): void {
    if (this.contested.has(variable)) return;
    let touched = this.touched[variable];
    if (touched?.run !== this.run) {
      touched = { run: this.run, context, several: false, written: writes, locks: locksOf(context) };
      this.touched[variable] = touched;
      return;
    }
    touched.several ||= touched.context !== context;
    touched.written ||= writes;
    if (touched.locks.length > 0) keepHeld(touched.locks, context);
    if (!touched.several || !touched.written || touched.locks.length > 0) return;
    this.contested.add(variable);
    this.misled ||= this.relied.has(variable);
  }
}

/** Locks that the context has for itself alone. Those of an interrupt are not told from the locks of what it interrupts. */
function locksOf(context: number): number[] {
  if (context < 0) return [];
  const { current } = this_cpu;
  const locks: number[] = [];
  for (let i = 0; i < current.lockdep_depth; i++) {
    const address = current.held_locks![i * HELD_WORDS]!;
    if ((held_kind(current, address) & HELD_READ) === 0) locks.push(address);
  }
  return locks;
}

/** Takes out the locks that the context does not have. */
function keepHeld(locks: number[], context: number): void {
  const held = locksOf(context);
  for (let i = locks.length - 1; i >= 0; i--) if (!held.includes(locks[i]!)) locks.splice(i, 1);
}
