/** Which pages of high memory have an address, and why. Linux: mm/highmem.c (pkmap_count), struct kmap_ctrl. */
import type { task_struct } from '../../arch/task.js';

export class Kmaps {
  /** kmap()s of each frame that has any. */
  readonly pkmap = new Map<number, number>();
  /** All mappings of each frame that has any: kmap() and kmap_local_page() together. */
  readonly mapped = new Map<number, number>();
  /** Frames that tasks have mapped by kmap_local_page(), the newest last. */
  readonly local = new WeakMap<task_struct, number[]>();
  /** Tasks in kmap() that wait for a free entry. */
  readonly waiting: task_struct[] = [];
}
