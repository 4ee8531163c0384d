/** Nothing is left to chance: the CPU with the smallest clock goes on, and interrupts come when they are due. */
import type { Strategy } from './choice.js';

export class VirtualTime implements Strategy {
  readonly name = 'virtual-time';
  pick(): number {
    return 0;
  }
  gap(): number {
    return Infinity;
  }
  preempt(): number {
    return 0;
  }
}
