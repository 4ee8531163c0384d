/**
 * Wait queues. Follows kernel/sched/wait.c and include/linux/wait.h, which are the sources of all functions.
 *
 * The head lies in kernel memory; its entries, which C keeps on the stacks of those who wait, are kept beside it.
 */
import { this_cpu } from '../arch/cpu.js';
import { point } from '../arch/point.js';
import { TASK_INTERRUPTIBLE, TASK_NORMAL, TASK_RUNNING, type task_struct } from '../arch/task.js';
import { kernel } from '../current.js';
import { struct, u32 } from '../lib/struct.js';
import { define_static, lock_words } from '../locking/lock_memory.js';
import { lock_name, set_lock_name } from '../locking/lock_name.js';
import { lock_state } from '../locking/lock_state.js';
import { check_inner_lock } from '../locking/spinlock_debug.js';
import { init_lock_words, SPINLOCK_MAGIC, spinlock_t } from '../locking/spinlock_types.js';
import type { Ptr, Struct } from '../mm/pointer.js';
import { i32 } from '../mm/ram.js';

/** 24 bytes: the lock inside, which tells whether it was initialised, and which initialisation it had. */
export const wait_queue_head_t = struct('wait_queue_head', { lock: spinlock_t, generation: u32, head: u32 });
export type wait_queue_head_t = Struct<'wait_queue_head'>;

/** Word of the head, behind its lock. */
const GENERATION = 4;

/** A wakeup that is limited in number counts only these, and they stand at the end of the queue. */
export const WQ_FLAG_EXCLUSIVE = 0x01;

/** One task's place in a queue. Follows struct wait_queue_entry. */
export class wait_queue_entry {
  readonly task: task_struct;
  flags = 0;
  /** A wakeup that succeeds takes it off the queue, as autoremove_wake_function() does. */
  readonly autoremove: boolean;
  queue: WaitQueue | null = null;

  constructor(task: task_struct, autoremove: boolean) {
    this.task = task;
    this.autoremove = autoremove;
  }
}

export interface WaitQueue {
  readonly generation: number;
  entries: wait_queue_entry[];
}

/** Writes an empty queue. For the inside of other objects; no preemption point. */
export function init_wait_words(wq: number): void {
  const at = lock_words(wq, wait_queue_head_t.size);
  if (at < 0) return;
  init_lock_words(wq, SPINLOCK_MAGIC);
  i32[at + GENERATION] = lock_state().generation();
}

/** Makes an empty queue of the memory at `wq`. Context: any. */
export function init_waitqueue_head(wq: Ptr<wait_queue_head_t>, name?: string): void {
  point();
  init_wait_words(wq);
  set_lock_name(wq, name);
}

/** A static queue: `const wq = DECLARE_WAIT_QUEUE_HEAD('wq')`. Context: process, module load as a rule. */
export function DECLARE_WAIT_QUEUE_HEAD(name: string): Ptr<wait_queue_head_t> {
  point();
  const wq = define_static(wait_queue_head_t, name);
  init_wait_words(wq);
  return wq;
}

/** The queue at an address, or null where nobody waits on it. A head that was not initialised is reported. */
function queue_at(wq: number): WaitQueue | null {
  const at = lock_words(wq, wait_queue_head_t.size);
  if (at < 0) return null;
  check_inner_lock(wq, at);
  const queue = lock_state().wait_queues.get(wq);
  return queue !== undefined && queue.generation === i32[at + GENERATION] ? queue : null;
}

/** As queue_at(), and made where there is none. */
function queue_for(wq: number): WaitQueue {
  const known = queue_at(wq);
  if (known !== null) return known;
  const at = lock_words(wq, wait_queue_head_t.size);
  const queue: WaitQueue = { generation: at < 0 ? 0 : i32[at + GENERATION]!, entries: [] };
  lock_state().wait_queues.set(wq, queue);
  return queue;
}

/** Puts an entry on the queue: exclusive ones at its end, others in front. */
export function enqueue_waiter(wq: number, entry: wait_queue_entry): void {
  if (entry.queue !== null) return;
  const queue = queue_for(wq);
  // Mostly one waits, and an array that grows begins with room for many.
  if (queue.entries.length === 0) queue.entries = [entry];
  else if ((entry.flags & WQ_FLAG_EXCLUSIVE) !== 0) queue.entries.push(entry);
  else queue.entries.unshift(entry);
  entry.queue = queue;
}

/** Takes an entry off its queue, if it is on one. */
export function dequeue_waiter(entry: wait_queue_entry): void {
  if (entry.queue === null) return;
  const { entries } = entry.queue;
  if (entries[0] === entry) entries.shift();
  else entries.splice(entries.indexOf(entry), 1);
  entry.queue = null;
}

