/** Programs that came to something new, and which of them is changed next. */
import type { Random } from '../choice/random.js';
import type { Program } from './program.js';

interface Entry {
  readonly program: Program;
  /** Edges, and counts of edges, that it brought. */
  readonly fresh: number;
  picks: number;
}

const NEWEST = 3;
const FRESH_MAX = 16;
/** Picks that do not make much of a difference yet. */
const PICKS_FLAT = 16;

export class Corpus {
  private readonly entries: Entry[] = [];

  get programs(): readonly Program[] {
    return this.entries.map(({ program }) => program);
  }

  get size(): number {
    return this.entries.length;
  }

  add(program: Program, fresh: number): void {
    this.entries.push({ program, fresh, picks: 0 });
  }

  /** Half of the time one of the newest, which are the deepest as a rule; else what has not been tried often is likelier. */
  pick(random: Random): Program {
    const { entries } = this;
    const from = random.below(2) === 0 ? Math.max(0, entries.length - NEWEST) : 0;
    let total = 0;
    for (let i = from; i < entries.length; i++) total += weightOf(entries[i]!);
    let rest = (random.u32() / 0x1_0000_0000) * total;
    let at = from;
    while (at < entries.length - 1 && (rest -= weightOf(entries[at]!)) >= 0) at++;
    const entry = entries[at]!;
    entry.picks++;
    return entry.program;
  }
}

/** What brought much keeps its chance for longer. */
function weightOf({ fresh, picks }: Entry): number {
  return (1 + Math.min(fresh, FRESH_MAX)) / (PICKS_FLAT + picks);
}
