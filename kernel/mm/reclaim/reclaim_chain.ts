/**
 * Who called whom in reclaim, and what waits for what: the part of a deadlock's report that names the allocation.
 *
 * Linux has no such list: lockdep infers it from the pseudo lock fs_reclaim (mm/page_alloc.c, fs_reclaim_acquire()).
 */
import { FRAME, pc, SITE, unwind } from '../../arch/callstack.js';
import { this_cpu } from '../../arch/cpu.js';
import { HELD_WORDS, type task_struct } from '../../arch/task.js';
import { kernel } from '../../current.js';
import { format_site, type Print } from '../../debug/report.js';
import { held_index } from '../../locking/held_locks.js';
import { lock_name } from '../../locking/lock_name.js';
import { lock_report } from '../../locking/lockdep.js';
import { lock_state } from '../../locking/lock_state.js';
import { __GFP_FS, __GFP_IO } from '../gfp_types.js';
import { current_gfp_context, IN_SUBMIT_BIO, IN_WRITEPAGE, PF_MEMALLOC } from '../memalloc.js';
import { format_gfp } from '../show_gfp.js';

/** An allocation that went into reclaim. */
interface Allocation {
  readonly gfp: number;
  readonly order: number;
}

/** A function of a module that the kernel calls to get memory or to write. */
interface Hook {
  /** `toyfs_writepage() of toyfs, page 3`. */
  readonly what: string;
  readonly fn: (...args: never[]) => unknown;
}

interface Step {
  readonly frame: number;
  readonly site: number;
  /** task_struct.memalloc_flags before it. */
  readonly flags: number;
  readonly step: Allocation | Hook;
}

const steps = new WeakMap<task_struct, Step[]>();

function enter(flags: number, step: Allocation | Hook): void {
  const task = this_cpu.current;
  let stack = steps.get(task);
  if (stack === undefined) steps.set(task, (stack = []));
  stack.push({ frame: pc[FRAME]!, site: pc[SITE]!, flags: task.memalloc_flags, step });
  task.memalloc_flags |= flags;
}

/** The running task's allocation goes into reclaim. */
export function enter_reclaim(gfp: number, order: number): void {
  enter(PF_MEMALLOC, { gfp, order });
}

/** A function of a module is about to be called; `flag` is IN_WRITEPAGE, IN_SUBMIT_BIO or 0. */
export function enter_hook(flag: number, hook: Hook): void {
  enter(flag, hook);
}

/** What was entered last is left. */
export function leave_hook(): void {
  const task = this_cpu.current;
  task.memalloc_flags = steps.get(task)!.pop()!.flags;
}

/** Whether the running task allocates inside of a function that reclaim may call, with flags that let it. Linux: fs_reclaim_acquire(). */
export function check_reclaim_recursion(gfp: number): void {
  const task = this_cpu.current;
  const { memalloc_flags } = task;
  if ((memalloc_flags & PF_MEMALLOC) !== 0) return;
  const allowed = current_gfp_context(gfp);
  const fs = (memalloc_flags & IN_WRITEPAGE) !== 0 && (allowed & __GFP_FS) !== 0;
  const io = (memalloc_flags & IN_SUBMIT_BIO) !== 0 && (allowed & __GFP_IO) !== 0;
  if (!fs && !io) return;
  const { comm, pid } = task;
  lock_report('reclaim-recursion', `WARNING: possible recursive locking detected\n${comm}/${pid} is trying to acquire lock: (fs_reclaim), at: __fs_reclaim_acquire`, (print) => {
    print('what waits for what:');
    print_steps(print, task, ' ');
    print(` -> an allocation with ${format_gfp(gfp)}, which may go into reclaim,`);
    if (fs) print(' -> which __GFP_FS lets call a ->writepage(): the one that waits for this allocation. GFP_NOFS does not.');
    else print(' -> which __GFP_IO lets call a ->submit_bio(): the one that waits for this allocation. GFP_NOIO does not.');
  });
}

function place(frame: number, site: number): string {
  const [first] = unwind(frame, site);
  return first === undefined ? '(host code)' : format_site(first);
}

function print_steps(print: Print, task: task_struct, indent: string): void {
  for (const { frame, site, step } of steps.get(task) ?? []) {
    if ('gfp' in step) print(`${indent}-> allocates with ${format_gfp(step.gfp)}, order:${step.order}, and goes into reclaim, at: ${place(frame, site)}`);
    else print(`${indent}-> which calls ${step.what}${kernel.modules.owner_of(step.fn) === null ? '' : ` [${kernel.modules.owner_of(step.fn)!}]`}`);
  }
}

/** Address of the lock that a task sleeps for, or 0. */
function awaited_lock(task: task_struct): number {
  for (const [address, list] of lock_state().sleepers) if (list.waiters.some((waiter) => waiter.task === task)) return address;
  return 0;
}

/** For a task that does not come back: what it waits for, who has that, what that one waits for, and so on. */
export function print_wait_chain(print: Print, task: task_struct): void {
  const seen = new Set<task_struct>();
  let at = task;
  while (awaited_lock(at) !== 0 || (steps.get(at)?.length ?? 0) > 0) {
    if (seen.size === 0) print('what waits for what:');
    seen.add(at);
    print(` ${at.comm}/${at.pid}`);
    print_steps(print, at, '  ');
    const lock = awaited_lock(at);
    if (lock === 0) {
      if (at.waiting_for !== '') print(`  -> waits for ${at.waiting_for}`);
      return;
    }
    const holder = kernel.sched.tasks.values().find((other) => held_index(other, lock) >= 0);
    if (holder === undefined) {
      print(`  -> waits for ${lock_name(lock)}, which no task holds`);
      return;
    }
    const i = held_index(holder, lock) * HELD_WORDS;
    const since = place(holder.held_locks![i + 1]!, holder.held_locks![i + 2]!);
    print(`  -> waits for ${lock_name(lock)}, held by ${holder === at ? 'itself' : `${holder.comm}/${holder.pid}`}, taken at: ${since}`);
    if (seen.has(holder)) return;
    at = holder;
  }
}
