/**
 * kmalloc() and kfree(). Linux: mm/slab_common.c (kmalloc_slab(), kfree(), free_large_kmalloc()), mm/slub.c
 * (slab_alloc_node()), mm/slab.h (slab_pre_alloc_hook(), slab_post_alloc_hook()).
 */
import { FRAME, pc, SITE } from '../../arch/callstack.js';
import { this_cpu } from '../../arch/cpu.js';
import { access_point, point, STEP_FREE } from '../../arch/point.js';
import { page_fault } from '../../debug/fault.js';
import { report } from '../../debug/report.js';
import { jiffies } from '../../include/linux/jiffies.js';
import { might_alloc } from '../../sched/might_sleep.js';
import { shown } from '../../lib/shown.js';
import { as_size, check_gfp } from '../arguments.js';
import { free_hook, is_in_use } from './free_hook.js';
import { __GFP_COMP, __GFP_DMA, __GFP_NOFAIL, __GFP_ZERO, GFP_SLAB_BUG_MASK } from '../gfp_types.js';
import { report_invalid_free } from '../kasan/kasan_report.js';
import { kmsan_alloc } from '../kasan/kmsan.js';
import { get_order, hex8, MAX_ORDER, PAGE_OFFSET, PAGE_SHIFT, PAGE_SIZE, ZERO_SIZE_PTR } from '../layout.js';
import { mm } from '../mm.js';
import { ORDER_MASK, P_HEAD, P_SLAB, pfn_to_addr, PG_COMPOUND, PG_HEAD, PG_LARGE, PG_STATIC, PG_TAIL, SLAB_CACHE_SHIFT, SLAB_HEAD_MASK, state_of } from '../pages/page.js';
import { vm_bug_on } from '../pages/debug_page.js';
import { __alloc_pages, __free_pages_ok } from '../pages/page_alloc.js';
import type { Ptr, Size } from '../pointer.js';
import { ACTIVE_OBJECTS, cache_words, CACHE_WORDS_SHIFT, FAILSLAB, initialised, KMALLOC_DMA, lowmem_bytes, meta, META_SHIFT, NEXT_SEQ, page_words, PAGE_WORDS_SHIFT, QUARANTINE, shadow, shadow32, SLOT_SHIFT, u32 } from '../ram.js';
import { quarantine_put } from '../kasan/quarantine.js';
import { ALLOC_FRAME, ALLOC_JIFFIES, ALLOC_PID, ALLOC_SITE, FREE_FRAME, FREE_PID, FREE_SITE, LINK, record_alloc, record_free, record_of, SEQ, SIZE } from '../kasan/record.js';
import { is_poisoned, KASAN_PAGE_REDZONE, poison, poison_freed, SHADOW_FREE_WORD, SHADOW_FREETRACK_WORD, unpoison_object } from '../kasan/shadow.js';
import { CPU_FREE, CPU_SLAB, KmemCache, OBJECT_SIZE, STRIDE_MASK } from './slab_cache.js';
import { alloc_debug_processing, free_debug_processing } from './slab_debug.js';
import { gfp_hex, gfp_names } from '../show_gfp.js';
import { warn_once_at } from '../warn.js';

/*
 * kmalloc() and kfree() of a slab object are the fast path of ringzero, and are written out in one piece: to the
 * engine an imported name, a constant too, is a load and a check at each use, while a constant of this file is
 * folded. These are the imported ones. A number that is stored is made an integer first: it would go by way of a
 * float; and a loop asks at each turn whether to stop and whether its array is still the same, so two words of shadow
 * are written without one.
 */
