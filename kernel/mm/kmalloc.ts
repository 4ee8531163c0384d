/**
 * kmalloc() and kfree(). Linux: mm/slab_common.c (kmalloc_slab(), kfree(), free_large_kmalloc()), mm/slub.c
 * (slab_alloc_node()), mm/slab.h (slab_pre_alloc_hook(), slab_post_alloc_hook()).
 */
import { point } from '../arch/point.js';
import { report } from '../debug/report.js';
import { might_alloc } from '../sched/might_sleep.js';
import { as_size, check_gfp, shown } from './arguments.js';
import { __GFP_COMP, __GFP_DMA, __GFP_NOFAIL, __GFP_ZERO, GFP_SLAB_BUG_MASK } from './gfp_types.js';
import { report_invalid_free, report_page_fault } from './kasan_report.js';
import { get_order, MAX_ORDER, PAGE_OFFSET, PAGE_SHIFT, PAGE_SIZE, ZERO_SIZE_PTR } from './layout.js';
import { mm } from './mm.js';
import { ORDER_MASK, P_HEAD, P_SLAB, pfn_to_addr, PG_HEAD, PG_LARGE, PG_STATIC, PG_TAIL, SLAB_CACHE_SHIFT, SLAB_HEAD_MASK, state_of } from './page.js';
import { __alloc_pages, __free_pages_ok } from './page_alloc.js';
import type { Ptr, Size } from './pointer.js';
import { lowmem_bytes, page_words, PAGE_WORDS_SHIFT, shadow, u32 } from './ram.js';
import { record_alloc, record_free, record_of } from './record.js';
import { KASAN_PAGE_REDZONE, poison, poison_freed, unpoison_object } from './shadow.js';
import { KmemCache } from './slab_cache.js';
import { gfp_hex, gfp_names } from './show_gfp.js';
import { warn_once_at } from './warn.js';

/** Larger objects are blocks of pages. Linux: KMALLOC_MAX_CACHE_SIZE of SLUB. */
export const KMALLOC_MAX_CACHE_SIZE = 2 * PAGE_SIZE;
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

/** The cache of a size class, built at first use. Linux: create_kmalloc_caches(). */
function build_kmalloc_cache(number: number, dma: boolean): KmemCache {
  const bytes = CLASS_BYTES[number]!;
  const name = `${dma ? 'dma-' : ''}kmalloc-${bytes >= 1024 ? `${bytes / 1024}k` : bytes}`;
  // Sizes that are powers of two are aligned to themselves (since Linux 5.4).
  const align = (bytes & (bytes - 1)) === 0 ? bytes : 8;
  const cache = new KmemCache(name, bytes, align, dma ? __GFP_DMA : 0);
  (dma ? mm.kmalloc_dma : mm.kmalloc_normal)[number] = cache;
  return cache;
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
  if (size >>> 0 !== size || size > KMALLOC_MAX_CACHE_SIZE || size === 0 || (gfp | 0) !== gfp || (gfp & SLOW_FLAGS) !== 0) {
    return kmalloc_slow(size, gfp) as Ptr | null;
  }
  const cache = mm.kmalloc_normal[class_of(size)];
  const addr = slab_alloc(cache ?? build_kmalloc_cache(class_of(size), false), size, gfp);
  return addr === 0 ? null : (addr as Ptr);
}

/** kmalloc() and memory that is all zeros. */
export function kzalloc<T>(size: Size<T>, gfp: number): Ptr<T> | null;
export function kzalloc<T = unknown>(size: number, gfp: number): Ptr<T> | null;
export function kzalloc(size: number, gfp: number): Ptr | null {
  return kmalloc(size, gfp | __GFP_ZERO);
}

/** Takes an object out of a cache, checks and accounts it. Returns 0 where there is none. */
export function slab_alloc(cache: KmemCache, size: number, gfp: number): number {
  might_alloc(gfp);
  if (mm.should_failslab !== null && (gfp & __GFP_NOFAIL) === 0 && mm.should_failslab(size, gfp)) return 0;
  const addr = cache.take(gfp);
  if (addr === 0) return 0;
  const offset = addr - PAGE_OFFSET;
  const record = record_of(offset);
  record_alloc(record, size, mm.seq++);
  unpoison_object(offset, cache.object_size, size);
  if ((gfp & __GFP_ZERO) !== 0) zero(offset, cache.object_size);
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
  const dma = (flags & __GFP_DMA) !== 0;
  const number = class_of(bytes);
  const cache = (dma ? mm.kmalloc_dma : mm.kmalloc_normal)[number] ?? build_kmalloc_cache(number, dma);
  const addr = slab_alloc(cache, bytes, flags);
  return addr === 0 ? null : addr;
}

/**
 * Linux: kmalloc_fix_flags(). There it speaks only when a slab has to be allocated; here at every call, so that it
 * does not depend on what was allocated before.
 */
function kmalloc_fix_flags(gfp: number): number {
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
  point();
  free_object(p, 'kfree');
}

/** The work of kfree(); `fn` is who is to be named in a report. */
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
  if (shadow[offset >>> 3]! < 0) {
    report_invalid_free(addr, 'double-free', fn);
    return;
  }
  poison_freed(offset, cache.object_size);
  record_free(record_of(offset));
  cache.give(addr, slab);
}

/** Not in lowmem: null and ZERO_SIZE_PTR, or a wild pointer. */
function free_elsewhere(p: unknown, fn: string): void {
  if (p === null || p === 0 || p === ZERO_SIZE_PTR) return;
  if (typeof p !== 'number') throw new TypeError(`${fn}: expected a pointer or null, got ${shown(p)}`);
  report_page_fault(p, `${fn}() of a pointer that kmalloc() did not give`);
}

/** Linux: free_large_kmalloc(), ____kasan_kfree_large(). */
function free_large_kmalloc(offset: number, fn: string): void {
  const pfn = offset >>> PAGE_SHIFT;
  const state = state_of(pfn);
  const addr = PAGE_OFFSET + offset;
  if ((state & (PG_HEAD | PG_TAIL)) !== 0) {
    const head = page_words[(pfn << PAGE_WORDS_SHIFT) + P_HEAD]!;
    const head_state = state_of(head);
    if ((head_state & PG_STATIC) !== 0) {
      report_page_fault(addr, `${fn}() of a static variable`);
      return;
    }
    if ((head_state & PG_LARGE) !== 0) {
      if (addr === pfn_to_addr(head)) __free_pages_ok(head, head_state & ORDER_MASK);
      else report_invalid_free(addr, 'invalid-free', fn);
      return;
    }
  }
  warn_once_at('mm/slab_common.c:904', 'free_large_kmalloc', (print) => print(`object pointer: 0x${addr.toString(16)}`));
  if ((offset & (PAGE_SIZE - 1)) !== 0) report_invalid_free(addr, 'invalid-free', fn);
  else if ((state & PG_HEAD) === 0) report_invalid_free(addr, (state & PG_TAIL) === 0 ? 'double-free' : 'invalid-free', fn);
  else __free_pages_ok(pfn, state & ORDER_MASK);
}

