/** What a system call may not leave behind. Linux: kernel/locking/lockdep.c, lockdep_sys_exit(). */
import { this_cpu } from '../arch/cpu.js';
import { lock_report } from '../locking/lockdep.js';
import { print_held_locks } from './report.js';

/** Reports the locks that the running task takes along to user space. Context: process. */
export function report_locks_at_exit(): void {
  const task = this_cpu.current;
  lock_report('context-imbalance', `WARNING: lock held when returning to user space!\n${task.comm}/${task.pid} is leaving the kernel with locks still held!`, (print) => {
    print_held_locks(print, task);
  });
}
