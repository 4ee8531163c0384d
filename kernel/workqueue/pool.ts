/**
 * Pools of workers, one a CPU and priority, and one that is tied to no CPU. Follows kernel/workqueue.c: a pool has
 * one worker running; when that one sleeps, the next takes over, so that a work item that waits delays no other.
 */
import { this_cpu } from '../arch/cpu.js';
import { PF_KTHREAD, PF_WQ_WORKER, TASK_INTERRUPTIBLE, TASK_NEW, TASK_NORMAL, TASK_RUNNING, type task_struct } from '../arch/task.js';
import { kernel } from '../current.js';
import { instruction_fetch_fault } from '../debug/fault.js';
import { debug_show_held_locks, report } from '../debug/report.js';
import { call_module } from '../module/call.js';
import { cond_resched_now } from '../sched/cond_resched.js';
import { might_resched_at } from '../sched/might_sleep.js';
import { check_work, func_address, func_of, queued_work, set_data, set_queued, type work_func_t, type work_ptr } from './work.js';
import type { wq_state } from './workqueue.js';

/** One work queue's share of one pool. */
export class pool_workqueue {
  readonly wq: wq_state;
  readonly pool: worker_pool;
  /** Items handed to the pool and not finished. */
  nr_active = 0;
  /** Items that wait until the queue may have one more active. */
  readonly inactive: queued_work[] = [];

  constructor(wq: wq_state, pool: worker_pool) {
    this.wq = wq;
    this.pool = pool;
  }
}

export class worker {
  readonly pool: worker_pool;
  readonly task: task_struct;
  current: queued_work | null = null;
  current_func: work_func_t | null = null;
  /** Items that are to run after the current one because that is the same item. */
  readonly scheduled: queued_work[] = [];
  /** Counts as one that keeps the pool's CPU busy, unless it sleeps. */
  counted = false;
  sleeping = false;

  constructor(pool: worker_pool, name: string) {
    this.pool = pool;
    this.task = kernel.sched.create_task(name, PF_KTHREAD | PF_WQ_WORKER, () => this.pool.worker_thread(this));
    if (pool.cpu >= 0) this.task.cpus_mask = 1 << pool.cpu;
  }
}

export class worker_pool {
  /** From 1: 0 in a work item's data is none. */
  readonly id: number;
  /** The CPU, or -1 for the pool that is tied to none. */
  readonly cpu: number;
  private readonly highpri: boolean;
  readonly worklist: queued_work[] = [];
  readonly workers: worker[] = [];
  private readonly idle: worker[] = [];
  private nr_running = 0;
  private worker_ids = 0;

  constructor(id: number, cpu: number, highpri: boolean) {
    this.id = id;
    this.cpu = cpu;
    this.highpri = highpri;
  }

  private need_more_worker(): boolean {
    return this.worklist.length > 0 && this.nr_running === 0;
  }

  /** Follows insert_work(). Context: any. */
  insert_work(item: queued_work): void {
    this.worklist.push(item);
    if (this.nr_running === 0) this.wake_up_worker();
  }

  /** The worker that went idle last comes first: its stack is warm. One is made where none is idle. */
  private wake_up_worker(): void {
    const next = this.idle.at(-1) ?? this.create_worker();
    if (next.task.__state === TASK_NEW) kernel.sched.wake_up_new_task(next.task);
    else kernel.sched.try_to_wake_up(next.task, TASK_NORMAL);
  }

  private create_worker(): worker {
    const where = this.cpu < 0 ? `u${this.id}` : String(this.cpu);
    const made = new worker(this, `kworker/${where}:${this.worker_ids++}${this.highpri ? 'H' : ''}`);
    this.workers.push(made);
    this.idle.push(made);
    kernel.workqueues.workers.set(made.task, made);
    return made;
  }

