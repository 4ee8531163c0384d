/**
 * Lists of questions, of which a search keeps hundreds of thousands. Most schedules are asked what another one was
 * asked after its last decision: such lists are one and the same.
 */

/** Lists that are remembered; there are a few hundred, mostly. */
const LISTS_MAX = 10_000;

export interface QuestionList {
  /** Nobody may change them. */
  readonly questions: readonly number[];
  /** How many ways these have, by what is unusual about them; null until somebody has counted. */
  tally: readonly number[] | null;
}

export class QuestionLists {
  /** By hash. One that is forgotten is kept by whoever has it, and no longer found. */
  private readonly lists = new Map<number, QuestionList>();

  /** The list with the first `count` of these numbers. */
  same(list: readonly number[], count: number): QuestionList {
    let hash = 0x811c9dc5 | 0;
    for (let i = 0; i < count; i++) {
      hash = Math.imul(hash ^ list[i]!, 0x01000193);
      hash ^= hash >>> 15;
    }
    const known = this.lists.get(hash);
    if (known !== undefined && equal(known.questions, list, count)) return known;
    // A copy takes no more than what is in it; a list that has grown does.
    const copy = { questions: list.slice(0, count), tally: null };
    if (this.lists.size === LISTS_MAX) this.lists.clear();
    this.lists.set(hash, copy);
    return copy;
  }
}

/** Whether the list has these numbers, the first `count` of the other. */
function equal(a: readonly number[], b: readonly number[], count: number): boolean {
  if (a.length !== count) return false;
  for (let i = count - 1; i >= 0; i--) if (a[i] !== b[i]) return false;
  return true;
}
