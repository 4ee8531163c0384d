/** Programs that came to something new, and which of them is changed next. */
import type { Random } from '../choice/random.js';
import type { Program } from './program.js';

interface Entry {
  readonly program: Program;
  /** Edges that it brought; a program may also be here for how often it comes to known ones. */
  readonly edges: number;
  picks: number;
}

/** So many of those that brought edges last have half of all picks: they are the deepest, as a rule. */
const NEWEST = 3;
const EDGES_MAX = 16;
/** Picks that do not make much of a difference yet. */
const PICKS_FLAT = 16;

export class Corpus {
  private readonly entries: Entry[] = [];
  private readonly newest: Entry[] = [];

  get programs(): readonly Program[] {
    return this.entries.map(({ program }) => program);
  }

  get size(): number {
    return this.entries.length;
  }

  add(program: Program, edges: number): void {
    const entry = { program, edges, picks: 0 };
    this.entries.push(entry);
    if (edges > 0) this.newest.push(entry);
    if (this.newest.length > NEWEST) this.newest.shift();
  }

  /** What has not been tried often is likelier. There is a program. */
  pick(random: Random): Program {
    const entry = weighted(random, this.newest.length > 0 && random.below(2) === 0 ? this.newest : this.entries);
    entry.picks++;
    return entry.program;
  }
}

function weighted(random: Random, entries: readonly Entry[]): Entry {
  let total = 0;
  for (const entry of entries) total += weightOf(entry);
  let rest = (random.u32() / 0x1_0000_0000) * total;
  for (const entry of entries) if ((rest -= weightOf(entry)) < 0) return entry;
  return entries.at(-1)!;
}

/** What brought much keeps its chance for longer. */
function weightOf({ edges, picks }: Entry): number {
  return (1 + Math.min(edges, EDGES_MAX)) / (PICKS_FLAT + picks);
}
