/**
 * Interrupt threads: the part of a handler that may sleep. Follows kernel/irq/manage.c, irq_thread() and what it
 * calls, and __irq_wake_thread() of kernel/irq/handle.c.
 */
import { arch } from '../arch/arch.js';
import { this_cpu } from '../arch/cpu.js';
import { PF_EXITING, PF_KTHREAD, TASK_INTERRUPTIBLE, TASK_NORMAL, TASK_RUNNING, TASK_UNINTERRUPTIBLE, type task_struct } from '../arch/task.js';
import { kernel } from '../current.js';
import { debug_show_any_held_locks, debug_show_held_locks, print_place, report } from '../debug/report.js';
import { IRQ_HANDLED } from '../include/linux/irqreturn.js';
import { LOGLEVEL_ERR } from '../printk/levels.js';
import { call_module } from '../module/call.js';
import { unmask_irq } from './chip.js';
import { deliver_pending } from './handle.js';
import type { irq_desc, irqaction } from './irqdesc.js';

/** As sched_set_fifo(): half of MAX_RT_PRIO. */
const IRQ_THREAD_PRIORITY = 50;

/** The hard handler wants its thread. Context: hard interrupt. */
export function __irq_wake_thread(desc: irq_desc, action: irqaction): void {
  const { thread } = action;
  if (thread === null) {
    warn_no_thread(desc, action);
    return;
  }
  // A thread that was killed by an oops stays dead; the line goes on without it.
  if ((thread.flags & PF_EXITING) !== 0 || action.thread_pending) return;
  action.thread_pending = true;
  desc.threads_oneshot |= action.thread_mask;
  desc.threads_active++;
  kernel.sched.try_to_wake_up(thread, TASK_NORMAL);
}

function warn_no_thread(desc: irq_desc, action: irqaction): void {
  if (action.warned) return;
  action.warned = true;
  report('irq', `IRQ ${desc.irq} device ${action.name} returned IRQ_WAKE_THREAD but no thread function available.`);
}

/** Makes the thread of an action; it waits for its first interrupt once it is woken. */
export function setup_irq_thread(desc: irq_desc, action: irqaction): void {
  const thread = kernel.sched.create_task(`irq/${desc.irq}-${action.name}`, PF_KTHREAD, () => irq_thread(desc, action));
  thread.rt_priority = IRQ_THREAD_PRIORITY;
  thread.cpus_mask = desc.affinity;
  action.thread = thread;
  kernel.irq.threads.set(thread, action);
}

function irq_thread(desc: irq_desc, action: irqaction): number {
  const task = action.thread!;
  while (irq_wait_for_interrupt(task, action)) {
    const ret = call_thread_fn(action);
    if (ret === IRQ_HANDLED) desc.threads_handled++;
    irq_finalize_oneshot(desc, action);
    wake_threads_waitq(desc);
  }
  forget_thread(task, action);
  return 0;
}

/** Sleeps until there is something to do. Returns false when the thread is to end. */
function irq_wait_for_interrupt(task: task_struct, action: irqaction): boolean {
  for (;;) {
    // What was asked for before the thread was told to stop is still done.
    if (action.thread_pending) {
      action.thread_pending = false;
      return true;
    }
    if (action.should_stop) return false;
    task.__state = TASK_INTERRUPTIBLE;
    kernel.sched.schedule();
    task.__state = TASK_RUNNING;
  }
}

