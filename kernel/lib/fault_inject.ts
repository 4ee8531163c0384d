/**
 * Fault injection: allocations that are made to fail. Linux: lib/fault-inject.c, should_fail_ex(), fail_dump();
 * include/linux/fault-inject.h, struct fault_attr.
 */
import { arch } from '../arch/arch.js';
import { FRAME, pc, SITE } from '../arch/callstack.js';
import { this_cpu } from '../arch/cpu.js';
import { kernel } from '../current.js';
import { dump_stack } from '../debug/report.js';
import { Random } from '../drivers/char/random.js';
import { in_task } from '../include/linux/preempt.js';
import { owner_of } from '../mm/kasan/record.js';
import { LOGLEVEL_NOTICE } from '../printk/levels.js';

/** When an attempt fails, as the files of Linux's /sys/kernel/debug/failslab say it. */
export interface fault_settings {
  /** In percent. */
  readonly probability?: number;
  /** Only each so many-th attempt that passes the filters can fail. */
  readonly interval?: number;
  /** How many failures at most; -1, no limit. */
  readonly times?: number;
  /** Bytes, or pages, that have to be allocated before anything fails. */
  readonly space?: number;
  /** 0 says nothing, 1 the header, 2 the call trace, too. */
  readonly verbose?: number;
  /** Only tasks whose make_it_fail is set. */
  readonly task_filter?: boolean;
  /** Only code of these modules: by the innermost module function of the stack. */
  readonly modules?: readonly string[] | null;
  /** Only what is asked for with all of these flags. */
  readonly gfp?: number;
  /** Each attempt is a choice of the machine's strategy, in place of `probability`. */
  readonly choose?: boolean;
}

/** One thing that can be made to fail, and what is left of its settings. */
export class fault_attr {
  readonly name: string;
  probability = 0;
  interval = 1;
  times = 1;
  space = 0;
  verbose = 2;
  task_filter = false;
  modules: readonly string[] | null = null;
  gfp = 0;
  choose = false;
  private count = 0;

  constructor(name: string) {
    this.name = name;
  }

  set(settings: fault_settings): void {
    const defaults = { probability: 0, interval: 1, times: 1, space: 0, verbose: 2, task_filter: false, modules: null, gfp: 0, choose: false };
    Object.assign(this, defaults, settings);
    this.count = 0;
  }

  /** Whether an attempt at `size` bytes, or pages, is to fail. Linux: should_fail_ex(). */
  should_fail(size: number, gfp: number, nowarn: boolean): boolean {
    if (!this.wants(size, gfp)) return false;
    if (!nowarn) this.fail_dump();
    if (this.times > 0) this.times--;
    return true;
  }

  private wants(size: number, gfp: number): boolean {
    const task = this_cpu.current;
    if (task.fail_nth > 0 && in_task()) return --task.fail_nth === 0;
    if (this.probability === 0 && !this.choose) return false;
    if (this.task_filter && !(in_task() && task.make_it_fail !== 0)) return false;
    if (this.times === 0 || (gfp & this.gfp) !== this.gfp) return false;
    if (!this.passes(pc[FRAME]!, pc[SITE]!)) return false;
    if (this.space > size) {
      this.space -= size;
      return false;
    }
    if (this.interval > 1 && ++this.count % this.interval !== 0) return false;
    if (this.choose) return arch.choose('alloc', 2) !== 0;
    return this.probability >= 100 || kernel.faults.random.u32() % 100 < this.probability;
  }

  /** Whether the code of this stack may be made to fail. Linux: fail_stacktrace(). */
  passes(frame: number, site: number): boolean {
    return this.modules === null || this.modules.includes(owner_of(frame, site));
  }

  /** Linux: fail_dump(). */
  private fail_dump(): void {
    if (this.verbose === 0) return;
    const print = (line: string): void => {
      kernel.printk.emit(LOGLEVEL_NOTICE, line);
    };
    print('FAULT_INJECTION: forcing a failure.');
    print(`name ${this.name}, interval ${this.interval}, probability ${this.probability}, space ${this.space}, times ${this.times}`);
    if (this.verbose > 1) dump_stack(print);
  }
}

/** A failure that was forced, and on whose call. */
export interface Injected {
  readonly name: string;
  /** Bytes asked for. */
  readonly size: number;
  readonly gfp: number;
  /** The stack, for unwind(). */
  readonly frame: number;
  readonly site: number;
  readonly comm: string;
}

/** The faults of one machine. */
export class Faults {
  readonly random: Random;
  readonly injected: Injected[] = [];

  constructor(seed: number) {
    // Another stream than get_random_u32() draws from: what fails does not depend on what a module draws.
    this.random = new Random(seed ^ 0x6661_756c);
  }

  note(name: string, size: number, gfp: number): void {
    this.injected.push({ name, size, gfp, frame: pc[FRAME]!, site: pc[SITE]!, comm: this_cpu.current.comm });
  }
}
