/**
 * Tasks that sleep uninterruptibly for too long. Follows kernel/hung_task.c: check_hung_uninterruptible_tasks() and
 * check_hung_task(). khungtaskd is no task here: the machine looks when so much time has passed, so that a machine with
 * nothing to do stays quiet.
 */
import { arch } from '../arch/arch.js';
import { TASK_UNINTERRUPTIBLE, type task_struct } from '../arch/task.js';
import { kernel } from '../current.js';
import { lock_state } from '../locking/lock_state.js';
import { print_wait_chain } from '../mm/reclaim/reclaim_chain.js';
import { print_held_locks, print_stack, print_tainted, report, type Print } from './report.js';

const NSEC_PER_SEC = 1_000_000_000;

/** What may be set with boot({ sysctl }), by the names and with the defaults of Linux. */
export const hung_task_sysctls = {
  /** Seconds that a task may sleep without being switched to; 0: for ever. */
  'kernel.hung_task_timeout_secs': 120,
  /** Seconds between two looks; 0: as many as the timeout, which is the most. */
  'kernel.hung_task_check_interval_secs': 0,
  /** Tasks that are reported; -1: all. */
  'kernel.hung_task_warnings': 10,
} as const;

export type HungTaskSysctls = { readonly [name in keyof typeof hung_task_sysctls]?: number };

interface Seen {
  readonly switch_count: number;
  readonly since: number;
}

export class HungTasks {
  readonly timeout_secs: number;
  /** ns between two looks; Infinity where nobody looks. */
  readonly interval_ns: number;
  private warnings: number;
  /** Those that slept when somebody looked last. */
  private seen: ReadonlyMap<task_struct, Seen> | null = null;

  constructor(settings: HungTaskSysctls | null) {
    const sysctls = settings === null ? hung_task_sysctls : { ...hung_task_sysctls, ...settings };
    this.timeout_secs = sysctls['kernel.hung_task_timeout_secs'];
    const interval = sysctls['kernel.hung_task_check_interval_secs'];
    const secs = interval === 0 ? this.timeout_secs : Math.min(interval, this.timeout_secs);
    this.interval_ns = this.timeout_secs === 0 ? Infinity : secs * NSEC_PER_SEC;
    this.warnings = sysctls['kernel.hung_task_warnings'];
  }

  /** Looks at all tasks: those that have slept since the timeout are reported, with all locks that are held. */
  check_hung_uninterruptible_tasks(): void {
    const now = arch.now();
    const seen = new Map<task_struct, Seen>();
    const hung: task_struct[] = [];
    for (const task of kernel.sched.tasks.values()) {
      if ((task.__state & TASK_UNINTERRUPTIBLE) === 0) continue;
      const last = this.seen?.get(task);
      if (last?.switch_count !== task.switch_count) {
        seen.set(task, { switch_count: task.switch_count, since: now });
        continue;
      }
      seen.set(task, last);
      if (now - last.since >= this.timeout_secs * NSEC_PER_SEC) hung.push(task);
    }
    this.seen = seen;
    const told = this.warnings < 0 ? hung : hung.slice(0, this.warnings);
    if (told.length === 0) return;
    if (this.warnings > 0) this.warnings -= told.length;
    report('hung-task', `INFO: ${this.blocked(told[0]!)}`, (print) => {
      told.forEach((task, i) => {
        if (i > 0) print(`INFO: ${this.blocked(task)}`);
        print_hung_task(print, task);
      });
      if (this.warnings === 0) print('Future hung task reports are suppressed, see sysctl kernel.hung_task_warnings');
      debug_show_all_locks(print);
    }, told[0]);
  }

  private blocked({ comm, pid }: task_struct): string {
    return `task ${comm}:${pid} blocked for more than ${this.timeout_secs} seconds.`;
  }

  /** A task that the host waits for will not come back, or has had its time. */
  never_returned(task: task_struct): void {
    // One that never sleeps has no counterpart in Linux, where nobody but the user misses it.
    const what = task.__state === 0 ? `task ${task.comm}:${task.pid} has run for more than ${this.timeout_secs} seconds without returning.` : this.blocked(task);
    report('hung-task', `INFO: ${what}`, (print) => {
      print_hung_task(print, task);
      const others = kernel.sched.tasks.values().filter((other) => other !== task && (other.__state & TASK_UNINTERRUPTIBLE) !== 0);
      // As sysrq-w has it.
      if (others.length > 0) print('Show Blocked State');
      for (const other of others) sched_show_task(print, other);
      debug_show_all_locks(print);
    }, task);
  }
}

function print_hung_task(print: Print, task: task_struct): void {
  print(`      ${print_tainted()} ${kernel.release} #1`);
  print('sysctl kernel.hung_task_timeout_secs=0 disables this message.');
  sched_show_task(print, task);
}

/** Follows kernel/sched/core.c. */
function sched_show_task(print: Print, task: task_struct): void {
  const state = task.__state === 0 ? 'R' : (task.__state & TASK_UNINTERRUPTIBLE) !== 0 ? 'D' : 'S';
  print(`task:${task.comm} state:${state} pid:${task.pid}`);
  if (task.waiting_for !== '') print(`waits for: ${task.waiting_for}`);
  print('Call Trace:');
  print_stack(print, task.frame, task.site);
  print_wait_chain(print, task);
}

/** Follows kernel/locking/lockdep.c: the locks of all tasks. */
function debug_show_all_locks(print: Print): void {
  if (!lock_state().debug_locks) {
    print('INFO: lockdep is turned off.');
    return;
  }
  print('Showing all locks held in the system:');
  for (const task of kernel.sched.tasks.values()) if (task.lockdep_depth > 0) print_held_locks(print, task);
  print('=============================================');
}
