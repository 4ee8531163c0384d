/** What an exploration comes to: in which contexts code is met, and with which locks held. */
import { FRAME, pc, SITE } from '../../kernel/arch/callstack.js';
import { this_cpu } from '../../kernel/arch/cpu.js';
import { arch } from '../../kernel/arch/arch.js';
import { HELD_WORDS } from '../../kernel/locking/held_locks.js';
import type { Census } from './census.js';
import { frameHash, siteHash } from './place_hash.js';

export class Reached {
  private readonly census: Census;
  private low = 0;
  private high = 0;

  constructor(census: Census) {
    this.census = census;
  }

  /**
   * The machine is at a point where it could go on in more than one way. Its context: the place, the way that led there,
   * and what the CPU may do in it: sleep, be preempted, be interrupted. Its lock state: the locks held by the tasks on
   * the CPUs, all at this moment.
   */
  readonly note = (): void => {
    const cpu = this_cpu;
    this.start();
    this.mix(frameHash(pc[FRAME]!));
    this.mix(siteHash(pc[SITE]!));
    this.mix(cpu.preempt_count);
    this.mix(cpu.irqs_off);
    this.census.contexts.addHash(this.low, this.high);
    this.start();
    for (const { id, current } of arch.cpus) {
      const held = current.held_locks;
      for (let i = 0; i < current.lockdep_depth; i++) {
        this.mix(id);
        this.mix(held![i * HELD_WORDS]!);
      }
    }
    this.census.lockStates.addHash(this.low, this.high);
  };

  private start(): void {
    this.low = 0x811c9dc5 | 0;
    this.high = 0x9e3779b9 | 0;
  }

  private mix(word: number): void {
    this.low = Math.imul(this.low ^ word, 0x01000193);
    this.low ^= this.low >>> 15;
    this.high = Math.imul(this.high ^ (word + 0x7f4a7c15), 0x85ebca6b);
    this.high ^= this.high >>> 13;
  }
}
