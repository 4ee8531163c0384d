/** How many different things there were, schedules mostly: a set of 64-bit hashes, kept in flat memory. */
import type { Decision } from '../choice/sparse.js';

const EMPTY_SIZE = 1024;

export class Distinct {
  /** Pairs of words; a pair of zeros is a free place. */
  private table = new Int32Array(2 * EMPTY_SIZE);
  size = 0;

  /** Returns false for a schedule that was there already. */
  add(decisions: readonly Decision[]): boolean {
    let low = 0x811c9dc5 | 0;
    let high = 0x9e3779b9 | 0;
    for (const { ordinal, way } of decisions) {
      low = Math.imul(low ^ (ordinal * 64 + way), 0x01000193);
      low ^= low >>> 15;
      high = Math.imul(high ^ (low + ordinal), 0x85ebca6b);
      high ^= high >>> 13;
    }
    return this.addHash(low, high);
  }

  /** The same for something else, of which these are two independent hashes. */
  addHash(low: number, high: number): boolean {
    if (!this.place(this.table, low, high | 1)) return false;
    this.size++;
    if (this.size * 4 > this.table.length) this.grow();
    return true;
  }

  private place(table: Int32Array, low: number, high: number): boolean {
    const mask = table.length / 2 - 1;
    for (let at = (low ^ (high >>> 7)) & mask; ; at = (at + 1) & mask) {
      if (table[2 * at + 1] === 0) {
        table[2 * at] = low;
        table[2 * at + 1] = high;
        return true;
      }
      if (table[2 * at] === low && table[2 * at + 1] === high) return false;
    }
  }

  private grow(): void {
    const old = this.table;
    this.table = new Int32Array(2 * old.length);
    for (let at = 0; at < old.length; at += 2) if (old[at + 1] !== 0) this.place(this.table, old[at]!, old[at + 1]!);
  }
}
