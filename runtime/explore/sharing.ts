/**
 * Partial-order reduction: which questions need no other answer, because the step that follows commutes with
 * whatever another CPU or an interrupt can do there.
 *
 * The step of a plain statement (kernel/arch/effects.ts) touches variables only, and that of an access to a field one
 * word of memory. Where each of them is one context's, is only read, or is touched under a lock that all who touch it
 * hold, whoever comes before the step might as well come after it: that schedule is left out, and the one in which it
 * comes a step later, which costs as much, is run.
 * This is the local and the lock-protected transition of Dwyer, Hatcliff, Robby and Prasad (Formal Methods in System
 * Design 25, 2004), after Lipton's movers (CACM 1975), with locks watched as Eraser does (Savage et al., TOCS 1997) but
 * from the first touch on.
 *
 * What is whose is seen, not declared. Two touches that no lock keeps apart are seen in some schedule that is run:
 * until the first of them both, no step has been taken for what it is not. The variable is then contested for good,
 * and a search that has relied on the opposite begins anew.
 */
import { this_cpu } from '../../kernel/arch/cpu.js';
import { type Effects, variable_name } from '../../kernel/arch/effects.js';
import { effects_of, site_count } from '../../kernel/arch/site.js';
import { HARDIRQ_MASK, SOFTIRQ_OFFSET } from '../../kernel/include/linux/preempt.js';
import { HELD_READ, HELD_WORDS, held_kind } from '../../kernel/locking/held_locks.js';

/** How a variable, or a word of memory, has been touched in the run that is under way. */
interface Touched {
  run: number;
  /** The context that was first. */
  context: number;
  several: boolean;
  written: boolean;
  /** Locks that were held, for oneself alone, at every touch. */
  locks: readonly number[];
}

const NO_LOCKS: readonly number[] = [];

export class Sharing {
  private readonly told: readonly string[];
  private readonly variables: Touches;
  private readonly words: Touches;
  /** Memory is accessed in ways that have no points. */
  private memoryIsContested: boolean;
  private run = 0;
  /** By site: whether the statement commutes, as far as is known, and whether there is nothing left to learn of it. */
  private known = new Uint8Array(site_count());

  /** `contested`: what is known to be, by the names of contestedNames. */
  constructor(contested: readonly string[]) {
    this.told = contested;
    const names = new Set(contested);
    this.variables = new Touches(names, variable_name);
    this.words = new Touches(names, nameOfWord);
    this.memoryIsContested = names.has(MEMORY);
    if (this.memoryIsContested) this.words.contestAll();
  }

  /** Another schedule runs next. */
  begin(): void {
    this.run++;
    this.variables.begin(this.run);
    this.words.begin(this.run);
  }

  /** A question has been struck out, of an earlier schedule, that should not have been: seen in the one that has run. */
  get wasMisled(): boolean {
    return this.variables.misled || this.words.misled;
  }

  /** Whether the statement commutes with whatever another context can do, as far as has been seen. */
  commutes(site: number): boolean {
    const known = this.known[site]!;
    if ((known & (COMMUTES | DOES_NOT)) !== 0) return (known & COMMUTES) !== 0;
    const { plain, reads, writes, behindReads, behindWrites } = effects_of(site);
    const verdict = plain && [reads, writes, behindReads, behindWrites].every((variables) => variables.every(this.relyOnVariable));
    this.known[site]! |= verdict ? COMMUTES : DOES_NOT;
    return verdict;
  }

  /** Whether an access to the word does. */
  accessCommutes(word: number): boolean {
    return this.words.relyOn(word);
  }

  /** What is contested, by name, what was told included. */
  get contestedNames(): string[] {
    const names = new Set(this.told);
    for (const variable of this.variables.contested) names.add(variable_name(variable));
    if (this.memoryIsContested) names.add(MEMORY);
    for (const word of this.words.contested) names.add(nameOfWord(word));
    return [...names].sort();
  }

  private readonly relyOnVariable = (variable: number): boolean => this.variables.relyOn(variable);

  /** An access to the words begins. */
  access(first: number, last: number, writes: boolean): void {
    if (this.memoryIsContested) return;
    const context = contextOf();
    for (let word = first; word <= last; word++) this.words.touch(word, context, writes, true);
  }

  /** Something begins that may access any memory. */
  contestMemory(): void {
    if (this.memoryIsContested) return;
    this.memoryIsContested = true;
    this.words.contestAll();
  }

  /** There is nothing left to learn of the statement. */
  isSettled(site: number): boolean {
    if (site >= this.known.length) this.makeRoom();
    return (this.known[site]! & SETTLED) !== 0;
  }

  /** The statement, which is not settled, begins; `contended` where somebody else could run. */
  statement(site: number, contended: boolean): void {
    const { wild, reads, writes, behindReads, behindWrites, loud } = effects_of(site);
    if (contended) {
      if (wild) this.contestMemory();
      this.touch(reads, writes, true);
    }
    // Of what is behind a call it is not known who could run by then.
    if (contended || loud) this.touch(behindReads, behindWrites, !loud);
    if (wild && !this.memoryIsContested) return;
    if (this.areContested(reads) && this.areContested(writes) && this.areContested(behindReads) && this.areContested(behindWrites)) this.known[site]! |= SETTLED;
  }