const RAM_START = PAGE_OFFSET;
const FRAME_SHIFT = PAGE_SHIFT;
const PAGE_RECORD_SHIFT = PAGE_WORDS_SHIFT;
const GRAIN_SHIFT = SLOT_SHIFT;
const RECORD_SHIFT = META_SHIFT;
const GROUP_SHIFT = CACHE_WORDS_SHIFT;
const NUMBER_SHIFT = SLAB_CACHE_SHIFT;
const ZEROED = __GFP_ZERO;
const [WORD_SEQ, WORD_FAILSLAB, WORD_FREE, WORD_SLAB, WORD_SIZE, WORD_MASK] = [NEXT_SEQ, FAILSLAB, CPU_FREE, CPU_SLAB, OBJECT_SIZE, STRIDE_MASK];
const [BY_FRAME, BY_SITE, BY_PID, BYTES, WHEN, FREED_FRAME, FREED_SITE, FREED_PID, NEXT_FREE, NUMBER] = [ALLOC_FRAME, ALLOC_SITE, ALLOC_PID, SIZE, ALLOC_JIFFIES, FREE_FRAME, FREE_SITE, FREE_PID, LINK, SEQ];
const [PC_FRAME, PC_SITE, SLAB_WORD] = [FRAME, SITE, P_SLAB];
const [WORD_QUARANTINE, WORD_ACTIVE] = [QUARANTINE, ACTIVE_OBJECTS];
const CACHED_MAX = 2 * PAGE_SIZE;
const FREES = STEP_FREE;
const FREE_WORD = SHADOW_FREE_WORD;
const FREETRACK_WORD = SHADOW_FREETRACK_WORD;
/** Longest object whose shadow is written here. */
const BY_WORDS_MAX = 512;

/** Larger objects are blocks of pages. Linux: KMALLOC_MAX_CACHE_SIZE of SLUB. */
export const KMALLOC_MAX_CACHE_SIZE = CACHED_MAX;
/** The largest block: 4 MiB. */
export const KMALLOC_MAX_SIZE = PAGE_SIZE << (MAX_ORDER - 1);
export const KMALLOC_MIN_SIZE = 8;

/** Size classes by number, as Linux's kmalloc_info. */
const CLASS_BYTES = [0, 96, 192, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192] as const;
/** Class of (size - 1) >>> 3 up to 192 bytes. */
const SMALL_CLASS = Uint8Array.from({ length: 24 }, (_, i) => {
  const size = (i + 1) * 8;
  if (size > 64 && size <= 96) return 1;
  if (size > 128) return 2;
  return Math.max(3, 32 - Math.clz32(size - 1));
});

/** Flags that leave the fast path. */
const SLOW_FLAGS = GFP_SLAB_BUG_MASK | __GFP_DMA;

function class_of(size: number): number {
  return size <= 192 ? SMALL_CLASS[(size - 1) >>> 3]! : 32 - Math.clz32(size - 1);
}

/** The cache of a number, built at first use. Linux: create_kmalloc_caches(). */
function kmalloc_cache(number: number): KmemCache {
  const known = mm.caches[number] ?? null;
  if (known !== null) return known;
  const dma = number >= KMALLOC_DMA;
  const bytes = CLASS_BYTES[number % KMALLOC_DMA]!;
  const name = `${dma ? 'dma-' : ''}kmalloc-${bytes >= 1024 ? `${bytes / 1024}k` : bytes}`;
  // Sizes that are powers of two are aligned to themselves (since Linux 5.4).
  const align = (bytes & (bytes - 1)) === 0 ? bytes : 8;
  return new KmemCache(name, bytes, align, dma ? __GFP_DMA : 0, number);
}

/**
 * Allocates at least `size` bytes, physically contiguous, with whatever was in them. Returns null when there is no
 * memory, after a warning unless __GFP_NOWARN; ZERO_SIZE_PTR for 0 bytes. Sizes that are powers of two are aligned
 * to themselves, others to 8. A size past KMALLOC_MAX_SIZE, a negative one too, is refused with a warning. Throws
 * TypeError for what is no number at all.
 * Context: any with flags that do not sleep (GFP_ATOMIC, GFP_NOWAIT), else process context that may sleep.
 */
