/**
 * Tasks that sleep for each other, so that none of them can ever wake up. Linux's lockdep warns of the order before it
 * happens (print_circular_bug(), kernel/locking/lockdep.c); here it has happened, and it is told the moment its circle closes.
 *
 * Only waits that nothing but the awaited task can end count: no signal, no timeout, and a lock that its holder alone
 * may release. Semaphores and completions have no holder: whoever comes may end those.
 */
import { FRAME, pc, SITE } from '../arch/callstack.js';
import { this_cpu } from '../arch/cpu.js';
import { HELD_WORDS, type task_struct } from '../arch/task.js';
import { kernel } from '../current.js';
import { print_place, print_stack, type Print } from '../debug/report.js';
import { held_index } from './held_locks.js';
import { lock_report } from './lockdep.js';
import { lock_state } from './lock_state.js';

/** `task` waits for the lock at `address`, which `holder` has; 0: for the end of `holder`. */
interface Wait {
  readonly task: task_struct;
  readonly address: number;
  readonly holder: task_struct;
}

/** What the task, which sleeps, waits for: one entry for each task that has to go on first. */
function waits_of(task: task_struct): Wait[] {
  for (const [address, { waiters }] of lock_state().sleepers) {
    const waiter = waiters.find((one) => one.task === task);
    if (waiter === undefined) continue;
    if (!waiter.certain) return [];
    return kernel.sched.tasks.values().filter((other) => held_index(other, address) >= 0).map((holder) => ({ task, address, holder }));
  }
  return kernel.sched.tasks.values().filter((other) => other.exit_waiters?.includes(task) === true).map((holder) => ({ task, address: 0, holder }));
}

function find_circle(start: task_struct): Wait[] | null {
  const seen = new Set<task_struct>();
  const visit = (task: task_struct): Wait[] | null => {
    seen.add(task);
    for (const wait of waits_of(task)) {
      if (wait.holder === start) return [wait];
      const rest = seen.has(wait.holder) ? null : visit(wait.holder);
      if (rest !== null) return [wait, ...rest];
    }
    return null;
  };
  return visit(start);
}

/** The running task, which has just got in line, is about to sleep: does that close a circle? Context: process. */
export function check_deadlock(): void {
  const task = this_cpu.current;
  if (!lock_state().debug_locks || kernel.rules.deadlock === 'off') return;
  const circle = find_circle(task);
  if (circle === null) return;
  const names = circle.map(({ task: { comm, pid } }) => `${comm}/${pid}`);
  const what = names.length === 1 ? `${names[0]!} waits for itself` : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!} wait for each other`;
  lock_report('deadlock', `BUG: deadlock: ${what}`, (print) => {
    for (const wait of circle) print_wait(print, wait);
    print(' *** DEADLOCK ***');
    for (const { task: other } of circle) {
      if (other === task) continue;
      print(`task:${other.comm} state:D pid:${other.pid}`);
      print('Call Trace:');
      print_stack(print, other.frame, other.site);
    }
  });
}

function print_wait(print: Print, { task, address, holder }: Wait): void {
  const running = task === this_cpu.current;
  const owner = `${holder.comm}/${holder.pid}`;
  print(`${task.comm}/${task.pid} waits for ${task.waiting_for}${address === 0 ? `: for ${owner} to end` : `, which ${owner} holds`}.`);
  print_place(print, 'Waits at', running ? pc[FRAME]! : task.frame, running ? pc[SITE]! : task.site);
  if (address === 0) return;
  const at = held_index(holder, address) * HELD_WORDS;
  print_place(print, 'Acquired at', holder.held_locks![at + 1]!, holder.held_locks![at + 2]!);
}
