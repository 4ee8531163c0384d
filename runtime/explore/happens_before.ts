/**
 * What has happened in a run so far, up to the order of steps that commute, as two words.
 *
 * Each step's hash is made of what it is, of the step before it in its context, and of those before it that it depends
 * on; the run's is the sum of them, which does not tell in what order independent ones came. Two runs with the same sum
 * have come to the same state: the happens-before graph in the place of the state, as Musuvathi and Qadeer have it
 * (Partial-Order Reduction for Context-Bounded State Exploration, MSR-TR-2007-12).
 *
 * What depends on what: accesses to the same variable, or to the same eight bytes, one of which writes; operations on
 * the same lock; kernel calls of which nothing more is known, on each other and on those of locks; and a step that may
 * touch what is not known, on every other.
 */
import { high, HIGH_START, low, LOW_START, scatter } from './two_hashes.js';

/** What the next to touch it depends on: the step that wrote it last, and those that have read it since. */
class Touch {
  run = 0;
  writtenLow = 0;
  writtenHigh = 0;
  readLow = 0;
  readHigh = 0;
}

export class HappensBefore {
  private run = 0;
  private low = 0;
  private high = 0;

  /** The step that is under way, if there is one. */
  private open = false;
  private stepLow = 0;
  private stepHigh = 0;
  // A list that is emptied by its length takes V8's slow path: these keep theirs, and grow to what one step touches.
  private readonly read: Touch[] = [];
  private reads = 0;
  private readonly written: Touch[] = [];
  private writes = 0;

  /** The context that ran last, and its latest step. */
  private context = 0;
  private before = new Touch();
  private readonly latest = new Map<number, Touch>();
  /** By number; those of other modules are holes. */
  private readonly variables: (Touch | undefined)[] = [];
  private readonly words = new Map<number, Touch>();
  private readonly kernel = new Touch();
  /** The last step that may have touched anything. */
  private readonly anything = new Touch();

  /** Another run begins. */
  begin(): void {
    this.run++;
    this.low = 0;
    this.high = 0;
    this.open = false;
    this.reads = 0;
    this.writes = 0;
    this.context = 0;
  }

  /** A step of the context, which is not 0, begins; what it touches is told next. */
  step(context: number, what: number, site: number): void {
    this.close();
    this.open = true;
    if (context !== this.context) {
      this.context = context;
      this.before = this.find(this.latest, context);
    }
    this.stepLow = low(low(LOW_START ^ context, what), site);
    this.stepHigh = high(high(HIGH_START ^ context, what), site);
    this.follow(this.before);
    if (this.anything.run === this.run) this.follow(this.anything);
  }

  /** A step has begun, and no state was asked for since. */
  get isUnderWay(): boolean {
    return this.open;
  }

  touchVariable(variable: number, writes: boolean): void {
    const { variables } = this;
    while (variables.length <= variable) variables.push(undefined);
    this.touch(this.fresh((variables[variable] ??= new Touch())), writes);
  }

  /** Eight bytes of memory, by number. */
  touchWord(word: number, writes: boolean): void {
    this.touch(this.find(this.words, word), writes);
  }

  /** What belongs to the kernel itself: who may run, what is allocated, requested, queued. */
  touchKernel(writes: boolean): void {
    this.touch(this.fresh(this.kernel), writes);
  }

  touchAnything(): void {
    this.mix(this.low, this.high);
    this.written[this.writes++] = this.fresh(this.anything);
  }

  /** Something was chosen that is not who goes on. */
  chose(way: number): void {
    if (this.open) this.mix(way, way);
    else {
      this.low = low(this.low, way);
      this.high = high(this.high, way);
    }
  }

  /** The two words, with another two that say what else makes a state, as one number. */
  state(otherLow: number, otherHigh: number): number {
    this.close();
    // 52 bits.
    return (low(this.low, otherLow) >>> 0) * 0x10_0000 + (high(this.high, otherHigh) >>> 12);
  }

  private touch(touch: Touch, writes: boolean): void {
    this.follow(touch);
    if (writes) {
      this.mix(touch.readLow, touch.readHigh);
      this.written[this.writes++] = touch;
    } else this.read[this.reads++] = touch;
  }

  private follow({ writtenLow, writtenHigh }: Touch): void {
    this.mix(writtenLow, writtenHigh);
  }

  /** Each of the two hashes is made of what the same one has told of other steps: they know nothing of each other. */
  private mix(lowWord: number, highWord: number): void {
    this.stepLow = low(this.stepLow, lowWord);
    this.stepHigh = high(this.stepHigh, highWord);
  }

  /** The step has ended: what it has touched leads to it from now on. */
  private close(): void {
    if (!this.open) return;
    this.open = false;
    // In the sum what was mixed in last must count as much as the rest.
    const stepLow = (this.stepLow = scatter(this.stepLow));
    const stepHigh = (this.stepHigh = scatter(this.stepHigh));
    const { read, written } = this;
    for (let i = 0; i < this.reads; i++) {
      const touch = read[i]!;
      touch.readLow = (touch.readLow + stepLow) | 0;
      touch.readHigh = (touch.readHigh + stepHigh) | 0;
    }
    for (let i = 0; i < this.writes; i++) this.write(written[i]!);
    this.reads = 0;
    this.writes = 0;
    this.write(this.before);
    this.low = (this.low + stepLow) | 0;
    this.high = (this.high + stepHigh) | 0;
  }

  private write(touch: Touch): void {
    touch.writtenLow = this.stepLow;
    touch.writtenHigh = this.stepHigh;
    touch.readLow = 0;
    touch.readHigh = 0;
  }

  private find(touches: Map<number, Touch>, number: number): Touch {
    let touch = touches.get(number);
    if (touch === undefined) touches.set(number, (touch = new Touch()));
    return this.fresh(touch);
  }

  private fresh(touch: Touch): Touch {
    if (touch.run !== this.run) {
      touch.run = this.run;
      touch.writtenLow = 0;
      touch.writtenHigh = 0;
      touch.readLow = 0;
      touch.readHigh = 0;
    }
    return touch;
  }
}
