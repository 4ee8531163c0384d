/**
 * The locks that a task holds. Follows kernel/locking/lockdep.c: __lock_acquire(), __lock_release(), struct held_lock.
 *
 * Lock validation (classes, usage states, order) has its place here: it sees every acquisition and every release.
 */
import { pc } from '../arch/callstack.js';
import { MAX_LOCK_DEPTH, type task_struct } from '../arch/task.js';
import { report } from '../debug/report.js';
import { lock_state } from './lock_state.js';

// As arch/task.ts and arch/callstack.ts have them: an imported or exported constant is not folded, see raw_spinlock.ts.
export const HELD_WORDS = 4;
const FRAME = 0;
const SITE = 1;
/** Words of a record. */
const HELD_ADDRESS = 0;
const HELD_FRAME = 1;
const HELD_SITE = 2;
const HELD_KIND = 3;

/** How a lock is held: bits of HELD_KIND. */
export const HELD_READ = 1;
export const HELD_TRYLOCK = 2;
/** Its holder may sleep. */
export const HELD_SLEEPS = 4;

/** The task has the lock from here on. */
export function lock_acquire(task: task_struct, address: number, kind: number): void {
  const held = task.held_locks;
  const at = task.lockdep_depth * HELD_WORDS;
  if (held === null || at === held.length) {
    lock_acquire_slow(task, address, kind);
    return;
  }
  held[at + HELD_ADDRESS] = address;
  held[at + HELD_FRAME] = pc[FRAME]!;
  held[at + HELD_SITE] = pc[SITE]!;
  held[at + HELD_KIND] = kind;
  task.lockdep_depth++;
}

function lock_acquire_slow(task: task_struct, address: number, kind: number): void {
  const { held_locks } = task;
  if (held_locks === null) task.held_locks = new Int32Array(MAX_LOCK_DEPTH * HELD_WORDS);
  else {
    const state = lock_state();
    if (task.lockdep_depth === MAX_LOCK_DEPTH && state.debug_locks) {
      state.debug_locks = false;
      report('warn', `BUG: MAX_LOCK_DEPTH too low!\ndepth: ${MAX_LOCK_DEPTH}  max: ${MAX_LOCK_DEPTH}!`);
    }
    task.held_locks = new Int32Array(held_locks.length * 2);
    task.held_locks.set(held_locks);
  }
  lock_acquire(task, address, kind);
}

/** Index of the record of a lock that the task holds, the newest one, or -1. */
export function held_index(task: task_struct, address: number): number {
  const { held_locks } = task;
  for (let i = task.lockdep_depth - 1; i >= 0; i--) if (held_locks![i * HELD_WORDS] === address) return i;
  return -1;
}

/** How the task holds the lock, as bits of HELD_KIND, or -1 where it does not. */
export function held_kind(task: task_struct, address: number): number {
  const i = held_index(task, address);
  return i < 0 ? -1 : task.held_locks![i * HELD_WORDS + HELD_KIND]!;
}

/** The task no longer has the lock. Returns false where it had not. */
export function lock_release(task: task_struct, address: number): boolean {
  const last = task.lockdep_depth - 1;
  const held = task.held_locks;
  if (last < 0 || held?.[last * HELD_WORDS] !== address) return lock_release_slow(task, address);
  task.lockdep_depth = last;
  return true;
}

function lock_release_slow(task: task_struct, address: number): boolean {
  const i = held_index(task, address);
  if (i < 0) return false;
  task.held_locks!.copyWithin(i * HELD_WORDS, (i + 1) * HELD_WORDS, task.lockdep_depth * HELD_WORDS);
  task.lockdep_depth--;
  return true;
}
