/**
 * What an allocation that may sleep does when there is no memory. Linux: mm/page_alloc.c,
 * __alloc_pages_direct_reclaim().
 *
 * The one seam for reclaim: whatever frees memory for others (empty slabs now; shrinkers, write-back and the OOM
 * killer later) is called from here, and here the caller sleeps.
 */
import { mm } from './mm.js';

/** Tries to free pages; says whether any came free. Context: process, may sleep. */
export function reclaim(_gfp: number, _order: number): boolean {
  let freed = 0;
  for (const cache of mm.caches) if (cache !== null) freed += cache.shrink();
  return freed > 0;
}

/** Somebody who may not wait found a zone below its low mark. Linux: mm/vmscan.c, wakeup_kswapd(). */
export function wakeup_kswapd(): void {
  // No kswapd yet.
}
