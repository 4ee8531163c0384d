/** Kernel threads. Follows kernel/kthread.c. */
import { FRAME, pc, SITE } from '../arch/callstack.js';
import { point } from '../arch/point.js';
import { this_cpu } from '../arch/cpu.js';
import { PF_KTHREAD, TASK_DEAD, TASK_NEW, TASK_NORMAL, TASK_UNINTERRUPTIBLE, type kthread, task_struct } from '../arch/task.js';
import { kernel } from '../current.js';
import { page_fault } from '../debug/fault.js';
import { report } from '../debug/report.js';
import { ERR_PTR, IS_ERR } from '../include/linux/err.js';
import { EAGAIN, EINTR } from '../include/linux/errno.js';
import { refcount_warn } from '../lib/refcount.js';
import { vsprintf } from '../lib/vsprintf.js';
import { check_deadlock } from '../locking/deadlock.js';
import { shown } from '../lib/shown.js';
import { GFP_KERNEL } from '../mm/gfp_types.js';
import { format_env } from '../printk/format_env.js';
import { call_thread } from '../module/call.js';
import { note_callback } from '../module/owner.js';
import { might_alloc, might_sleep_at } from './might_sleep.js';

/** Tasks that a machine may have at a time, as /proc/sys/kernel/threads-max: all of them find a stack. */
const THREADS_MAX = 4000;

/**
 * Makes a thread that will run `threadfn(data)`; its name is formatted as by printk(). It does not run before
 * wake_up_process(). Returns ERR_PTR(-EAGAIN), for IS_ERR(), where there are THREADS_MAX tasks already.
 * Context: process, may sleep. Follows kernel/fork.c, copy_process().
 */
export function kthread_create<T>(threadfn: (data: T) => number, data: T, namefmt: string, ...args: unknown[]): task_struct {
  point();
  if (typeof threadfn !== 'function') throw new TypeError(`kthread_create: threadfn must be a function, got ${shown(threadfn)}`);
  if (typeof namefmt !== 'string') throw new TypeError(`kthread_create: the thread's name must be a string, got ${shown(namefmt)}`);
  // Linux allocates what it tells the new thread.
  might_alloc(GFP_KERNEL);
  return create(threadfn, data, vsprintf(namefmt, args, format_env));
}

function create<T>(threadfn: (data: T) => number, data: T, name: string): task_struct {
  if (kernel.sched.tasks.length >= THREADS_MAX) return ERR_PTR(-EAGAIN) as unknown as task_struct;
  note_callback(threadfn);
  const task = kernel.sched.create_task(name, PF_KTHREAD, run_kthread);
  task.kthread = { threadfn: threadfn as kthread['threadfn'], data, should_stop: false, frame: pc[FRAME]!, site: pc[SITE]!, usage: 0 };
  return task;
}

/** The whole life of a thread. Follows kthread(). */
function run_kthread(task: task_struct): number {
  const { threadfn, data, should_stop } = task.kthread!;
  // A thread that is stopped before its first run never calls its function.
  if (should_stop) return -EINTR;
  return call_thread(threadfn, data);
}

/** kthread_create() and wake_up_process() in one, and the same error. Context: process, may sleep. */
export function kthread_run<T>(threadfn: (data: T) => number, data: T, namefmt: string, ...args: unknown[]): task_struct {
  const task = kthread_create(threadfn, data, namefmt, ...args);
  if (!IS_ERR(task)) wake_up_process(task);
  return task;
}

/** Ties a thread that has not run yet to one CPU. Context: process. */
export function kthread_bind(task: task_struct, cpu: number): void {
  point();
  if (task.__state !== TASK_NEW) {
    report('warn', `WARNING: CPU: ${this_cpu.id} PID: ${this_cpu.current.pid} at kernel/kthread.c:519 __kthread_bind_mask`);
    return;
  }
  task.cpus_mask = 1 << cpu;
}

/** kthread_create() and kthread_bind() in one; `%u` in the name is the CPU. Context: process, may sleep. */
export function kthread_create_on_cpu<T>(threadfn: (data: T) => number, data: T, cpu: number, namefmt: string): task_struct {
  const task = kthread_create(threadfn, data, namefmt, cpu);
  if (!IS_ERR(task)) kthread_bind(task, cpu);
  return task;
}

/** True once somebody has called kthread_stop() for the running thread: it is to return. Context: kthread. */
export function kthread_should_stop(): boolean {
  point();
  return this_cpu.current.kthread?.should_stop ?? false;
}

/**
 * Asks a thread to stop, wakes it, waits for its end, and returns what its function returned, or -EINTR where it
 * never ran. The thread must not have ended by itself, unless get_task_struct() holds it. Context: process, may sleep.
 */
export function kthread_stop(task: task_struct): number {
  point();
  if (!(task instanceof task_struct)) throw new TypeError(`kthread_stop: expected a task_struct, got ${shown(task)}`);
  const self = task.kthread;
  if (self === null) throw new TypeError(`kthread_stop: ${task.comm}/${task.pid} is not a thread made by kthread_create()`);
  if (task.__state === TASK_DEAD && self.usage === 0) {
    const { comm, pid } = this_cpu.current;
    report('kasan', `BUG: KASAN: use-after-free in kthread_stop\nWrite of size 4 at task_struct of ${task.comm}/${task.pid} by task ${comm}/${pid}`, (print) => {
      print('The thread has ended by itself: its task is gone. get_task_struct() would have kept it.');
    });
    // What follows in Linux: get_task_struct(), and a write through task->worker_private, which kthread_exit() has cleared.
    refcount_warn('add_uaf');
    page_fault(0, true, 'kthread_stop() of a thread that has ended by itself');
  }
  self.should_stop = true;
  wake(task);
  might_sleep_at('kernel/sched/completion.c:101');
  const waiter = this_cpu.current;
  waiter.waiting_for = `kthread_stop(${task.comm})`;
  while (!has_ended(task)) {
    waiter.__state = TASK_UNINTERRUPTIBLE;
    task.exit_waiters ??= [];
    if (!task.exit_waiters.includes(waiter)) {
      task.exit_waiters.push(waiter);
      if (waiter.lockdep_depth > 0 || waiter.exit_waiters !== null) check_deadlock();
    }
    kernel.sched.schedule();
  }
  waiter.waiting_for = '';
  return task.exit_code;
}

function has_ended(task: task_struct): boolean {
  return task.__state === TASK_DEAD;
}

function wake(task: task_struct): boolean {
  if (task.__state === TASK_NEW) {
    kernel.sched.wake_up_new_task(task);
    return true;
  }
  return kernel.sched.try_to_wake_up(task, TASK_NORMAL);
}

/** Makes a task run that sleeps, or that was just made. Returns 1 where it did. Context: any. */
export function wake_up_process(task: task_struct): number {
  point();
  return +wake(task);
}

/** Keeps a thread's exit code although it has ended. Context: any. */
export function get_task_struct(task: task_struct): task_struct {
  point();
  if (task.kthread !== null) task.kthread.usage++;
  return task;
}

/** Undoes get_task_struct(). Context: any. */
export function put_task_struct(task: task_struct): void {
  point();
  if (task.kthread !== null && task.kthread.usage > 0) task.kthread.usage--;
}
