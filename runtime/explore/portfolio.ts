/**
 * Several searches that take turns, since no one of them is best at every bug: what is simple is found, and shown to
 * be absent, by the bounded search, which widens its bounds as it goes; what is deep or far inside by the drawn ones.
 */
import type { Followed } from '../choice/sparse.js';
import type { Extent } from './extent.js';
import type { BoundedSearch, Search } from './search.js';

export class Portfolio implements Search {
  private readonly bounded: BoundedSearch;
  /** Every other turn is the bounded search's. */
  private readonly drawn: readonly Search[];
  private turn = 0;
  private current: Search;

  constructor(bounded: BoundedSearch, drawn: readonly Search[]) {
    this.bounded = bounded;
    this.drawn = drawn;
    this.current = bounded;
  }

  get name(): string {
    return this.current.name;
  }

  get own(): boolean {
    return this.current.own;
  }

  next(): Followed | null {
    const { turn } = this;
    this.turn++;
    this.current = turn % 2 === 0 ? this.bounded : this.drawn[(turn >> 1) % this.drawn.length]!;
    // Where every schedule that there is has run, drawing some of them again shows nothing more.
    return this.current.next();
  }

  ran(): void {
    this.current.ran();
  }

  get left(): number {
    return this.bounded.left;
  }

  get estimate(): number {
    return this.bounded.estimate;
  }

  get extent(): Extent {
    return this.bounded.extent;
  }
}