export function kmalloc<T>(size: Size<T>, gfp: number): Ptr<T> | null;
export function kmalloc<T = unknown>(size: number, gfp: number): Ptr<T> | null;
export function kmalloc(size: number, gfp: number): Ptr | null {
  point();
  if (size >>> 0 !== size || size > CACHED_MAX || size === 0 || (gfp | 0) !== gfp || (gfp & SLOW_FLAGS) !== 0) {
    return kmalloc_slow(size, gfp) as Ptr | null;
  }
  might_alloc(gfp);
  const cpu = this_cpu;
  const words = cache_words;
  const group = class_of(size) << GROUP_SHIFT;
  const at = group + (cpu.id << 1) + WORD_FREE;
  const addr = words[at]!;
  if (addr === 0 || words[WORD_FAILSLAB] !== 0) return slab_alloc(kmalloc_cache(group >>> GROUP_SHIFT), size, gfp) as Ptr | null;
  const offset = addr - RAM_START;
  const record = (offset >>> GRAIN_SHIFT) << RECORD_SHIFT;
  const place = pc;
  const records = meta;
  words[at] = records[record + NEXT_FREE]!;
  records[record + BY_FRAME] = place[PC_FRAME]!;
  records[record + BY_SITE] = place[PC_SITE]!;
  records[record + BY_PID] = cpu.current.pid | 0;
  records[record + BYTES] = size;
  records[record + WHEN] = jiffies | 0;
  records[record + NUMBER] = words[WORD_SEQ]!++;
  const object_size = words[group + WORD_SIZE]!;
  if (size === object_size && size <= BY_WORDS_MAX && (size & 31) === 0) {
    const granules = shadow32;
    const first = offset >>> 5;
    granules[first] = 0;
    if (size > 32) {
      granules[first + 1] = 0;
      for (let i = 2; i < size >>> 5; i++) granules[first + i] = 0;
    }
  } else {
    unpoison_object(offset, object_size, size);
  }
  if ((gfp & ZEROED) !== 0) zero(offset, object_size);
  return addr as Ptr;
}

/** kmalloc() and memory that is all zeros. */
export function kzalloc<T>(size: Size<T>, gfp: number): Ptr<T> | null;
export function kzalloc<T = unknown>(size: number, gfp: number): Ptr<T> | null;
export function kzalloc(size: number, gfp: number): Ptr | null {
  return kmalloc(size, gfp | __GFP_ZERO);
}

/** Takes an object out of a cache and accounts it; the context has been checked. Null where there is none. */
export function slab_alloc(cache: KmemCache, size: number, gfp: number): number | null {
  if (mm.should_failslab !== null && (gfp & __GFP_NOFAIL) === 0 && mm.should_failslab(size, gfp)) return null;
  const addr = cache.take(gfp);
  if (addr === 0) return null;
  const offset = addr - PAGE_OFFSET;
  if (cache.traits.prepare !== null) alloc_debug_processing(cache, offset);
  record_alloc(record_of(offset), size);
  unpoison_object(offset, cache.object_size, size);
  if ((gfp & __GFP_ZERO) !== 0) zero(offset, cache.object_size);
  if (initialised !== null) kmsan_alloc(offset, size, (gfp & __GFP_ZERO) !== 0 || cache.traits.prepare !== null);
  return addr;
}

/** Clears whole words: an object's size is a multiple of 4 or its redzone takes what is left. */
function zero(offset: number, size: number): void {
  const end = (offset + size + 3) >>> 2;
  if (size > 128) {
    u32.fill(0, offset >>> 2, end);
    return;
  }
  for (let at = offset >>> 2; at < end; at++) u32[at] = 0;
}

