/** The states that a search has come to, with what had been unusual by then: a table in flat memory, which nobody has to collect. */
import type { Bounds } from './bounds.js';

/** States that are remembered; what is come to later may be gone through again. */
const STATES_MAX = 400_000;

const EMPTY_SIZE = 64;

/** Words of a place: the state's low 32 bits, its high ones, and the bounds, one more than they are: 0 is a free place. */
const WORDS = 3;
const LOW = 0;
const HIGH = 1;
const BOUNDS = 2;

const BITS = 10;
const MOST = (1 << BITS) - 1;

export class Visited {
  /** A power of two of places, at least half of them free. */
  private table = new Int32Array(WORDS * EMPTY_SIZE);
  private size = 0;

  clear(): void {
    this.table = new Int32Array(WORDS * EMPTY_SIZE);
    this.size = 0;
  }

  /**
   * Whether somebody has been there with no more behind him. Where nobody has been there, somebody has now. A state is a
   * number below 2^53.
   */
  visit(state: number, { changes, interrupts, faults }: Bounds): boolean {
    const low = state | 0;
    const high = Math.floor(state / 0x1_0000_0000);
    const { table } = this;
    const at = place(table, low, high);
    const found = table[at + BOUNDS]!;
    if (found !== 0) {
      const earlier = found - 1;
      return earlier >> (2 * BITS) <= faults && ((earlier >> BITS) & MOST) <= interrupts && (earlier & MOST) <= changes;
    }
    if (changes <= MOST && interrupts <= MOST && faults < MOST && this.size < STATES_MAX) {
      table[at + LOW] = low;
      table[at + HIGH] = high;
      table[at + BOUNDS] = ((faults << (2 * BITS)) | (interrupts << BITS) | changes) + 1;
      if (2 * ++this.size * WORDS > table.length) this.grow();
    }
    return false;
  }

  private grow(): void {
    const old = this.table;
    const table = new Int32Array(2 * old.length);
    for (let from = 0; from < old.length; from += WORDS) {
      if (old[from + BOUNDS] === 0) continue;
      const at = place(table, old[from + LOW]!, old[from + HIGH]!);
      table[at + LOW] = old[from + LOW]!;
      table[at + HIGH] = old[from + HIGH]!;
      table[at + BOUNDS] = old[from + BOUNDS]!;
    }
    this.table = table;
  }
}

/** Where the state is, or could be. */
function place(table: Int32Array, low: number, high: number): number {
  const mask = table.length / WORDS - 1;
  for (let i = (low ^ (high << 7)) & mask; ; i = (i + 1) & mask) {
    const at = WORDS * i;
    if (table[at + BOUNDS] === 0 || (table[at + LOW] === low && table[at + HIGH] === high)) return at;
  }
}
