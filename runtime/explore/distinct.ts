/** How many different things there were, schedules mostly: a set of 64-bit hashes, kept in flat memory. */
import type { Decision } from '../choice/sparse.js';

const EMPTY_SIZE = 64;

export class Distinct {
  /** Pairs of words; a pair of zeros is a free place. */
  private table = new Int32Array(2 * EMPTY_SIZE);
  private readonly onNew: ((low: number, high: number) => void) | null;
  size = 0;

  /** `onNew` takes the hash of each schedule that was not there. */
  constructor(onNew?: (low: number, high: number) => void) {
    this.onNew = onNew ?? null;
  }

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

  /** The same by its hash, or for something else, of which these are two independent hashes. */
  addHash(low: number, hash: number): boolean {
    const high = hash | 1;
    if (!this.place(this.table, low, high)) return false;
    this.size++;
    if (this.size * 4 > this.table.length) this.grow();
    this.onNew?.(low, high);
    return true;
  }

  /** The hashes of many: pairs of words. */
  addHashes(words: Int32Array): void {
    for (let at = 0; at < words.length; at += 2) this.addHash(words[at]!, words[at + 1]!);
  }

  /** All of them, as pairs of words. */
  hashes(): Int32Array {
    const words = new Int32Array(2 * this.size);
    let to = 0;
    for (let at = 0; at < this.table.length; at += 2) {
      if (this.table[at + 1] === 0) continue;
      words[to++] = this.table[at]!;
      words[to++] = this.table[at + 1]!;
    }
    return words;
  }

  private place(table: Int32Array, low: number, high: number): boolean {
    const mask = (table.length >>> 1) - 1;
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
