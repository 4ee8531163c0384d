/** Objects of a cache. Linux: mm/slub.c, mm/slab.h, which are the sources of all functions. */
import { FRAME, pc, SITE } from '../../arch/callstack.js';
import { this_cpu } from '../../arch/cpu.js';
import { point } from '../../arch/point.js';
import { page_fault } from '../../debug/fault.js';
import { report } from '../../debug/report.js';
import { jiffies } from '../../include/linux/jiffies.js';
import { might_alloc } from '../../sched/might_sleep.js';
import { check_gfp } from '../arguments.js';
import { is_in_use } from './free_hook.js';
import { __GFP_DMA, __GFP_ZERO, GFP_SLAB_BUG_MASK } from '../gfp_types.js';
import { kmalloc_fix_flags, slab_alloc, slab_free } from './kmalloc.js';
import { PAGE_OFFSET, PAGE_SHIFT } from '../layout.js';
import { mm } from '../mm.js';
import { P_SLAB, SLAB_CACHE_SHIFT } from '../pages/page.js';
import type { Ptr } from '../pointer.js';
import { quarantine_put } from '../kasan/quarantine.js';
import { ACTIVE_OBJECTS, cache_words, CACHE_WORDS_SHIFT, CACHES_MAX, FAILSLAB, lowmem_bytes, meta, META_SHIFT, NEXT_SEQ, page_words, PAGE_WORDS_SHIFT, QUARANTINE, shadow, shadow32, SLOT_SHIFT, u32 } from '../ram.js';
import { ALLOC_FRAME, ALLOC_JIFFIES, ALLOC_PID, ALLOC_SITE, FREE_FRAME, FREE_PID, FREE_SITE, LINK, SEQ, SIZE } from '../kasan/record.js';
import { poison_freed, unpoison_object } from '../kasan/shadow.js';
import { CPU_FREE, CPU_SLAB, HANDLE, OBJECT_SIZE, STRIDE_MASK } from './slab_cache.js';
import { cache_at, type cache_ptr } from './slab_create.js';
import { warn_once_at } from '../warn.js';

// As in kmalloc.ts: the engine folds a constant of this file, and loads and checks an imported one at each use.
const RAM_START = PAGE_OFFSET;
const FRAME_SHIFT = PAGE_SHIFT;
const PAGE_RECORD_SHIFT = PAGE_WORDS_SHIFT;
const GRAIN_SHIFT = SLOT_SHIFT;
const RECORD_SHIFT = META_SHIFT;
const GROUP_SHIFT = CACHE_WORDS_SHIFT;
const NUMBER_SHIFT = SLAB_CACHE_SHIFT;
const NUMBER_MASK = CACHES_MAX - 1;
const [WORD_SEQ, WORD_FAILSLAB, WORD_FREE, WORD_SLAB, WORD_SIZE, WORD_MASK, WORD_HANDLE, WORD_QUARANTINE, WORD_ACTIVE] = [NEXT_SEQ, FAILSLAB, CPU_FREE, CPU_SLAB, OBJECT_SIZE, STRIDE_MASK, HANDLE, QUARANTINE, ACTIVE_OBJECTS];
const [BY_FRAME, BY_SITE, BY_PID, BYTES, WHEN, FREED_FRAME, FREED_SITE, FREED_PID, NEXT_FREE, NUMBER] = [ALLOC_FRAME, ALLOC_SITE, ALLOC_PID, SIZE, ALLOC_JIFFIES, FREE_FRAME, FREE_SITE, FREE_PID, LINK, SEQ];
const [PC_FRAME, PC_SITE, SLAB_WORD] = [FRAME, SITE, P_SLAB];
/** Flags that leave the fast path. */
const SLOW_FLAGS = GFP_SLAB_BUG_MASK | __GFP_DMA | __GFP_ZERO;

/**
 * An object of the cache, with whatever was in it: what the constructor or the last user left. Null when there is no
 * memory. Context: any with flags that do not sleep, else process context that may sleep.
 */
export function kmem_cache_alloc<T>(s: cache_ptr<T>, gfp: number): Ptr<T> | null {
  point();
  const words = cache_words;
  const handle = (s - RAM_START) >>> 0;
  if (shadow[handle >>> 3] === 0 && (gfp | 0) === gfp && (gfp & SLOW_FLAGS) === 0 && words[WORD_FAILSLAB] === 0) {
    const cpu = this_cpu;
    const group = (u32[handle >>> 2]! & NUMBER_MASK) << GROUP_SHIFT;
    const at = group + (cpu.id << 1) + WORD_FREE;
    const addr = words[at]!;
    if (words[group + WORD_HANDLE] === s && addr !== 0) {
      might_alloc(gfp);
      const offset = addr - RAM_START;
      const record = (offset >>> GRAIN_SHIFT) << RECORD_SHIFT;
      const place = pc;
      const records = meta;
      const size = words[group + WORD_SIZE]!;
      words[at] = records[record + NEXT_FREE]!;
      records[record + BY_FRAME] = place[PC_FRAME]!;
      records[record + BY_SITE] = place[PC_SITE]!;
      records[record + BY_PID] = cpu.current.pid;
      records[record + BYTES] = size;
      records[record + WHEN] = jiffies;
      records[record + NUMBER] = words[WORD_SEQ]!++;
      unpoison_object(offset, size, size);
      return addr as Ptr<T>;
    }
  }
  return cache_alloc_slow(s, gfp) as Ptr<T> | null;
}

