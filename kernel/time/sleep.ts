/** Sleeping for a time. Follows kernel/time/timer.c, schedule_timeout() and msleep(), and kernel/time/hrtimer.c. */
import { point } from '../arch/point.js';
import { cpu_clock, this_cpu } from '../arch/cpu.js';
import { TASK_INTERRUPTIBLE, TASK_NORMAL, TASK_RUNNING, TASK_UNINTERRUPTIBLE, type task_struct } from '../arch/task.js';
import { kernel } from '../current.js';
import { dump_stack } from '../debug/report.js';
import { MAX_SCHEDULE_TIMEOUT, msecs_to_jiffies, jiffies_to_msecs } from '../include/linux/jiffies.js';
import { LOGLEVEL_ERR } from '../printk/levels.js';
import { check_time } from './arguments.js';
import { HrtimerNode } from './hrtimer_base.js';
import { TimerNode } from './timer_base.js';

/** A sleeping task's own timer. Follows struct process_timer. */
class ProcessTimer extends TimerNode {
  readonly task: task_struct;

  constructor(task: task_struct) {
    super(wake_up_sleeper);
    this.task = task;
  }
}

function wake_up_sleeper(timer: TimerNode): void {
  kernel.sched.try_to_wake_up((timer as ProcessTimer).task, TASK_NORMAL);
}

/**
 * Sleeps in the state that the task has announced until it is woken or `timeout` ticks have passed, and returns the
 * ticks that are left: 0 after a full sleep. MAX_SCHEDULE_TIMEOUT has no end. No preemption point of its own.
 * Context: process.
 */
export function do_schedule_timeout(timeout: number): number {
  check_time('schedule_timeout', 'timeout', timeout);
  if (timeout === MAX_SCHEDULE_TIMEOUT) {
    kernel.sched.schedule();
    return timeout;
  }
  const task = this_cpu.current;
  if (timeout < 0) {
    const print = (line: string): void => {
      kernel.printk.emit(LOGLEVEL_ERR, line);
    };
    print(`schedule_timeout: wrong timeout value ${(timeout >>> 0).toString(16)}`);
    dump_stack(print);
    task.__state = TASK_RUNNING;
    return 0;
  }
  const timer = new ProcessTimer(task);
  const expires = kernel.time.ticks + timeout;
  kernel.timers.arm(timer, expires, this_cpu);
  kernel.sched.schedule();
  kernel.timers.disarm(timer);
  return Math.max(0, expires - kernel.time.ticks);
}

/** As do_schedule_timeout(), as modules call it: set_current_state() comes first. Context: process, may sleep. */
export function schedule_timeout(timeout: number): number {
  point();
  return do_schedule_timeout(timeout);
}

/** Sleeps for `timeout` ticks unless woken; returns the ticks left. Context: process, may sleep. */
export function schedule_timeout_interruptible(timeout: number): number {
  point();
  this_cpu.current.__state = TASK_INTERRUPTIBLE;
  return do_schedule_timeout(timeout);
}

/** As schedule_timeout_interruptible(), and signals do not end it. Context: process, may sleep. */
export function schedule_timeout_uninterruptible(timeout: number): number {
  point();
  this_cpu.current.__state = TASK_UNINTERRUPTIBLE;
  return do_schedule_timeout(timeout);
}

/** Sleeps for at least `msecs` ms. Context: process, may sleep. */
export function msleep(msecs: number): void {
  point();
  check_time('msleep', 'msecs', msecs);
  const task = this_cpu.current;
  task.waiting_for = `msleep(${msecs})`;
  let timeout = msecs_to_jiffies(msecs) + 1;
  while (timeout > 0) {
    this_cpu.current.__state = TASK_UNINTERRUPTIBLE;
    timeout = do_schedule_timeout(timeout);
  }
  task.waiting_for = '';
}

/** As msleep(), until somebody wakes the task; returns the ms that are left. Context: process, may sleep. */
export function msleep_interruptible(msecs: number): number {
  point();
  check_time('msleep_interruptible', 'msecs', msecs);
  const task = this_cpu.current;
  task.waiting_for = `msleep_interruptible(${msecs})`;
  task.__state = TASK_INTERRUPTIBLE;
  const left = do_schedule_timeout(msecs_to_jiffies(msecs) + 1);
  task.waiting_for = '';
  return jiffies_to_msecs(left);
}

/** Sleeps for at least `seconds` s. Context: process, may sleep. */
export function ssleep(seconds: number): void {
  msleep(seconds * 1000);
}

/** Sleeps for `min` to `max` us. Context: process, may sleep. */
export function usleep_range(min: number, max: number): void {
  point();
  check_time('usleep_range', 'min', min);
  check_time('usleep_range', 'max', max);
  const task = this_cpu.current;
  task.waiting_for = `usleep_range(${min}, ${max})`;
  const end = cpu_clock(this_cpu) + min * 1000;
  const timer = new HrtimerNode(() => kernel.sched.try_to_wake_up(task, TASK_NORMAL));
  timer.start(end, this_cpu);
  while (timer.pending) {
    this_cpu.current.__state = TASK_UNINTERRUPTIBLE;
    kernel.sched.schedule();
    if (this_cpu.current === this_cpu.idle) break;
  }
  timer.cancel();
  task.waiting_for = '';
}

/** Sleeps for at least `usecs` us. Context: process, may sleep. Follows include/linux/delay.h, fsleep(). */
export function fsleep(usecs: number): void {
  if (usecs > 20_000) msleep(Math.ceil(usecs / 1000));
  else usleep_range(usecs, usecs * 2);
}