  /** What a worker does all its life. */
  worker_thread(self: worker): number {
    for (;;) {
      self.task.__state = TASK_RUNNING;
      this.idle.splice(this.idle.indexOf(self), 1);
      if (this.need_more_worker()) {
        this.set_counted(self, this.cpu >= 0);
        do {
          this.process_one_work(self, this.worklist.shift()!);
          for (let next = self.scheduled.shift(); next !== undefined; next = self.scheduled.shift()) this.process_one_work(self, next);
        } while (this.worklist.length > 0 && this.nr_running <= 1);
        this.set_counted(self, false);
      }
      this.idle.push(self);
      // Nothing can come in between this look and the sleep.
      if (!this.need_more_worker()) {
        self.task.__state = TASK_INTERRUPTIBLE;
        kernel.sched.schedule();
      }
    }
  }

  private set_counted(self: worker, counted: boolean): void {
    if (self.counted === counted) return;
    self.counted = counted;
    this.nr_running += counted ? 1 : -1;
  }

  private process_one_work(self: worker, item: queued_work): void {
    const { address } = item;
    let func: work_func_t | null = item.own;
    if (item.own === null) {
      if (!check_work(address)) {
        kernel.debug_objects.deactivate(item);
        kernel.workqueues.finished(item);
        return;
      }
      func = func_of(address);
      // An item never runs twice at once, though it may be queued again while it runs.
      const busy = this.find_worker_executing(address, func);
      if (busy !== null) {
        busy.scheduled.push(item);
        return;
      }
      set_queued(address, false);
      set_data(address, 0, this.id);
      kernel.workqueues.pending.delete(address);
      kernel.debug_objects.deactivate(item);
    }
    self.current = item;
    self.current_func = func;
    // A pool whose workers do not count goes on with what waits.
    if (this.need_more_worker()) this.wake_up_worker();
    if (func === null) instruction_fetch_fault(func_address(address));
    kernel.trace?.event('workqueue_execute_start', `function=${kernel.symbol_of(func)}`);
    call_module(func, [address as work_ptr], leaked);
    cond_resched_now();
    self.current = null;
    self.current_func = null;
    kernel.workqueues.finished(item);
  }

  /** The worker that runs this item now, or null. */
  find_worker_executing(address: number, func: work_func_t | null): worker | null {
    for (const other of this.workers) if (other.current?.address === address && other.current_func === func) return other;
    return null;
  }

  /** Follows wq_worker_sleeping(): the worker is about to sleep. */
  sleeping(self: worker): void {
    if (!self.counted || self.sleeping) return;
    self.sleeping = true;
    this.nr_running--;
    if (this.need_more_worker()) this.wake_up_worker();
  }

  /** Follows wq_worker_running(). */
  running(self: worker): void {
    if (!self.sleeping) return;
    self.sleeping = false;
    this.nr_running++;
  }

  /** An oops has killed the worker. As in Linux, who flushes what it ran waits for ever; other items go on. */
  dead(self: worker): void {
    this.workers.splice(this.workers.indexOf(self), 1);
    const at = this.idle.indexOf(self);
    if (at >= 0) this.idle.splice(at, 1);
    this.running(self);
    this.set_counted(self, false);
    this.worklist.unshift(...self.scheduled.splice(0));
    if (this.need_more_worker()) this.wake_up_worker();
  }
}

/** Follows process_one_work(): a function must leave the context as it was called in. */
export function leaked(fn: string, now: { preempt_count: number; irqs_off: number; locks: number }, then: { preempt_count: number; locks: number }): void {
  const { comm, pid } = this_cpu.current;
  if (now.preempt_count === then.preempt_count && now.locks === then.locks) {
    // Interrupts are disabled: Linux notices at its cond_resched().
    might_resched_at('kernel/workqueue.c:2318');
    return;
  }
  const count = now.preempt_count.toString(16).padStart(8, '0');
  report('context-imbalance', `BUG: workqueue leaked lock or atomic: ${comm}/0x${count}/${pid}\n     last function: ${fn}`, (print) => {
    debug_show_held_locks(print, this_cpu.current);
  });
}
