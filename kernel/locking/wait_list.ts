/**
 * Tasks that sleep for a lock, in order of arrival. Whoever releases the lock hands it to the first of them, as
 * kernel/locking/semaphore.c does, so that nobody can come between.
 */
import { this_cpu } from '../arch/cpu.js';
import { TASK_NORMAL, TASK_RUNNING, TASK_UNINTERRUPTIBLE, type task_struct } from '../arch/task.js';
import { kernel } from '../current.js';
import { EINTR, ETIME } from '../include/linux/errno.js';
import { MAX_SCHEDULE_TIMEOUT } from '../include/linux/jiffies.js';
import { signal_pending_state } from '../signal.js';
import { do_schedule_timeout } from '../time/sleep.js';
import { check_deadlock } from './deadlock.js';
import { lock_state } from './lock_state.js';

export interface Waiter {
  readonly task: task_struct;
  /** Of a rw_semaphore: it wants to write. */
  readonly write: boolean;
  /** Nothing but the object's release ends the wait: no signal, no timeout. */
  readonly certain: boolean;
  granted: boolean;
}

export class WaitList {
  /** Of the object, from its initialisation. */
  readonly generation: number;
  readonly waiters: Waiter[] = [];

  constructor(generation: number) {
    this.generation = generation;
  }
}

/** The list of an object, made where there is none; one of the object's former life does not count. */
function wait_list(address: number, generation: number): WaitList {
  const { sleepers } = lock_state();
  let list = sleepers.get(address);
  if (list?.generation !== generation) sleepers.set(address, (list = new WaitList(generation)));
  return list;
}

/** Those who wait for an object. Not to be kept. */
export function waiters_of(address: number, generation: number): readonly Waiter[] {
  const list = lock_state().sleepers.get(address);
  return list?.generation === generation ? list.waiters : [];
}

/**
 * Sleeps until the object is handed over: 0; -EINTR where a signal came and the state allows it; -ETIME when
 * `timeout` ticks have passed. `what` is what the task waits for, for reports. Context: process.
 */
export function sleep_in_line(address: number, generation: number, write: boolean, state: number, timeout: number, what: string): number {
  const task = this_cpu.current;
  const { waiters } = wait_list(address, generation);
  const me: Waiter = { task, write, certain: state === TASK_UNINTERRUPTIBLE && timeout === MAX_SCHEDULE_TIMEOUT, granted: false };
  waiters.push(me);
  task.waiting_for = what;
  // A task without a lock keeps nobody waiting, unless for its end.
  if (me.certain && (task.lockdep_depth > 0 || task.exit_waiters !== null)) check_deadlock();
  let left = timeout;
  let ret = 0;
  while (!me.granted) {
    if (signal_pending_state(state, task)) ret = -EINTR;
    else if (left <= 0) ret = -ETIME;
    if (ret !== 0) {
      leave_line(address, waiters, me);
      break;
    }
    task.__state = state;
    left = do_schedule_timeout(left);
  }
  task.__state = TASK_RUNNING;
  task.waiting_for = '';
  return ret;
}

function leave_line(address: number, waiters: Waiter[], waiter: Waiter): void {
  waiters.splice(waiters.indexOf(waiter), 1);
  if (waiters.length === 0) lock_state().sleepers.delete(address);
}

/** Hands the object to the first in line and wakes it. Returns its task. */
export function grant_first(address: number): task_struct {
  const { waiters } = lock_state().sleepers.get(address)!;
  const first = waiters[0]!;
  leave_line(address, waiters, first);
  first.granted = true;
  kernel.sched.try_to_wake_up(first.task, TASK_NORMAL);
  return first.task;
}

