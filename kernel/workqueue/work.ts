/** Work items. Follows include/linux/workqueue.h, struct work_struct, whose words they keep in kernel memory. */
import { FRAME, pc, SITE } from '../arch/callstack.js';
import type { task_struct } from '../arch/task.js';
import { this_cpu } from '../arch/cpu.js';
import { TASK_NORMAL, TASK_UNINTERRUPTIBLE } from '../arch/task.js';
import { kernel } from '../current.js';
import type { debug_obj } from '../lib/debugobjects.js';
import { fnptr, struct, u32 } from '../lib/struct.js';
import { check_access, word_index } from '../mm/kasan/kasan.js';
import { mm } from '../mm/mm.js';
import type { Ptr, Struct } from '../mm/pointer.js';
import { i32 } from '../mm/ram.js';
import { cancel_sync } from './flush.js';
import type { pool_workqueue } from './pool.js';

export type work_ptr = Ptr<Struct<'work_struct'>>;
export type work_func_t = (work: work_ptr) => void;

export const work_struct = struct('work_struct', {
  data: u32,
  /** A list head: an item that waits nowhere points to itself. */
  next: u32,
  prev: u32,
  func: fnptr<work_func_t>(),
});

const DATA = 0;
const NEXT = 1;
const PREV = 2;
export const FUNC = 3;

/** Bits of `data`. The number of the pool that the item was queued on last stands above them. */
export const PENDING = 1;
export const CANCELING = 16;
const POOL_SHIFT = 5;

/** What `next` holds while the item is queued. */
const QUEUED = -1;

export function check_work(work: number): boolean {
  return check_access(work, work_struct.size, true);
}

export function data_of(work: number): number {
  return i32[word_index(work) + DATA]!;
}

export function set_data(work: number, bits: number, pool: number): void {
  i32[word_index(work) + DATA] = bits | (pool << POOL_SHIFT);
}

export function last_pool_of(work: number): number {
  return data_of(work) >>> POOL_SHIFT;
}

export function set_queued(work: number, queued: boolean): void {
  const at = word_index(work);
  i32[at + NEXT] = queued ? QUEUED : work;
  i32[at + PREV] = queued ? QUEUED : work;
}

/** Whether the list head is that of an item that was set up and waits nowhere. */
export function is_detached(work: number): boolean {
  return i32[word_index(work) + NEXT] === work;
}

/** The address of the item's function. */
export function func_address(work: number): number {
  return i32[word_index(work) + FUNC]!;
}

export function func_of(work: number): work_func_t | null {
  return mm.functions.at(func_address(work)) as work_func_t | null;
}

/** One queueing of a work item: who flushes waits for this, whatever is queued after it. */
export class queued_work implements debug_obj {
  readonly object_type = 'work_struct';
  /** Address of the work item; 0 for the kernel's own. */
  readonly address: number;
  readonly pwq: pool_workqueue;
  /** What the kernel's own does. */
  readonly own: (() => void) | null;
  /** The stack that queued it, for unwind(). */
  frame = pc[FRAME]!;
  site = pc[SITE]!;
  done = false;
  private readonly waiters: task_struct[] = [];

  constructor(address: number, pwq: pool_workqueue, own: (() => void) | null) {
    this.address = address;
    this.pwq = pwq;
    this.own = own;
  }

  debug_hint(): unknown {
    return func_of(this.address);
  }

  fixup_free(): void {
    cancel_sync(this.address, null);
  }

  /** It has run, or was cancelled. */
  finish(): void {
    this.done = true;
    for (const task of this.waiters) kernel.sched.try_to_wake_up(task, TASK_NORMAL);
  }

  /** Sleeps until it has run. Context: process, may sleep. */
  wait(what: string): void {
    const task = this_cpu.current;
    this.waiters.push(task);
    task.waiting_for = what;
    while (!this.done) {
      task.__state = TASK_UNINTERRUPTIBLE;
      kernel.sched.schedule();
    }
    task.waiting_for = '';
  }
}
