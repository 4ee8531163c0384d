/** The checks of CONFIG_DEBUG_SPINLOCK. Follows kernel/locking/spinlock_debug.c. */
import { arch } from '../arch/arch.js';
import { this_cpu } from '../arch/cpu.js';
import type { task_struct } from '../arch/task.js';
import { kernel } from '../current.js';
import type { Print } from '../debug/report.js';
import { hex8 } from '../mm/layout.js';
import { i32 } from '../mm/ram.js';
import { lock_name } from './lock_name.js';
import { lock_report } from './lockdep.js';
import { LOCKED, MAGIC, OWNER, OWNER_CPU, RAW_LOCK, SPINLOCK_MAGIC } from './spinlock_types.js';

/** The task that a lock's words name as its owner, or null. `at` is the index of the first word. */
export function lock_owner(at: number): task_struct | null {
  const pid = i32[at + OWNER]! - 1;
  if (pid > 0) return kernel.sched.tasks.get(pid);
  return pid === 0 ? (arch.cpus[i32[at + OWNER_CPU]!]?.idle ?? null) : null;
}

/** Follows spin_dump(). */
export function spin_dump(print: Print, lock: number, at: number): void {
  const owner = lock_owner(at);
  print(
    ` lock: ${lock_name(lock)}, .magic: ${hex8(i32[at + MAGIC]!)}, .owner: ${owner?.comm ?? '<none>'}/${owner?.pid ?? -1}, ` +
      `.owner_cpu: ${i32[at + OWNER_CPU]!}`,
  );
}

/** Follows spin_bug(). */
export function spin_bug(lock: number, at: number, msg: string): void {
  const { id, current } = this_cpu;
  lock_report('spinlock', `BUG: spinlock ${msg} on CPU#${id}, ${current.comm}/${current.pid}`, (print) => {
    spin_dump(print, lock, at);
  });
}

/** Follows debug_spin_lock_before(). */
export function debug_spin_lock_before(lock: number, at: number): void {
  const { id, current } = this_cpu;
  if (i32[at + MAGIC] !== SPINLOCK_MAGIC) spin_bug(lock, at, 'bad magic');
  else if ((i32[at + RAW_LOCK]! & LOCKED) === 0) return;
  else if (i32[at + OWNER] === current.pid + 1 && (current.pid !== 0 || i32[at + OWNER_CPU] === id)) spin_bug(lock, at, 'recursion');
  else if (i32[at + OWNER_CPU] === id) spin_bug(lock, at, 'cpu recursion');
}

/** Follows debug_spin_unlock(). */
export function debug_spin_unlock(lock: number, at: number): void {
  const { id, current } = this_cpu;
  if (i32[at + MAGIC] !== SPINLOCK_MAGIC) spin_bug(lock, at, 'bad magic');
  else if ((i32[at + RAW_LOCK]! & LOCKED) === 0) spin_bug(lock, at, 'already unlocked');
  else if (i32[at + OWNER] !== current.pid + 1) spin_bug(lock, at, 'wrong owner');
  else if (i32[at + OWNER_CPU] !== id) spin_bug(lock, at, 'wrong CPU');
}

/** For the locks that have a spinlock inside: its magic number, which only the init function writes. */
export function check_inner_lock(lock: number, at: number): void {
  if (i32[at + MAGIC] !== SPINLOCK_MAGIC) spin_bug(lock, at, 'bad magic');
}
