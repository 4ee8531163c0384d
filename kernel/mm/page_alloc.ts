/**
 * Blocks of pages: zones by preference, watermarks, reserves, failure. Linux: mm/page_alloc.c, __alloc_pages(),
 * get_page_from_freelist(), __alloc_pages_slowpath(), __free_pages().
 *
 * Functions that begin with `__alloc` or `__free` here are for the kernel itself: no preemption point, no check of
 * the context. Modules call the face in page_api.ts.
 */
import { this_cpu } from '../arch/cpu.js';
import { panic, report } from '../debug/report.js';
import {
  __GFP_ATOMIC,
  __GFP_COMP,
  __GFP_DIRECT_RECLAIM,
  __GFP_HIGH,
  __GFP_KSWAPD_RECLAIM,
  __GFP_MEMALLOC,
  __GFP_NOFAIL,
  __GFP_NOMEMALLOC,
  __GFP_NORETRY,
  __GFP_NOWARN,
  __GFP_ZERO,
  gfp_zone,
} from './gfp_types.js';
import { dump_page, print_page_tracks } from './debug_page.js';
import { MAX_ORDER, PAGE_SHIFT, PAGE_SIZE } from './layout.js';
import { mm } from './mm.js';
import { ORDER_MASK, cache_number, P_STATE, PG_COMPOUND, PG_HEAD, PG_STATIC, PG_TAIL, state_of } from './page.js';
import { meta, META_SHIFT, page_words, PAGE_WORDS_SHIFT, ram, u32 } from './ram.js';
import { reclaim, wakeup_kswapd } from './reclaim.js';
import { page_record, record_alloc, record_free } from './record.js';
import { KASAN_PAGE_FREE, poison, unpoison } from './shadow.js';
import { format_gfp } from './show_gfp.js';
import { show_mem, warn_alloc } from './show_mem.js';
import { warn_once_at } from './warn.js';
import type { Zone } from './zone.js';

/** How often a sleeping allocation that makes progress tries again. Linux: MAX_RECLAIM_RETRIES. */
const RECLAIM_RETRIES_MAX = 16;

/** Which watermark an attempt respects. */
const WMARK_NONE = 0;
const WMARK_MIN = 1;
const WMARK_LOW = 2;

/** Free pages of this zone that an attempt has to leave. Linux: __zone_watermark_ok(). */
function pages_to_leave(zone: Zone, wmark: number, gfp: number, highest: number): number {
  if (wmark === WMARK_NONE) return 0;
  let min = wmark === WMARK_MIN ? zone.min : zone.low;
  if ((gfp & __GFP_HIGH) !== 0) {
    min -= min >>> 1;
    // ALLOC_HARDER: 6.1 grants it to GFP_ATOMIC, which by the book is __GFP_HIGH without the right to sleep.
    if ((gfp & __GFP_ATOMIC) !== 0 || (gfp & __GFP_DIRECT_RECLAIM) === 0) min -= min >>> 2;
  }
  return min + zone.lowmem_reserve[highest]!;
}

/** First frame of a block from the best zone that can spare it, or -1. */
function get_page_from_freelist(gfp: number, order: number, wmark: number): number {
  const highest = gfp_zone(gfp);
  for (let i = highest; i >= 0; i--) {
    const zone = mm.zones[i]!;
    if (zone.free_pages - (1 << order) < pages_to_leave(zone, wmark, gfp, highest)) continue;
    const pfn = zone.take(order);
    if (pfn >= 0) return pfn;
  }
  return -1;
}

/** The first attempt has failed. Returns -1 where there is nothing to be had. */
function alloc_pages_slowpath(gfp: number, order: number): number {
  if ((gfp & __GFP_KSWAPD_RECLAIM) !== 0) wakeup_kswapd();
  const all = (gfp & (__GFP_MEMALLOC | __GFP_NOMEMALLOC)) === __GFP_MEMALLOC;
  for (let retries = 0; ; retries++) {
    const pfn = get_page_from_freelist(gfp, order, all ? WMARK_NONE : WMARK_MIN);
    if (pfn >= 0) return pfn;
    if ((gfp & __GFP_DIRECT_RECLAIM) === 0) return -1;
    if ((gfp & __GFP_NORETRY) !== 0 && retries > 0) return -1;
    if (retries < RECLAIM_RETRIES_MAX && reclaim(gfp, order)) continue;
    if ((gfp & __GFP_NOFAIL) === 0) return -1;
    const reserve = get_page_from_freelist(gfp | __GFP_HIGH, order, WMARK_NONE);
    if (reserve >= 0) return reserve;
    // Linux: out_of_memory() with nobody to kill.
    report('page-alloc-failure', 'Out of memory and no killable processes...', (print) => {
      print(`order=${order}, gfp_mask=${format_gfp(gfp)}: __GFP_NOFAIL never gives up, and nothing can be freed`);
      show_mem(print);
    });
    panic('System is deadlocked on memory');
  }
}

