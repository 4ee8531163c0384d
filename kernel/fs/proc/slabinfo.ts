/** /proc/slabinfo. Linux: mm/slab_common.c, print_slabinfo_header() and cache_show(); mm/slub.c, get_slabinfo(). */
import { cache_number, P_INITED, PG_HEAD, state_of } from '../../mm/pages/page.js';
import { PAGE_SHIFT } from '../../mm/layout.js';
import { mm } from '../../mm/mm.js';
import { page_words, PAGE_WORDS_SHIFT, ram, shadow } from '../../mm/ram.js';
import type { KmemCache } from '../../mm/slab/slab_cache.js';

interface Counts {
  slabs: number;
  objects: number;
  active: number;
}

/** Slabs and objects of every cache by number, in one pass over the frames that were used. */
function count_slabs(): Map<KmemCache, Counts> {
  const counts = new Map<KmemCache, Counts>();
  for (const cache of mm.caches) if (cache !== null) counts.set(cache, { slabs: 0, objects: 0, active: 0 });
  for (const pfn of ram.used_frames()) {
    const cache = mm.caches[cache_number(pfn)] ?? null;
    if (cache === null || (state_of(pfn) & PG_HEAD) === 0) continue;
    const count = counts.get(cache)!;
    count.slabs++;
    count.objects += cache.objects_in(pfn);
    const inited = page_words[(pfn << PAGE_WORDS_SHIFT) + P_INITED]!;
    for (let i = 0; i < inited; i++) if (shadow[((pfn << PAGE_SHIFT) + i * cache.stride) >>> 3]! >= 0) count.active++;
  }
  return counts;
}

const column = (n: number, width: number): string => String(n).padStart(width);

/** The file's text: a line a cache, the newest first, as Linux's list of caches. Context: any. */
export function show_slabinfo(): string {
  const lines = [
    'slabinfo - version: 2.1',
    '# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>',
  ];
  for (const [cache, { slabs, objects, active }] of [...count_slabs()].reverse()) {
    const { name, stride, pages_per_slab, objects_per_slab } = cache;
    lines.push(
      `${name.padEnd(17)} ${column(active, 6)} ${column(objects, 6)} ${column(stride, 6)} ${column(objects_per_slab, 4)} ${column(pages_per_slab, 4)}` +
        ` : tunables ${column(0, 4)} ${column(0, 4)} ${column(0, 4)} : slabdata ${column(slabs, 6)} ${column(slabs, 6)} ${column(0, 6)}`,
    );
  }
  return lines.map((line) => `${line}\n`).join('');
}
