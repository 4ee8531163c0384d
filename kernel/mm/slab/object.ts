/** Which object lies at an address, and all that are alive. Linux: mm/slub.c, nearest_obj(); mm/kmemleak.c. */
import { PAGE_OFFSET, PAGE_SHIFT, PAGE_SIZE } from '../layout.js';
import { mm } from '../mm.js';
import { ORDER_MASK, cache_number, P_HEAD, P_INITED, PG_HEAD, PG_LARGE, PG_STATIC, PG_TAIL, PG_VMALLOC, state_of } from '../pages/page.js';
import { cache_words, lowmem_bytes, meta, NEXT_SEQ, page_words, PAGE_WORDS_SHIFT, ram, shadow } from '../ram.js';
import { ALLOC_FRAME, ALLOC_JIFFIES, ALLOC_PID, ALLOC_SITE, page_record, record_of, SEQ, SIZE } from '../kasan/record.js';
import { PERCPU_START } from '../percpu/percpu_space.js';
import type { VmallocSpace, VmArea } from '../vmalloc/vmalloc_area.js';

export interface FoundObject {
  /** RAM offset of its first byte. */
  readonly start: number;
  /** Bytes asked for; of an object never handed out, the cache's size. */
  readonly size: number;
  readonly object_size: number;
  readonly cache: string;
  readonly record: number;
  readonly live: boolean;
  /** Was handed out at least once, so its record says something. */
  readonly used: boolean;
}

/** The slab or large object whose place, redzone included, holds this RAM offset; null where there is none. */
export function find_object(offset: number): FoundObject | null {
  const pfn = offset >>> PAGE_SHIFT;
  const state = state_of(pfn);
  if ((state & (PG_HEAD | PG_TAIL)) === 0) return null;
  const head = page_words[(pfn << PAGE_WORDS_SHIFT) + P_HEAD]!;
  if ((state_of(head) & PG_LARGE) !== 0) {
    const record = page_record(head);
    const object_size = PAGE_SIZE << (state_of(head) & ORDER_MASK);
    return { start: head << PAGE_SHIFT, size: meta[record + SIZE]!, object_size, cache: 'kmalloc-large', record, live: true, used: true };
  }
  const cache = mm.caches[cache_number(pfn)];
  if (cache === null || cache === undefined) return null;
  const base = head << PAGE_SHIFT;
  const objects = cache.objects_in(head);
  const index = Math.min(Math.floor((offset - base) / cache.stride), objects - 1);
  const start = base + index * cache.stride;
  const record = record_of(start);
  // One that is being handed out for the first time has a record that says nothing yet.
  const used = index < page_words[(head << PAGE_WORDS_SHIFT) + P_INITED]! && meta[record + SIZE] !== 0;
  const live = used && shadow[start >>> 3]! >= 0;
  return { start, size: used ? meta[record + SIZE]! : cache.object_size, object_size: cache.object_size, cache: cache.name, record, live, used };
}

/** One live allocation. `cache` is a slab cache's name, `kmalloc-large`, `pages`, `percpu` or `vmalloc`. */
export interface LiveObject {
  readonly addr: number;
  /** Bytes asked for. */
  readonly size: number;
  readonly cache: string;
  /** The stack that allocated it, for unwind(). */
  readonly frame: number;
  readonly site: number;
  readonly pid: number;
  /** Order of allocation: compare with a mark taken from {@link allocation_mark}. */
  readonly seq: number;
  /** When it was allocated, where that is kept. */
  readonly jiffies?: number;
}

/** Allocations from now on have a `seq` not below this. */
export function allocation_mark(): number {
  return cache_words[NEXT_SEQ]!;
}

/**
 * Calls `visit` for every live allocation, by ascending address: slab objects, large ones, bare pages, per-CPU
 * memory and vmalloc areas; static data is left out. Context: any; `visit` must not allocate or free.
 */
export function for_each_object(visit: (object: LiveObject) => void): void {
  for (const pfn of ram.used_frames().sort((a, b) => a - b)) {
    const state = state_of(pfn);
    if ((state & PG_HEAD) === 0 || (state & (PG_STATIC | PG_VMALLOC)) !== 0) continue;
    const cache = mm.caches[cache_number(pfn)] ?? null;
    if (cache === null) {
      visit(live_object(pfn << PAGE_SHIFT, (state & PG_LARGE) !== 0 ? 'kmalloc-large' : 'pages'));
      continue;
    }
    const inited = page_words[(pfn << PAGE_WORDS_SHIFT) + P_INITED]!;
    for (let i = 0; i < inited; i++) {
      const start = (pfn << PAGE_SHIFT) + i * cache.stride;
      if (shadow[start >>> 3]! >= 0) visit(live_object(start, cache.name));
    }
  }
  for (const variable of mm.percpu?.variables ?? []) {
    if (variable.owner !== null) continue;
    const { size, seq, jiffies, allocated } = variable;
    visit({ addr: PERCPU_START + variable.index, size, cache: 'percpu', frame: allocated.frame, site: allocated.site, pid: allocated.pid, seq, jiffies });
  }
  if (mm.vmalloc !== null) for (const area of mm.vmalloc.areas) visit(live_area(mm.vmalloc, area));
}

function live_area(space: VmallocSpace, area: VmArea): LiveObject {
  const { frame, site, pid } = area.allocated;
  return { addr: space.address_of(area), size: area.size, cache: 'vmalloc', frame, site, pid, seq: area.seq, jiffies: area.jiffies };
}

function live_object(start: number, cache: string): LiveObject {
  const record = record_of(start);
  return {
    addr: PAGE_OFFSET + start,
    size: meta[record + SIZE]!,
    cache,
    frame: meta[record + ALLOC_FRAME]!,
    site: meta[record + ALLOC_SITE]!,
    pid: meta[record + ALLOC_PID]!,
    seq: meta[record + SEQ]!,
    jiffies: meta[record + ALLOC_JIFFIES]!,
  };
}

/** The live allocation that holds a byte, or null: for a debugger or a leak scan. Context: any. */
export function object_at(addr: number): LiveObject | null {
  const offset = (addr - PAGE_OFFSET) >>> 0;
  if (offset >= lowmem_bytes) {
    const area = mm.vmalloc?.area_at(offset) ?? null;
    return area === null || shadow[offset >>> 3] !== 0 ? null : live_area(mm.vmalloc!, area);
  }
  const found = find_object(offset);
  if (found === null || !found.live || offset >= found.start + found.size) return null;
  return live_object(found.start, found.cache);
}
