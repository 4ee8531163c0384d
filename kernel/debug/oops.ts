/**
 * An exception in module code. Follows arch/x86/kernel/dumpstack.c, oops_end() and die(): in process context the
 * task is killed and the machine goes on; anywhere else nothing is left to kill, and it panics.
 */
import { arch } from '../arch/arch.js';
import { FRAME, pc, SITE, take_throw } from '../arch/callstack.js';
import { this_cpu } from '../arch/cpu.js';
import { kernel } from '../current.js';
import { in_interrupt } from '../include/linux/preempt.js';
import { irq_thread_dtor } from '../irq/thread.js';
import { InternalError } from './internal_error.js';
import { panic, report, TAINT_DIE } from './report.js';

/** A mistake that ringzero noticed in itself goes to the host; everything else is the module's. Never returns. */
export function handle_exception(error: unknown): never {
  if (error instanceof InternalError) arch.abandon(error);
  const place = take_throw(error);
  if (place !== null) {
    pc[FRAME] = place.frame;
    pc[SITE] = place.site;
  }
  kernel.taint |= TAINT_DIE;
  if (error instanceof RangeError && /call stack/i.test(error.message)) {
    kernel.oops_count++;
    report('oops', 'BUG: TASK stack guard page was hit');
    panic('Fatal exception: kernel stack overflow');
  }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : `uncaught ${String(error)}`;
  report('oops', `Oops: ${what} [#${++kernel.oops_count}]`);
  if (in_interrupt() !== 0 || this_cpu.current === this_cpu.idle) panic('Fatal exception in interrupt');
  make_task_dead();
}

/** Follows kernel/exit.c, make_task_dead(): the task ends where it stands, with whatever it holds. */
export function make_task_dead(): never {
  const task = this_cpu.current;
  task.exit_code = 11; // SIGSEGV, as the parent sees it
  this_cpu.preempt_count = 0;
  irq_thread_dtor(task);
  task.killed = true;
  task.on_killed?.();
  kernel.sched.do_task_dead();
}
