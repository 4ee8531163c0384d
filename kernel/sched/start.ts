/** The life of a task, from its first instruction to its end. Follows kernel/exit.c, do_exit(). */
import { this_cpu } from '../arch/cpu.js';
import type { task_struct } from '../arch/task.js';
import { handle_exception } from '../debug/oops.js';
import { print_held_locks } from '../debug/report.js';
import { lock_report } from '../locking/lockdep.js';
import { might_sleep_at } from './might_sleep.js';

/** Runs a task's function and checks what it leaves behind. Called at the bottom of the task's stack. */
export function start_task(task: task_struct): void {
  try {
    task.exit_code = task.fn(task);
  } catch (error) {
    handle_exception(error);
  }
  check_exit(task);
}

/** A task that ends must hold nothing that only it could give back. */
function check_exit(task: task_struct): void {
  const cpu = this_cpu;
  task.__state = 0;
  if (cpu.preempt_count !== 0 || cpu.irqs_off !== 0) might_sleep_at('include/linux/cgroup-defs.h:771');
  if (task.lockdep_depth > 0) {
    // Follows kernel/locking/lockdep.c, debug_check_no_locks_held().
    lock_report('context-imbalance', `WARNING: ${task.comm}/${task.pid} still has locks held!`, (print) => {
      print_held_locks(print, task);
    });
  }
  cpu.preempt_count = 0;
}
