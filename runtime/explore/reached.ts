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
    this.noteContext(pc[FRAME]!, pc[SITE]!);
    this.noteLocks();
  };

  private noteContext(frame_number: number, site_number: number): void {
    const { preempt_count, irqs_off } = this_cpu;
    const what = 2 * preempt_count + irqs_off;
    // A place is mostly come to in the way in which it was come to last.
    if (2 * site_number >= this.last.length) {
      const earlier = this.last;
      this.last = new Int32Array(2 * site_count());
      this.last.set(earlier);
    }
    const { last } = this;
    const at = 2 * site_number;
    if (last[at] === frame_number + 1 && last[at + 1] === what) return;
    last[at] = frame_number + 1;
    last[at + 1] = what;
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
    if (held === 0 && this.unlocked) return;
    this.unlocked ||= held === 0;
    this.census.lockStates.addHash(first, second);
  }
}