/**
 * Allocates 2^order contiguous pages and accounts `size` bytes of them to the caller; `state` is further PG_ bits.
 * Returns the first frame, or -1 after the failure report. The caller has checked its context.
 */
export function __alloc_pages(gfp: number, order: number, size: number, state: number): number {
  if (order >= MAX_ORDER) {
    if ((gfp & __GFP_NOWARN) === 0) warn_once_at('mm/page_alloc.c:5634', '__alloc_pages');
    return -1;
  }
  if (mm.should_fail_alloc_page !== null && (gfp & __GFP_NOFAIL) === 0 && mm.should_fail_alloc_page(gfp, order)) return -1;
  if ((gfp & __GFP_NOFAIL) !== 0 && order > 1) warn_once_at('mm/page_alloc.c:3891', 'get_page_from_freelist');
  let pfn = get_page_from_freelist(gfp, order, WMARK_LOW);
  if (pfn < 0) {
    pfn = alloc_pages_slowpath(gfp, order);
    if (pfn < 0) {
      warn_alloc(gfp, order);
      return -1;
    }
  }
  prep_new_page(pfn, order, gfp, state);
  record_alloc(page_record(pfn), size);
  return pfn;
}

/** Linux: post_alloc_hook(). */
function prep_new_page(pfn: number, order: number, gfp: number, state: number): void {
  for (let i = 0; i < 1 << order; i++) ram.touch_content(pfn + i);
  const bits = state | ((gfp & __GFP_COMP) !== 0 ? PG_COMPOUND : 0);
  if (bits !== 0) page_words[(pfn << PAGE_WORDS_SHIFT) + P_STATE]! |= bits;
  const start = pfn << PAGE_SHIFT;
  const bytes = PAGE_SIZE << order;
  // High memory has no address, and its shadow goes on saying so.
  if (pfn < mm.lowmem_pages) unpoison(start, bytes);
  if ((gfp & __GFP_ZERO) !== 0) u32.fill(0, start >>> 2, (start + bytes) >>> 2);
}

/** Takes back the block whose head is `pfn`. Its frames remember who had them and who freed them. */
export function __free_pages_ok(pfn: number, order: number): void {
  const record = page_record(pfn);
  record_free(record);
  for (let i = 1; i < 1 << order; i++) meta.copyWithin(page_record(pfn + i), record, record + (1 << META_SHIFT));
  poison(pfn << PAGE_SHIFT, PAGE_SIZE << order, KASAN_PAGE_FREE);
  mm.zone_of(pfn).give(pfn, order);
}

/** A block that is freed is not what it should be: nothing is freed. Linux: bad_page(). */
export function bad_page(pfn: number, reason: string): void {
  report('bad-page', `BUG: Bad page state in process ${this_cpu.current.comm}  pfn:${pfn.toString(16).padStart(5, '0')}`, (print) => {
    dump_page(print, pfn, reason);
    print_page_tracks(print, pfn);
  });
}

/**
 * Frees the block that begins at frame `pfn`, checking that it is one and that the order is the one it was
 * allocated with.
 */
export function free_block(pfn: number, order: number): void {
  const state = state_of(pfn);
  if ((state & PG_HEAD) === 0) {
    bad_page(pfn, (state & PG_TAIL) !== 0 ? 'free of a page inside of a larger block' : 'nonzero _refcount: the page is free already');
    return;
  }
  if (cache_number(pfn) !== 0 || (state & PG_STATIC) !== 0) {
    bad_page(pfn, (state & PG_STATIC) !== 0 ? 'the page holds static data' : 'PAGE_FLAGS_CHECK_AT_FREE flag(s) set: slab');
    return;
  }
  if ((state & ORDER_MASK) !== order) {
    bad_page(pfn, `freed with order ${order}, allocated with order ${state & ORDER_MASK}`);
    return;
  }
  __free_pages_ok(pfn, order);
}
