/** What an exploration comes to: in which contexts code is met, and with which locks held. */
import { FRAME, pc, SITE } from '../../kernel/arch/callstack.js';
import { this_cpu } from '../../kernel/arch/cpu.js';
import { site_count } from '../../kernel/arch/site.js';
import { arch } from '../../kernel/arch/arch.js';
import { HELD_WORDS } from '../../kernel/locking/held_locks.js';
import type { Census } from './census.js';
import { frameHash, siteHash } from './place_hash.js';
import { high, HIGH_START, low, LOW_START } from './two_hashes.js';

export class Reached {
  private readonly census: Census;
  /** It has been met with no lock held: nearly every point is like that, and is not looked up. */
  private unlocked = false;
  /** By site, the frame, and what the CPU may do, that it was met with last: two words, the first one more than the frame. */
  private last = new Int32Array(2 * site_count());

  constructor(census: Census) {
    this.census = census;
  }

  /**
   * The machine is at a point where it could go on in more than one way. Its context: the place, the way that led there,
   * and what the CPU may do in it: sleep, be preempted, be interrupted. Its lock state: the locks held by the tasks on
   * the CPUs, all at this moment.
   */
  readonly note = (): void => {
    const frame = pc[FRAME]!;
    const at = 2 * pc[SITE]!;
    const { last } = this;
    // A place is mostly come to in the way in which it was come to last, and no lock is held.
    if (at >= last.length || last[at] !== frame + 1 || last[at + 1] !== whatMayBeDone()) this.noteContext(frame, pc[SITE]!);
    const { cpus } = arch;
    let held = 0;
    for (const { current } of cpus) held |= current.lockdep_depth;
    if (held !== 0 || !this.unlocked) this.noteLocks();
  };

  private noteContext(frame_number: number, site_number: number): void {
    const { preempt_count, irqs_off } = this_cpu;
    if (2 * site_number >= this.last.length) {
      const earlier = this.last;
      this.last = new Int32Array(2 * site_count());
      this.last.set(earlier);
    }
    this.last[2 * site_number] = frame_number + 1;
    this.last[2 * site_number + 1] = whatMayBeDone();
    const frame = frameHash(frame_number);
    const site = siteHash(site_number);
    this.census.contexts.addHash(
      low(low(low(low(LOW_START, frame), site), preempt_count), irqs_off),
      high(high(high(high(HIGH_START, frame), site), preempt_count), irqs_off),
    );
  }

  private noteLocks(): void {
    let held = 0;
    let first = LOW_START;
    let second = HIGH_START;
    for (const { id, current } of arch.cpus) {
      held += current.lockdep_depth;
      for (let i = 0; i < current.lockdep_depth; i++) {
        const lock = current.held_locks![i * HELD_WORDS]!;
        first = low(low(first, id), lock);
        second = high(high(second, id), lock);
      }
    }
    this.unlocked ||= held === 0;
    this.census.lockStates.addHash(first, second);
  }
}

function whatMayBeDone(): number {
  return 2 * this_cpu.preempt_count + this_cpu.irqs_off;
}
