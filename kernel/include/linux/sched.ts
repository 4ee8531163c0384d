/** Follows include/linux/sched.h, sched/task.h and sched/signal.h. */
import { this_cpu } from '../../arch/cpu.js';
import { point } from '../../arch/point.js';
import type { task_struct } from '../../arch/task.js';
import { kernel } from '../../current.js';
import { task_sigpending } from '../../signal.js';
import { EINVAL } from './errno.js';

export { TASK_DEAD, TASK_INTERRUPTIBLE, TASK_NORMAL, TASK_RUNNING, TASK_UNINTERRUPTIBLE, PF_KTHREAD, PF_WQ_WORKER } from '../../arch/task.js';
export type { task_struct } from '../../arch/task.js';
export { current } from '../asm/current.js';
export { cond_resched, might_sleep, need_resched, schedule, yield_ } from '../../sched/cond_resched.js';
export { get_task_struct, put_task_struct, wake_up_process } from '../../sched/kthread.js';
export { non_block_end, non_block_start } from '../../sched/might_sleep.js';
export { cpu_relax } from '../../time/delay.js';
export { schedule_timeout, schedule_timeout_interruptible, schedule_timeout_uninterruptible } from '../../time/sleep.js';
export { MAX_SCHEDULE_TIMEOUT } from './jiffies.js';

/**
 * Announces how the task will sleep: the condition is looked at after it and schedule() comes last, so that a wakeup
 * in between is not lost. Context: process.
 */
export function set_current_state(state: number): void {
  point();
  this_cpu.current.__state = state;
}

/** As set_current_state(), without the barrier: for going back to TASK_RUNNING. Context: process. */
export function __set_current_state(state: number): void {
  this_cpu.current.__state = state;
}

/** The running task, as `current`. Context: any. */
export function get_current(): task_struct {
  return this_cpu.current;
}

export function task_pid_nr(task: task_struct): number {
  return task.pid;
}

/** 1 where a signal waits for the task. Context: any. */
export function signal_pending(task: task_struct): number {
  point();
  return +task_sigpending(task);
}

/**
 * Says which CPUs a task may run on: one bit a CPU. Returns -EINVAL where this machine has none of them. A task that
 * runs elsewhere moves when it next sleeps. Context: process, may sleep.
 */
export function set_cpus_allowed(task: task_struct, mask: number): number {
  point();
  if (!kernel.arch.cpus.some((cpu) => (mask & (1 << cpu.id)) !== 0)) return -EINVAL;
  task.cpus_mask = mask;
  return 0;
}