  /** A point within the statement has been passed, and somebody else could run. */
  behind(site: number): void {
    const { behindReads, behindWrites, loud } = effects_of(site);
    if (behindReads.length === 0 && behindWrites.length === 0) return;
    this.touch(behindReads, behindWrites, !loud);
  }

  /** The host runs a statement; `alone` where nobody else could go on. */
  hostStatement({ reads, writes, behindReads, behindWrites }: Effects, alone: boolean): void {
    // What it does while nobody could comes before all that they do later, whoever is first then.
    if (!alone) this.touch(reads, writes, false, HOST);
    // By then it may have let the machine run.
    this.touch(behindReads, behindWrites, false, HOST);
  }

  /** Without `locked` it is not known which locks are held. */
  private touch(reads: readonly number[], writes: readonly number[], locked: boolean, context = contextOf()): void {
    const { variables } = this;
    const contested = variables.contested.size;
    for (const variable of reads) variables.touch(variable, context, false, locked);
    for (const variable of writes) variables.touch(variable, context, true, locked);
    if (variables.contested.size === contested) return;
    for (let i = 0; i < this.known.length; i++) this.known[i]! &= ~COMMUTES;
  }

  /** Modules that are loaded late have sites of their own. */
  private makeRoom(): void {
    const earlier = this.known;
    this.known = new Uint8Array(site_count());
    this.known.set(earlier);
  }

  private areContested(variables: readonly number[]): boolean {
    for (const variable of variables) if (!this.variables.contested.has(variable)) return false;
    return true;
  }
}

/** What is known of a site. One that commutes may no longer do so once more is contested. */
const COMMUTES = 1;
const DOES_NOT = 2;
const SETTLED = 4;

/** The context of what the host does: no task has it, nor an interrupt. */
export const HOST = 1 << 30;

/** The task, or an interrupt's level on a CPU. */
function contextOf(): number {
  const cpu = this_cpu;
  const interrupt = cpu.preempt_count & (HARDIRQ_MASK | SOFTIRQ_OFFSET);
  if (interrupt === 0) return cpu.current.pid;
  return -1 - 2 * cpu.id - ((interrupt & HARDIRQ_MASK) === 0 ? 0 : 1);
}

/** What is touched, by number: by whom, and under which locks. */
class Touches {
  readonly contested = new Set<number>();
  /** Questions have been left out because these are not contested. */
  private readonly relied = new Set<number>();
  private readonly touched = new Map<number, Touched>();
  private run = 0;
  private all = false;
  /** What was relied on has turned out to be contested in this run. */
  misled = false;
  /** What is contested from the beginning. */
  private readonly names: ReadonlySet<string>;
  private readonly nameOf: (number: number) => string;

  constructor(names: ReadonlySet<string>, nameOf: (number: number) => string) {
    this.names = names;
    this.nameOf = nameOf;
  }

  begin(run: number): void {
    this.run = run;
    this.misled = false;
  }

  /** Whether it is not contested; if so, that counts. */
  relyOn(number: number): boolean {
    if (this.all || this.contested.has(number)) return false;
    if (this.names.size > 0 && this.names.has(this.nameOf(number))) {
      this.contested.add(number);
      return false;
    }
    this.relied.add(number);
    return true;
  }

  contestAll(): void {
    this.all = true;
    this.misled ||= this.relied.size > 0;
    this.touched.clear();
  }

  touch(number: number, context: number, writes: boolean, locked: boolean): void {
    if (this.contested.has(number)) return;
    const { run } = this;
    const touched = this.touched.get(number);
    if (touched === undefined) {
      this.touched.set(number, { run, context, several: false, written: writes, locks: locked ? locksHeld() : NO_LOCKS });
      return;
    }
    if (touched.run !== run) {
      touched.run = run;
      touched.context = context;
      touched.several = false;
      touched.written = writes;
      touched.locks = locked ? locksHeld() : NO_LOCKS;
      return;
    }
    touched.several ||= touched.context !== context;
    touched.written ||= writes;
    if (!locked) touched.locks = NO_LOCKS;
    else if (touched.locks.length > 0) touched.locks = stillHeld(touched.locks);
    if (!touched.several || !touched.written || touched.locks.length > 0) return;
    this.contested.add(number);
    this.misled ||= this.relied.has(number);
  }
}

const MEMORY = 'memory';

function nameOfWord(word: number): string {
  return `word ${word}`;
}

/** Locks that the context which runs has for itself alone. */
function locksHeld(): readonly number[] {
  const { current, preempt_count, locks_below_hardirq, locks_below_softirq } = this_cpu;
  const below = (preempt_count & HARDIRQ_MASK) !== 0 ? locks_below_hardirq : (preempt_count & SOFTIRQ_OFFSET) !== 0 ? locks_below_softirq : 0;
  if (current.lockdep_depth <= below) return NO_LOCKS;
  const locks: number[] = [];
  for (let i = below; i < current.lockdep_depth; i++) {
    const address = current.held_locks![i * HELD_WORDS]!;
    if ((held_kind(current, address) & HELD_READ) === 0) locks.push(address);
  }
  return locks;
}

/** Those of the locks that the context which runs has, too. */
function stillHeld(locks: readonly number[]): readonly number[] {
  const held = locksHeld();
  return held.length === 0 ? NO_LOCKS : locks.filter((lock) => held.includes(lock));
}
