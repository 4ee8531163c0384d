/**
 * Lists of questions, of which a search keeps hundreds of thousands. Most schedules are asked what another one was
 * asked after its last decision: such lists are one and the same.
 */

/** Lists that are remembered; there are a few hundred, mostly. */
const LISTS_MAX = 10_000;

export class QuestionLists {
  /** By hash. One that is forgotten is kept by whoever has it, and no longer found. */
  private readonly lists = new Map<number, readonly number[]>();

  /** A list with the same numbers, which nobody may change. */
  same(list: readonly number[]): readonly number[] {
    let hash = 0x811c9dc5 | 0;
    for (const word of list) {
      hash = Math.imul(hash ^ word, 0x01000193);
      hash ^= hash >>> 15;
    }
    const known = this.lists.get(hash);
    if (known !== undefined && equal(known, list)) return known;
    // A copy takes no more than what is in it; a list that has grown does.
    const copy = list.slice();
    if (this.lists.size === LISTS_MAX) this.lists.clear();
    this.lists.set(hash, copy);
    return copy;
  }
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = a.length - 1; i >= 0; i--) if (a[i] !== b[i]) return false;
  return true;
}
