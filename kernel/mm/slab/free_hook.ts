/**
 * What memory must not hold when it is freed: locks that are held, and objects that are active. Linux: mm/slub.c,
 * slab_free_hook(); mm/page_alloc.c, free_pages_prepare(); mm/vmalloc.c, __vunmap().
 */
import { this_cpu } from '../../arch/cpu.js';
import { HELD_WORDS } from '../../arch/task.js';
import { kernel } from '../../current.js';
import { debug_check_no_obj_freed } from '../../lib/debugobjects.js';
import { debug_check_no_locks_freed } from '../../locking/lockdep.js';
import { ACTIVE_OBJECTS, cache_words } from '../ram.js';

/** Whether free_hook() would report. Context: any. */
export function is_in_use(address: number, size: number): boolean {
  const { held_locks, lockdep_depth } = this_cpu.current;
  for (let i = 0; i < lockdep_depth; i++) {
    const lock = held_locks![i * HELD_WORDS]!;
    if (lock >= address && lock < address + size) return true;
  }
  return cache_words[ACTIVE_OBJECTS] !== 0 && kernel.debug_objects.find(address, size) !== null;
}

/** Memory is about to be freed. A queued work item in it is waited for, so that this may sleep. Context: any. */
export function free_hook(address: number, size: number): void {
  if (this_cpu.current.lockdep_depth !== 0) debug_check_no_locks_freed(address, size);
  if (cache_words[ACTIVE_OBJECTS] !== 0) debug_check_no_obj_freed(address, size);
}
