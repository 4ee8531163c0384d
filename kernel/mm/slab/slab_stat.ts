/** What the slab layer holds, in numbers. Linux: mm/slub.c, get_slabinfo(). */
import { mm } from '../mm.js';

/** Pages that slabs occupy. */
export function slab_pages(): number {
  let pages = 0;
  for (const cache of mm.caches) if (cache !== null) pages += cache.slab_pages;
  return pages;
}
