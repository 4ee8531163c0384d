/** Waiting for work and taking it back. Follows kernel/workqueue.c: __flush_work(), __cancel_work_timer(), drain_workqueue(). */
import { point } from '../arch/point.js';
import { this_cpu } from '../arch/cpu.js';
import { TASK_NORMAL, TASK_UNINTERRUPTIBLE } from '../arch/task.js';
import { kernel } from '../current.js';
import { print_held_locks, report } from '../debug/report.js';
import { might_sleep_at } from '../sched/might_sleep.js';
import { CANCELING, check_work, data_of, func_address, last_pool_of, PENDING, type queued_work, set_data, type work_ptr } from './work.js';
import { current_work, system_wq, warn_at, type wq_state, type workqueue_struct } from './workqueue.js';

/** The running work waits for its own end. */
function deadlock(name: string): void {
  const { comm, pid } = this_cpu.current;
  report('lockup', `WARNING: possible recursive locking detected\n${comm}/${pid} is trying to acquire lock:`, (print) => {
    print(` (${name}), at: __flush_work`);
    print('but task is already holding lock:');
    print(` (${name}), at: process_one_work`);
    print('The work waits for its own end.');
    print_held_locks(print, this_cpu.current);
  });
}

/** Waits for the queueing of an item that was the last one before the call. */
function flush(work: number): boolean {
  if (func_address(work) === 0) {
    warn_at('kernel/workqueue.c:3075', '__flush_work');
    return false;
  }
  might_sleep_at('kernel/workqueue.c:3017');
  const { workqueues } = kernel;
  const item = workqueues.pending.get(work) ?? workqueues.executing(work);
  if (item === null) return false;
  if (item === current_work() || (current_work()?.address === work && item.address === work)) deadlock('work_completion)(work');
  item.wait('flush_work()');
  return true;
}

/**
 * Waits until the item, if it is queued or running, has run. Returns true where there was something to wait for.
 * Context: process, may sleep; not from the item itself.
 */
export function flush_work(work: work_ptr): boolean {
  point();
  return check_work(work) && flush(work);
}

/**
 * Takes an item out of wherever it waits, leaving it marked as pending so that nobody queues it. Returns 1 where it
 * waited, 0 where it did not, -1 while somebody else cancels it. `disarm` stops the timer of a delayed item.
 */
export function try_to_grab_pending(work: number, disarm: (() => boolean) | null): number {
  if (disarm?.() === true) return 1;
  const data = data_of(work);
  if ((data & CANCELING) !== 0) return -1;
  if ((data & PENDING) === 0) {
    set_data(work, PENDING, last_pool_of(work));
    return 0;
  }
  const item = kernel.workqueues.pending.get(work);
  if (item !== undefined) kernel.workqueues.dequeue(item);
  return 1;
}

/** Follows __cancel_work(): does not wait for an item that runs. */
export function cancel(work: number, disarm: (() => boolean) | null): boolean {
  const ret = try_to_grab_pending(work, disarm);
  if (ret < 0) return false;
  set_data(work, 0, last_pool_of(work));
  return ret === 1;
}

/** Follows __cancel_work_timer(). */
export function cancel_sync(work: number, disarm: (() => boolean) | null): boolean {
  let ret = try_to_grab_pending(work, disarm);
  while (ret < 0) {
    wait_for_canceler(work);
    ret = try_to_grab_pending(work, disarm);
  }
  set_data(work, PENDING | CANCELING, last_pool_of(work));
  flush(work);
  // The wait may have outlived the memory: a function may free its own item.
  if (!check_work(work)) return ret === 1;
  set_data(work, 0, last_pool_of(work));
  const waiters = kernel.workqueues.cancel_waiters.get(work);
  kernel.workqueues.cancel_waiters.delete(work);
  for (const task of waiters ?? []) kernel.sched.try_to_wake_up(task, TASK_NORMAL);
  return ret === 1;
}

function wait_for_canceler(work: number): void {
  const { cancel_waiters } = kernel.workqueues;
  const waiters = cancel_waiters.get(work);
  const task = this_cpu.current;
  if (waiters === undefined) cancel_waiters.set(work, [task]);
  else waiters.push(task);
  task.waiting_for = 'cancel_work_sync()';
  task.__state = TASK_UNINTERRUPTIBLE;
  kernel.sched.schedule();
  task.waiting_for = '';
}

/** Takes the item out of its queue. Returns true where it was in one. It may still be running. Context: any. */
export function cancel_work(work: work_ptr): boolean {
  point();
  return check_work(work) && cancel(work, null);
}

/**
 * Takes the item out of its queue and waits until it no longer runs; meanwhile it cannot be queued, not even by
 * itself. Returns true where it was in the queue. Context: process, may sleep; not from the item itself.
 */
export function cancel_work_sync(work: work_ptr): boolean {
  point();
  return check_work(work) && cancel_sync(work, null);
}

function wait_for_all(items: readonly queued_work[], wq: workqueue_struct): void {
  const own = current_work();
  if (own !== null && items.includes(own)) deadlock(`wq_completion)${wq.name}`);
  for (const item of items) item.wait(`flush_workqueue(${wq.name})`);
}

/** Waits until all that is in the queue now has run. Context: process, may sleep; not from an item of the queue. */
export function flush_workqueue(wq: workqueue_struct): void {
  point();
  const state = kernel.workqueues.state_of(wq, 'flush_workqueue');
  might_sleep_at('kernel/locking/mutex.c:580');
  if (state !== null) wait_for_all([...state.in_flight], wq);
}

/** flush_workqueue() of the queue of schedule_work(). Context: process, may sleep. */
export function flush_scheduled_work(): void {
  flush_workqueue(system_wq);
}

/** Waits until the queue is empty; meanwhile only its own items may queue more. Context: process, may sleep. */
export function drain_workqueue(wq: workqueue_struct): void {
  point();
  const state = kernel.workqueues.state_of(wq, 'drain_workqueue');
  might_sleep_at('kernel/locking/mutex.c:580');
  if (state !== null) drain(state);
}

function drain(state: wq_state): void {
  state.drainers++;
  while (state.in_flight.size > 0) wait_for_all([...state.in_flight], state.wq);
  state.drainers--;
}

/** Drains the queue and ends it. Context: process, may sleep. */
export function destroy_workqueue(wq: workqueue_struct): void {
  drain_workqueue(wq);
  kernel.workqueues.remove(wq);
  kernel.registrations.remove(wq);
}
