/** Signals, as far as the kernel's own waits see them: one is pending or none is. Follows kernel/signal.c. */
import { PF_KTHREAD, TASK_INTERRUPTIBLE, type task_struct } from './arch/task.js';
import { kernel } from './current.js';

/** Tasks that a signal waits for. */
const pending = new WeakSet<task_struct>();

/** Sends a signal: an interruptible sleep ends. Kernel threads ignore all of them. Context: any. */
export function signal_task(task: task_struct): void {
  if ((task.flags & PF_KTHREAD) !== 0) return;
  pending.add(task);
  kernel.sched.try_to_wake_up(task, TASK_INTERRUPTIBLE);
}

/** Takes pending signals back, as the return to user space or flush_signals() does. Context: any. */
export function flush_signals(task: task_struct): void {
  pending.delete(task);
}

/** Whether a signal waits for the task. Context: any. */
export function task_sigpending(task: task_struct): boolean {
  return pending.has(task);
}

/** Whether a sleep in this state is not to be. Follows include/linux/sched/signal.h. */
export function signal_pending_state(state: number, task: task_struct): boolean {
  return (state & TASK_INTERRUPTIBLE) !== 0 && pending.has(task);
}
