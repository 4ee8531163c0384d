/** Page allocations that are made to fail. Linux: mm/page_alloc.c, should_fail_alloc_page(). */
import { kernel } from '../../current.js';
import { fault_attr, type fault_settings } from '../../lib/fault_inject.js';
import { __GFP_DIRECT_RECLAIM, __GFP_HIGHMEM, __GFP_NOFAIL, __GFP_NOWARN } from '../gfp_types.js';
import { PAGE_SIZE } from '../layout.js';
import { mm } from '../mm.js';

export interface fail_page_alloc_settings extends fault_settings {
  readonly ignore_gfp_wait?: boolean;
  readonly ignore_gfp_highmem?: boolean;
  /** Blocks of a smaller order are left alone. */
  readonly min_order?: number;
  /** Leaves alone the pages that the kernel takes for slabs. */
  readonly ignore_slab?: boolean;
}

/** Sets what fails; null, nothing does. Linux: the files in /sys/kernel/debug/fail_page_alloc. */
export function set_fail_page_alloc(settings: fail_page_alloc_settings | null, attr = new fault_attr('fail_page_alloc')): void {
  if (settings === null) {
    mm.should_fail_alloc_page = null;
    return;
  }
  const { ignore_gfp_wait = false, ignore_gfp_highmem = false, min_order = 0, ignore_slab = false, ...rest } = settings;
  attr.set(rest);
  mm.should_fail_alloc_page = (gfp, order, size) => {
    if (order < min_order || (gfp & __GFP_NOFAIL) !== 0 || (ignore_slab && size === 0)) return false;
    if (ignore_gfp_highmem && (gfp & __GFP_HIGHMEM) !== 0) return false;
    if (ignore_gfp_wait && (gfp & __GFP_DIRECT_RECLAIM) !== 0) return false;
    if (!attr.should_fail(1 << order, gfp, (gfp & __GFP_NOWARN) !== 0)) return false;
    kernel.faults.note('fail_page_alloc', PAGE_SIZE << order, gfp);
    return true;
  };
}
