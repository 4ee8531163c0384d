/** The machine's clocks decide, as they do in a test; a run that is too long ends. */
import type { Strategy } from '../choice/choice.js';
import { STATEMENT_NS } from '../../kernel/arch/point.js';
import { TooLong } from './watched.js';

export class PlainTime implements Strategy {
  readonly name = 'time';
  private readonly points: number;
  private asked = false;

  constructor(points: number) {
    this.points = points;
  }

  pick(): number {
    return 0;
  }

  /** Asked before the run, and not again before its end: being asked moves the places where CPUs take turns. */
  gap(): number {
    if (this.asked) throw new TooLong('the program is too long');
    this.asked = true;
    return this.points * STATEMENT_NS;
  }

  preempt(): number {
    return 0;
  }
}
