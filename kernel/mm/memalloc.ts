/** Scopes that limit what the running task's allocations may do. Linux: include/linux/sched/mm.h. */
import { this_cpu } from '../arch/cpu.js';
import { point } from '../arch/point.js';
import { __GFP_FS, __GFP_IO } from './gfp_types.js';

export { might_alloc } from '../sched/might_sleep.js';

// Bits of task_struct.memalloc_flags; in Linux they are among the task's flags.
/** Frees memory: may use all of it, and enters no reclaim. */
export const PF_MEMALLOC = 0x00000800;
/** All its allocations are without __GFP_FS. */
export const PF_MEMALLOC_NOFS = 0x00040000;
/** All its allocations are without __GFP_IO and __GFP_FS. */
export const PF_MEMALLOC_NOIO = 0x00080000;
/** Runs a module's ->writepage(). Ours: Linux knows it by the locks that lockdep sees. */
export const IN_WRITEPAGE = 0x1;
/** Runs a module's ->submit_bio(). Ours. */
export const IN_SUBMIT_BIO = 0x2;

/** What the flags of an allocation come down to in the running task's scope. Linux: current_gfp_context(). */
export function current_gfp_context(gfp: number): number {
  const flags = this_cpu.current.memalloc_flags;
  if ((flags & PF_MEMALLOC_NOIO) !== 0) return gfp & ~(__GFP_IO | __GFP_FS);
  if ((flags & PF_MEMALLOC_NOFS) !== 0) return gfp & ~__GFP_FS;
  return gfp;
}

function save(flag: number): number {
  point();
  const task = this_cpu.current;
  const old = task.memalloc_flags & flag;
  task.memalloc_flags |= flag;
  return old;
}

function restore(flag: number, old: number): void {
  point();
  const task = this_cpu.current;
  task.memalloc_flags = (task.memalloc_flags & ~flag) | (old & flag);
}

/**
 * From here on no allocation of the running task starts disk I/O. Returns what memalloc_noio_restore() wants. The
 * task may still not sleep where it could not before. Context: process.
 */
export function memalloc_noio_save(): number {
  return save(PF_MEMALLOC_NOIO);
}

/** Ends the scope; scopes nest. Context: process. */
export function memalloc_noio_restore(flags: number): void {
  restore(PF_MEMALLOC_NOIO, flags);
}

/** As memalloc_noio_save(), for calls into filesystems only. Context: process. */
export function memalloc_nofs_save(): number {
  return save(PF_MEMALLOC_NOFS);
}

export function memalloc_nofs_restore(flags: number): void {
  restore(PF_MEMALLOC_NOFS, flags);
}

/** From here on the running task, which frees memory, may use the last of it and enters no reclaim. Context: process. */
export function memalloc_noreclaim_save(): number {
  return save(PF_MEMALLOC);
}

export function memalloc_noreclaim_restore(flags: number): void {
  restore(PF_MEMALLOC, flags);
}