function kmalloc_slow(size: number, gfp: number): number | null {
  check_gfp('kmalloc', gfp);
  const bytes = as_size('kmalloc', 'size', size);
  if (bytes === 0) return ZERO_SIZE_PTR;
  const flags = (gfp & GFP_SLAB_BUG_MASK) === 0 ? gfp : kmalloc_fix_flags(gfp);
  if (bytes > KMALLOC_MAX_CACHE_SIZE) return kmalloc_large(bytes, flags);
  might_alloc(flags);
  return slab_alloc(kmalloc_cache(class_of(bytes) + ((flags & __GFP_DMA) !== 0 ? KMALLOC_DMA : 0)), bytes, flags);
}

/**
 * Linux: kmalloc_fix_flags(). There it speaks only when a slab has to be allocated; here at every call, so that it
 * does not depend on what was allocated before.
 */
export function kmalloc_fix_flags(gfp: number): number {
  const invalid = gfp & GFP_SLAB_BUG_MASK;
  const fixed = gfp & ~GFP_SLAB_BUG_MASK;
  report('gfp-flags', `Unexpected gfp: ${gfp_hex(invalid)} (${gfp_names(invalid)}). Fixing up to gfp: ${gfp_hex(fixed)} (${gfp_names(fixed)}). Fix your code!`);
  return fixed;
}

/** Linux: __kmalloc_large_node(), kasan_kmalloc_large(). */
function kmalloc_large(size: number, gfp: number): number | null {
  const order = get_order(size);
  if (order < MAX_ORDER) might_alloc(gfp);
  const pfn = __alloc_pages(gfp | __GFP_COMP, order, size, PG_LARGE);
  if (pfn < 0) return null;
  const offset = pfn << PAGE_SHIFT;
  const redzone = (size + 7) & ~7;
  poison(offset + redzone, (PAGE_SIZE << order) - redzone, KASAN_PAGE_REDZONE);
  if ((size & 7) !== 0) shadow[(offset + size) >>> 3] = size & 7;
  return pfn_to_addr(pfn);
}

/**
 * Frees what kmalloc() gave, once; null and ZERO_SIZE_PTR are fine. A second free, a pointer into an object and a
 * pointer to anything else are reported. Context: any.
 */
export function kfree(p: Ptr | null): void {
  access_point(p!, FREES);
  const offset = ((p! | 0) - RAM_START) >>> 0;
  // Outside of RAM there is no page record, and undefined is not above 0.
  const slab = page_words[((offset >>> FRAME_SHIFT) << PAGE_RECORD_SHIFT) + SLAB_WORD]!;
  if (!(slab > 0)) {
    free_object(p, 'kfree');
    return;
  }
  const cpu = this_cpu;
  const words = cache_words;
  const granules = shadow32;
  const group = (slab >>> NUMBER_SHIFT) << GROUP_SHIFT;
  const at = group + (cpu.id << 1);
  // The last: the sign bit of the object's first shadow byte says that it is free.
  if ((offset & words[group + WORD_MASK]!) !== 0 || (words[at + WORD_SLAB] !== slab && words[WORD_QUARANTINE] === 0) || ((granules[offset >>> 5]! >>> (offset & 24)) & 0x80) !== 0) {
    free_object(p, 'kfree');
    return;
  }
  const object_size = words[group + WORD_SIZE]!;
  const task = cpu.current;
  if ((words[WORD_ACTIVE]! | task.lockdep_depth) !== 0 && is_in_use(offset + RAM_START, object_size)) {
    free_object(p, 'kfree');
    return;
  }
  if (object_size <= BY_WORDS_MAX && (object_size & 31) === 0) {
    const first = offset >>> 5;
    granules[first] = FREETRACK_WORD;
    if (object_size > 32) {
      granules[first + 1] = FREE_WORD;
      for (let i = 2; i < object_size >>> 5; i++) granules[first + i] = FREE_WORD;
    }
  } else {
    poison_freed(offset, object_size);
  }
  const record = (offset >>> GRAIN_SHIFT) << RECORD_SHIFT;
  const place = pc;
  const records = meta;
  records[record + FREED_FRAME] = place[PC_FRAME]!;
  records[record + FREED_SITE] = place[PC_SITE]!;
  records[record + FREED_PID] = task.pid | 0;
  if (words[WORD_QUARANTINE] !== 0) {
    quarantine_put(offset + RAM_START, record, object_size);
    return;
  }
  records[record + NEXT_FREE] = words[at + WORD_FREE]!;
  words[at + WORD_FREE] = offset + RAM_START;
}

