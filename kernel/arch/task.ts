/**
 * A task as the machine and the scheduler know it. Follows include/linux/sched.h, struct task_struct.
 *
 * It is an ordinary object: module code holds it by reference, as it holds `struct task_struct *`.
 */
import { FRAME_NONE } from './callstack.js';
import { SITE_NONE } from './site.js';

export const TASK_RUNNING = 0x0000;
export const TASK_INTERRUPTIBLE = 0x0001;
export const TASK_UNINTERRUPTIBLE = 0x0002;
export const TASK_DEAD = 0x0080;
export const TASK_NEW = 0x0800;
export const TASK_NORMAL = TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE;

export const PF_IDLE = 0x00000002;
export const PF_EXITING = 0x00000004;
export const PF_WQ_WORKER = 0x00000020;
export const PF_KTHREAD = 0x00200000;

/** As MAX_LOCK_DEPTH in include/linux/sched.h. */
export const MAX_LOCK_DEPTH = 48;
/** Words that describe one held lock: address, frame and site of its acquisition, how it is held. */
export const HELD_WORDS = 4;

/** No stack has been taken from the pool yet. */
export const STACK_NONE = 0;

/** What a thread made by kthread_create() knows of itself. Follows struct kthread. */
export interface kthread {
  readonly threadfn: (data: unknown) => unknown;
  readonly data: unknown;
  should_stop: boolean;
  /** The stack that made it, for unwind(). */
  readonly frame: number;
  readonly site: number;
  /** References taken by get_task_struct(). */
  usage: number;
}

export class task_struct {
  readonly pid: number;
  comm: string;
  flags: number;

  __state = TASK_NEW;
  /** The CPU it runs on, or ran on last. */
  cpu = 0;
  /** One bit a CPU that it may run on. */
  cpus_mask = 0xff;
  on_rq = false;
  /** The one behind it in its run queue. */
  next_in_queue: task_struct | null = null;
  /** Its neighbours in the list of all tasks. */
  task_before: task_struct | null = null;
  task_behind: task_struct | null = null;
  /** 0 for the round-robin class, 1-99 for SCHED_FIFO. */
  rt_priority = 0;
  /** How often it has left the CPU: nvcsw and nivcsw together. */
  switch_count = 0;
  /** Ticks left before it has to let another of its class run. */
  time_slice = 0;

  /** What the task does; its return value is its exit code. */
  readonly fn: (this: void, task: task_struct) => number;
  exit_code = 0;

  /** Number of its call stack, or STACK_NONE before its first run. */
  stack = STACK_NONE;
  /** preempt_count, and the place reached, while another task has the CPU. */
  preempt_count = 0;
  frame = FRAME_NONE;
  site = SITE_NONE;

  non_block_count = 0;
  rcu_read_lock_nesting = 0;
  /** Scopes that limit its allocations: PF_MEMALLOC_NOIO and its like, see kernel/mm/memalloc.ts. */
  memalloc_flags = 0;
  /** Fault injection: the task is one of those that may be made to fail; which of its allocations fails next. */
  make_it_fail = 0;
  fail_nth = 0;

  /** Locks held, oldest first, HELD_WORDS each; built at the first lock taken. */
  held_locks: Int32Array | null = null;
  lockdep_depth = 0;

  /** Null for a task that is no thread of the kernel's. */
  kthread: kthread | null = null;

  /** Tasks that sleep until this one has ended. */
  exit_waiters: task_struct[] | null = null;

  /** Called at each of its points, once a module that its stack leads back into has been unloaded: has it returned? */
  check_return: (() => void) | null = null;

  /** An oops has ended it. */
  killed = false;
  /** Called where that happens. */
  on_killed: (() => void) | null = null;

  /** What it sleeps for, for the report of a task that never wakes up. */
  waiting_for = '';

  constructor(pid: number, comm: string, flags: number, fn: (this: void, task: task_struct) => number) {
    this.pid = pid;
    this.comm = comm;
    this.flags = flags;
    this.fn = fn;
  }
}
