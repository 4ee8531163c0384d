/** The states that a search has come to, with what had been unusual by then. */
import type { Bounds } from './bounds.js';

/** States that are remembered; what is come to later may be gone through again. */
const STATES_MAX = 400_000;

const BITS = 10;
const MOST = (1 << BITS) - 1;

export class Visited {
  /** The bounds are one small integer: an object for each state would take several times its place. */
  private readonly states = new Map<number, number>();

  clear(): void {
    this.states.clear();
  }

  /** Whether somebody has been there with no more behind him. Where nobody has been there, somebody has now. */
  visit(state: number, { changes, interrupts, faults }: Bounds): boolean {
    const earlier = this.states.get(state);
    if (earlier !== undefined) return earlier >> (2 * BITS) <= faults && ((earlier >> BITS) & MOST) <= interrupts && (earlier & MOST) <= changes;
    if (changes <= MOST && interrupts <= MOST && faults <= MOST && this.states.size < STATES_MAX) {
      this.states.set(state, (faults << (2 * BITS)) | (interrupts << BITS) | changes);
    }
    return false;
  }
}
