/**
 * A spinlock that is not free. Follows kernel/locking/qspinlock.c: those who wait get it in the order in which they
 * came, and one that was interrupted while it waited keeps its place.
 */
import { arch } from '../arch/arch.js';
import { this_cpu } from '../arch/cpu.js';
import { i32 } from '../mm/ram.js';
import { lock_state, type Spinner } from './lock_state.js';
import { spin_wait } from './spin_wait.js';
import { lock_owner, spin_dump } from './spinlock_debug.js';
import { LOCKED, OWNER_CPU, PENDING, RAW_LOCK } from './spinlock_types.js';

/** Waits for its turn and sets the lock word. `at` is the index of the lock's first word. */
export function queued_spin_lock_slowpath(lock: number, at: number): void {
  const { spinners } = lock_state();
  let queue = spinners.get(lock);
  if (queue === undefined) spinners.set(lock, (queue = []));
  const line = queue;
  const me: Spinner = { cpu: this_cpu.id, write: true };
  line.push(me);
  i32[at + RAW_LOCK]! |= PENDING;
  spin_wait(
    'spinlock',
    lock,
    () => line[0] !== me || (i32[at + RAW_LOCK]! & LOCKED) !== 0,
    () => holders(at, line, me),
    (print) => {
      spin_dump(print, lock, at);
    },
  );
  line.splice(line.indexOf(me), 1);
  if (line.length > 0) i32[at + RAW_LOCK]! |= LOCKED;
  else {
    spinners.delete(lock);
    i32[at + RAW_LOCK] = LOCKED;
  }
}

/** Who must be done before `me` can have the lock: its owner, and those who came earlier. */
function holders(at: number, line: readonly Spinner[], me: Spinner): number {
  let mask = 0;
  if ((i32[at + RAW_LOCK]! & LOCKED) !== 0) {
    const cpu = arch.cpus[i32[at + OWNER_CPU]!];
    const owner = lock_owner(at);
    // An owner that sleeps or is gone runs on no CPU.
    if (cpu !== undefined && owner !== null && cpu.current === owner) mask |= 1 << cpu.id;
  }
  for (const spinner of line) {
    if (spinner === me) break;
    mask |= 1 << spinner.cpu;
  }
  return mask;
}

/** The lock is free for the first of those who wait. */
export function queued_spin_unlock_slowpath(lock: number, at: number): void {
  i32[at + RAW_LOCK]! &= ~LOCKED;
  const next = lock_state().spinners.get(lock)?.[0];
  if (next !== undefined) arch.notify(arch.cpus[next.cpu]!);
}