function call_thread_fn(action: irqaction): number | undefined {
  const task = this_cpu.current;
  const ret = call_module(action.thread_fn!, [action.irq, action.dev_id], (fn, now, then) => {
    if (now.preempt_count !== then.preempt_count) {
      // What Linux says when the thread goes on to wait for its next interrupt.
      const count = (now.preempt_count + 1).toString(16).padStart(8, '0');
      report('schedule-in-atomic', `BUG: scheduling while atomic: ${task.comm}/${task.pid}/0x${count}`, (print) => {
        print(`irq ${action.irq} thread function ${fn} returned with preemption disabled`);
        debug_show_any_held_locks(print, task);
        print_place(print, 'Preemption disabled at', this_cpu.preempt_off_frame, this_cpu.preempt_off_site);
      });
    } else if (now.locks !== then.locks) {
      report('context-imbalance', `WARNING: irq ${action.irq} thread function ${fn} returned with locks held`, (print) => {
        debug_show_held_locks(print, task);
      });
    }
    // Interrupts left disabled come on again without a word: the thread takes desc->lock with spin_lock_irq().
  });
  deliver_pending();
  return ret;
}

/** The thread is through: the line comes back once it was the last. */
function irq_finalize_oneshot(desc: irq_desc, action: irqaction): void {
  if (action.thread_mask === 0) return;
  // The hard half may still run on another CPU, before it has masked the line for the thread's sake.
  if (desc.in_progress) arch.spin_until(this_cpu, 0, () => desc.in_progress);
  if (action.thread_pending) return;
  desc.threads_oneshot &= ~action.thread_mask;
  if (desc.threads_oneshot === 0 && desc.depth === 0) {
    unmask_irq(desc);
    deliver_pending();
  }
}

/** One thread fewer is at work. */
function wake_threads_waitq(desc: irq_desc): void {
  if (--desc.threads_active !== 0) return;
  for (const waiter of desc.wait_for_threads.splice(0)) kernel.sched.try_to_wake_up(waiter, TASK_NORMAL);
}

function forget_thread(task: task_struct, action: irqaction): void {
  kernel.irq.threads.delete(task);
  action.thread_ended = true;
  if (action.stopper !== null) kernel.sched.try_to_wake_up(action.stopper, TASK_NORMAL);
}

/** Ends the thread of an action that was taken off its line; what it was woken for is done first. Context: process, may sleep. */
export function stop_irq_thread(action: irqaction): void {
  const { thread } = action;
  if (thread === null || action.thread_ended) return;
  const self = this_cpu.current;
  action.should_stop = true;
  action.stopper = self;
  kernel.sched.wake_up_new_task(thread);
  kernel.sched.try_to_wake_up(thread, TASK_NORMAL);
  self.waiting_for = `the end of ${thread.comm}`;
  while (!action.thread_ended) {
    self.__state = TASK_UNINTERRUPTIBLE;
    kernel.sched.schedule();
  }
  self.__state = TASK_RUNNING;
  self.waiting_for = '';
}

/** Sleeps until no thread of the line is at work. Context: process, may sleep. */
export function wait_for_threads(desc: irq_desc): void {
  const self = this_cpu.current;
  if (desc.threads_active === 0) return;
  self.waiting_for = `the threads of irq ${desc.irq}`;
  while (desc.threads_active !== 0) {
    desc.wait_for_threads.push(self);
    self.__state = TASK_UNINTERRUPTIBLE;
    kernel.sched.schedule();
  }
  self.__state = TASK_RUNNING;
  self.waiting_for = '';
}

/** A task is killed by an oops. If it was an interrupt thread nobody is to wait for it any more. Follows irq_thread_dtor(). */
export function irq_thread_dtor(task: task_struct): void {
  const action = kernel.irq.threads.get(task);
  if (action === undefined) return;
  kernel.printk.emit(LOGLEVEL_ERR, `genirq: exiting task "${task.comm}" (${task.pid}) is an active IRQ thread (irq ${action.irq})`);
  task.flags |= PF_EXITING;
  const desc = kernel.irq.irq_to_desc(action.irq)!;
  // It was killed in the middle of one run and may have been woken for another.
  if (action.thread_pending) {
    action.thread_pending = false;
    desc.threads_active--;
  }
  irq_finalize_oneshot(desc, action);
  wake_threads_waitq(desc);
  forget_thread(task, action);
}
