/**
 * An exception in module code. Follows arch/x86/kernel/dumpstack.c, oops_end() and die(): in process context the
 * task is killed and the machine goes on; anywhere else nothing is left to kill, and it panics.
 */
import { FRAME, pc, SITE, take_throw } from '../arch/callstack.js';
import { this_cpu } from '../arch/cpu.js';
import { kernel } from '../current.js';
import { irq_thread_dtor } from '../irq/thread.js';
import { is_error } from '../lib/shown.js';
import { described } from './described.js';
import { die } from './fault.js';
import { trap } from './trap.js';

/** A mistake that ringzero noticed in itself goes to the host; everything else is the module's. Never returns. */
export function handle_exception(error: unknown): never {
  const place = take_throw(error);
  if (place !== null) {
    pc[FRAME] = place.frame;
    pc[SITE] = place.site;
  }
  trap(error);
  die(`Oops: ${is_error(error) ? '' : 'uncaught '}${described(error)} [#${kernel.oops_count + 1}]`);
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