/** kmem_cache_alloc() and memory that is all zeros: not for a cache with a constructor. */
export function kmem_cache_zalloc<T>(s: cache_ptr<T>, gfp: number): Ptr<T> | null {
  return kmem_cache_alloc(s, gfp | __GFP_ZERO);
}

function cache_alloc_slow(s: cache_ptr, gfp: number): number | null {
  check_gfp('kmem_cache_alloc', gfp);
  const cache = cache_at(s, 'kmem_cache_alloc');
  if (cache === null) return null;
  const flags = (gfp & GFP_SLAB_BUG_MASK) === 0 ? gfp : kmalloc_fix_flags(gfp);
  if ((flags & __GFP_ZERO) !== 0 && cache.traits.construct !== null) warn_once_at('mm/slub.c:2052', 'new_slab');
  might_alloc(flags);
  return slab_alloc(cache, cache.object_size, flags);
}

/**
 * Takes back an object of this cache. An object of another cache is reported and goes to its own; one that is free
 * already, a pointer into an object and anything else are reported. Context: any.
 */
export function kmem_cache_free<T>(s: cache_ptr<T>, object: Ptr<T>): void {
  point();
  const offset = ((object | 0) - RAM_START) >>> 0;
  // Outside of RAM there is no page record, and undefined is not above 0.
  const slab = page_words[((offset >>> FRAME_SHIFT) << PAGE_RECORD_SHIFT) + SLAB_WORD]!;
  const cpu = this_cpu;
  const words = cache_words;
  const group = (slab >>> NUMBER_SHIFT) << GROUP_SHIFT;
  const at = group + (cpu.id << 1);
  const waits = words[WORD_QUARANTINE]!;
  if (
    !(slab > 0) ||
    words[group + WORD_HANDLE] !== s ||
    (offset & words[group + WORD_MASK]!) !== 0 ||
    (words[at + WORD_SLAB] !== slab && waits === 0) ||
    ((shadow32[offset >>> 5]! >>> (offset & 24)) & 0x80) !== 0
  ) {
    cache_free_slow(s, object);
    return;
  }
  const size = words[group + WORD_SIZE]!;
  const task = cpu.current;
  if ((words[WORD_ACTIVE]! | task.lockdep_depth) !== 0 && is_in_use(object, size)) {
    cache_free_slow(s, object);
    return;
  }
  poison_freed(offset, size);
  const record = (offset >>> GRAIN_SHIFT) << RECORD_SHIFT;
  const place = pc;
  const records = meta;
  records[record + FREED_FRAME] = place[PC_FRAME]!;
  records[record + FREED_SITE] = place[PC_SITE]!;
  records[record + FREED_PID] = task.pid;
  if (waits !== 0) {
    quarantine_put(offset + RAM_START, record, size);
    return;
  }
  records[record + NEXT_FREE] = words[at + WORD_FREE]!;
  words[at + WORD_FREE] = offset + RAM_START;
}

function cache_free_slow(s: cache_ptr, object: Ptr): void {
  const cache = cache_at(s, 'kmem_cache_free');
  if (cache === null) return;
  const offset = ((object | 0) - PAGE_OFFSET) >>> 0;
  if (offset >= lowmem_bytes) page_fault(object, false, 'kmem_cache_free() of what no cache gave');
  const slab = page_words[((offset >>> PAGE_SHIFT) << PAGE_WORDS_SHIFT) + P_SLAB]!;
  const own = slab === 0 ? null : mm.caches[slab >>> SLAB_CACHE_SHIFT]!;
  if (own === null) {
    report('slab', 'virt_to_cache: Object is not a Slab page!');
    return;
  }
  // Linux: cache_from_obj(), as with CONFIG_SLAB_FREELIST_HARDENED.
  if (own !== cache) report('slab', `cache_from_obj: Wrong slab cache. ${cache.name} but object is from ${own.name}`);
  slab_free(own, offset, slab, 'kmem_cache_free');
}

/**
 * Takes `size` objects at once and puts them into `p`. Returns `size`, or 0 where there is not enough memory, and
 * then none is taken. Context: as kmem_cache_alloc().
 */
export function kmem_cache_alloc_bulk<T>(s: cache_ptr<T>, gfp: number, size: number, p: Ptr<T>[]): number {
  for (let i = 0; i < size; i++) {
    const object = kmem_cache_alloc(s, gfp);
    if (object === null) {
      kmem_cache_free_bulk(s, i, p);
      return 0;
    }
    p[i] = object;
  }
  return size;
}

/** Gives back the first `size` objects of `p`. Context: any. */
export function kmem_cache_free_bulk<T>(s: cache_ptr<T>, size: number, p: readonly Ptr<T>[]): void {
  for (let i = 0; i < size; i++) kmem_cache_free(s, p[i]!);
}