/** Wakes all that are not exclusive and `nr_exclusive` that are, 0 meaning all. Follows __wake_up_common(). */
export function wake_waiters(wq: number, states: number, nr_exclusive: number): void {
  const queue = queue_at(wq);
  if (queue === null) return;
  const { entries } = queue;
  let left = nr_exclusive;
  for (let at = 0; at < entries.length; ) {
    const entry = entries[at]!;
    const woken = kernel.sched.try_to_wake_up(entry.task, states);
    if (woken && entry.autoremove) dequeue_waiter(entry);
    else at++;
    if (woken && (entry.flags & WQ_FLAG_EXCLUSIVE) !== 0 && --left === 0) return;
  }
}

/** Wakes those who wait: all, but no more than one of the exclusive ones. Context: any. */
export function wake_up(wq: Ptr<wait_queue_head_t>): void {
  point();
  wake_waiters(wq, TASK_NORMAL, 1);
}

/** As wake_up(), with up to `nr` exclusive ones. Context: any. */
export function wake_up_nr(wq: Ptr<wait_queue_head_t>, nr: number): void {
  point();
  wake_waiters(wq, TASK_NORMAL, nr);
}

/** Wakes everybody who waits. Context: any. */
export function wake_up_all(wq: Ptr<wait_queue_head_t>): void {
  point();
  wake_waiters(wq, TASK_NORMAL, 0);
}

/** As wake_up(), for interruptible sleeps only. Context: any. */
export function wake_up_interruptible(wq: Ptr<wait_queue_head_t>): void {
  point();
  wake_waiters(wq, TASK_INTERRUPTIBLE, 1);
}

/** As wake_up_nr(), for interruptible sleeps only. Context: any. */
export function wake_up_interruptible_nr(wq: Ptr<wait_queue_head_t>, nr: number): void {
  point();
  wake_waiters(wq, TASK_INTERRUPTIBLE, nr);
}

/** As wake_up_all(), for interruptible sleeps only. Context: any. */
export function wake_up_interruptible_all(wq: Ptr<wait_queue_head_t>): void {
  point();
  wake_waiters(wq, TASK_INTERRUPTIBLE, 0);
}

/** 1 while somebody is on the queue. Context: any. */
export function waitqueue_active(wq: Ptr<wait_queue_head_t>): number {
  point();
  return +((queue_at(wq)?.entries.length ?? 0) > 0);
}

/** A place for the running task, which a wakeup takes off the queue: `const wait = DEFINE_WAIT()`. Context: process. */
export function DEFINE_WAIT(): wait_queue_entry {
  point();
  return new wait_queue_entry(this_cpu.current, true);
}

/** A place for a task, for add_wait_queue(): it stays on the queue until it is removed. Context: process. */
export function DECLARE_WAITQUEUE(task: task_struct): wait_queue_entry {
  point();
  return new wait_queue_entry(task, false);
}

/** Puts an entry on the queue; the task's state is the caller's affair. Context: any. */
export function add_wait_queue(wq: Ptr<wait_queue_head_t>, entry: wait_queue_entry): void {
  point();
  entry.flags &= ~WQ_FLAG_EXCLUSIVE;
  enqueue_waiter(wq, entry);
}

/** As add_wait_queue(), for one that a limited wakeup counts. Context: any. */
export function add_wait_queue_exclusive(wq: Ptr<wait_queue_head_t>, entry: wait_queue_entry): void {
  point();
  entry.flags |= WQ_FLAG_EXCLUSIVE;
  enqueue_waiter(wq, entry);
}

/** Takes an entry off the queue. Context: any. */
export function remove_wait_queue(_wq: Ptr<wait_queue_head_t>, entry: wait_queue_entry): void {
  point();
  dequeue_waiter(entry);
}

function announce(wq: Ptr<wait_queue_head_t>, entry: wait_queue_entry, state: number): void {
  enqueue_waiter(wq, entry);
  const task = this_cpu.current;
  task.__state = state;
  task.waiting_for = `wait queue ${lock_name(wq)}`;
}

/**
 * Announces a sleep: look at the condition after it, then schedule(), and in the end finish_wait(). A wakeup in
 * between is not lost. Context: process.
 */
export function prepare_to_wait(wq: Ptr<wait_queue_head_t>, entry: wait_queue_entry, state: number): void {
  point();
  entry.flags &= ~WQ_FLAG_EXCLUSIVE;
  announce(wq, entry, state);
}

/** As prepare_to_wait(), for one that a limited wakeup counts. Returns 1 where the queue was empty. Context: process. */
export function prepare_to_wait_exclusive(wq: Ptr<wait_queue_head_t>, entry: wait_queue_entry, state: number): number {
  point();
  entry.flags |= WQ_FLAG_EXCLUSIVE;
  const was_empty = +((queue_at(wq)?.entries.length ?? 0) === 0);
  announce(wq, entry, state);
  return was_empty;
}

/** The wait is over: the task runs, and its entry is off the queue. Context: process. */
export function finish_wait(_wq: Ptr<wait_queue_head_t>, entry: wait_queue_entry): void {
  point();
  end_wait(entry);
}

/** The inner half of finish_wait(). */
export function end_wait(entry: wait_queue_entry): void {
  const task = this_cpu.current;
  task.__state = TASK_RUNNING;
  task.waiting_for = '';
  dequeue_waiter(entry);
}