/** All that kfree() does, step by step; `fn` is who is to be named in a report. */
export function free_object(p: Ptr | null, fn: string): void {
  const offset = ((p! | 0) - PAGE_OFFSET) >>> 0;
  if (offset >= lowmem_bytes) {
    free_elsewhere(p, fn);
    return;
  }
  const slab = page_words[((offset >>> PAGE_SHIFT) << PAGE_WORDS_SHIFT) + P_SLAB]!;
  if (slab === 0) free_large_kmalloc(offset, fn);
  else slab_free(mm.caches[slab >>> SLAB_CACHE_SHIFT]!, offset, slab, fn);
}

/** Checks an object, poisons it and gives it back to its cache; `slab` is the P_SLAB word of its frame. Linux: slab_free(), ____kasan_slab_free(). */
export function slab_free(cache: KmemCache, offset: number, slab: number, fn: string): void {
  const addr = PAGE_OFFSET + offset;
  if (!cache.begins_object(offset, slab & SLAB_HEAD_MASK)) {
    report_invalid_free(addr, 'invalid-free', fn);
    return;
  }
  if (is_poisoned(offset)) {
    report_invalid_free(addr, 'double-free', fn);
    return;
  }
  free_hook(addr, cache.object_size);
  if (cache.traits.prepare !== null) free_debug_processing(cache, offset);
  poison_freed(offset, cache.object_size);
  record_free(record_of(offset));
  if (cache_words[QUARANTINE] !== 0) quarantine_put(addr, record_of(offset), cache.object_size);
  else cache.give(addr, slab);
}

/** Not in lowmem: null and ZERO_SIZE_PTR, or a wild pointer. */
function free_elsewhere(p: unknown, fn: string): void {
  if (p === null || p === 0 || p === ZERO_SIZE_PTR) return;
  if (typeof p !== 'number') throw new TypeError(`${fn}: expected a pointer or null, got ${shown(p)}`);
  page_fault(p, false, `${fn}() of a pointer that kmalloc() did not give`);
}

/** Linux: free_large_kmalloc(), ____kasan_kfree_large(). What KASAN finds wrong is reported, and the pages go all the same. */
function free_large_kmalloc(offset: number, fn: string): void {
  const pfn = offset >>> PAGE_SHIFT;
  const addr = PAGE_OFFSET + offset;
  const inside = (state_of(pfn) & (PG_HEAD | PG_TAIL)) !== 0;
  const owner = inside ? page_words[(pfn << PAGE_WORDS_SHIFT) + P_HEAD]! : pfn;
  if ((state_of(owner) & PG_STATIC) !== 0) page_fault(addr, false, `${fn}() of a static variable`);
  // The further pages of a block that is no compound page have no head, and no references of their own.
  const head = (state_of(owner) & (PG_LARGE | PG_COMPOUND)) !== 0 ? owner : pfn;
  const state = state_of(head);
  if ((state & PG_LARGE) === 0) warn_once_at('mm/slab_common.c:904', 'free_large_kmalloc', (print) => { print(`object pointer: 0x${hex8(addr)}`); });
  if (addr !== pfn_to_addr(head)) report_invalid_free(addr, 'invalid-free', fn);
  else if (!inside) report_invalid_free(addr, 'double-free', fn);
  if ((state & PG_HEAD) === 0) vm_bug_on('VM_BUG_ON_PAGE(page_ref_count(page) == 0)', head, 'include/linux/mm.h:793');
  __free_pages_ok(head, state & ORDER_MASK);
}
