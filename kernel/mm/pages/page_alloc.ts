/**
 * Blocks of pages: zones by preference, watermarks, reserves, failure. Linux: mm/page_alloc.c, __alloc_pages(),
 * get_page_from_freelist(), __alloc_pages_slowpath(), __free_pages().
 *
 * Functions that begin with `__alloc` or `__free` here are for the kernel itself: no preemption point, no check of
 * the context. Modules call the face in page_api.ts.
 */
import { this_cpu } from '../../arch/cpu.js';
import { report } from '../../debug/report.js';
import { HZ } from '../../include/linux/jiffies.js';
import { in_interrupt } from '../../include/linux/preempt.js';
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
  __GFP_RETRY_MAYFAIL,
  __GFP_ZERO,
  gfp_zone,
} from '../gfp_types.js';
import { free_hook } from '../slab/free_hook.js';
import { dump_page, print_page_tracks } from './debug_page.js';
import { MAX_ORDER, PAGE_ALLOC_COSTLY_ORDER, PAGE_SHIFT, PAGE_SIZE } from '../layout.js';
import { kmsan_alloc } from '../kasan/kmsan.js';
import { current_gfp_context, PF_MEMALLOC } from '../memalloc.js';
import { mm } from '../mm.js';
import { ORDER_MASK, cache_number, P_STATE, pfn_to_addr, PG_COMPOUND, PG_HEAD, PG_STATIC, PG_TAIL, state_of } from './page.js';
import { initialised, meta, META_SHIFT, page_words, PAGE_WORDS_SHIFT, ram, u32 } from '../ram.js';
import { out_of_memory } from '../reclaim/oom_kill.js';
import { drain_quarantine } from '../kasan/quarantine.js';
import { page_record, record_alloc, record_free } from '../kasan/record.js';
import { KASAN_PAGE_FREE, poison, unpoison } from '../kasan/shadow.js';
import { warn_alloc } from './show_mem.js';
import { should_reclaim_retry, throttle, try_to_free_pages, wakeup_kswapd } from '../reclaim/vmscan.js';
import { warn_once_at } from '../warn.js';
import type { Zone } from './zone.js';

/** Which watermark an attempt respects. */
const WMARK_NONE = 0;
const WMARK_MIN = 1;
const WMARK_LOW = 2;

/** Rounds of a tenth of a second in which nobody frees a page, before a __GFP_NOFAIL allocation stops the machine. */
const OOM_PATIENCE_ROUNDS = 100;

/** Free pages of this zone that an attempt has to leave. Linux: __zone_watermark_ok(). */
function pages_to_leave(zone: Zone, wmark: number, gfp: number, highest: number): number {
  if (wmark === WMARK_NONE) return 0;
  // The first attempt is the same for all: who falls below the low mark wakes kswapd.
  if (wmark === WMARK_LOW) return zone.low + zone.lowmem_reserve[highest]!;
  let { min } = zone;
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
    if (zone.nr_free - (1 << order) < pages_to_leave(zone, wmark, gfp, highest)) continue;
    const cpu = this_cpu.id;
    const pfn = order === 0 && cpu >= 0 ? zone.pcp.take(cpu) : zone.take(order);
    if (pfn >= 0) return pfn;
  }
  return -1;
}

/** What the CPUs keep goes back to the zones. Linux: drain_all_pages(). */
export function drain_all_pages(): void {
  for (const { pcp } of mm.zones) for (let cpu = 0; cpu < mm.cpus; cpu++) pcp.drain(cpu);
}

/** Linux: gfp_pfmemalloc_allowed(). */
function may_use_all(gfp: number): boolean {
  if ((gfp & __GFP_NOMEMALLOC) !== 0) return false;
  if ((gfp & __GFP_MEMALLOC) !== 0) return true;
  return in_interrupt() === 0 && (this_cpu.current.memalloc_flags & PF_MEMALLOC) !== 0;
}

/** The first attempt has failed. Returns -1 where there is nothing to be had. */
function alloc_pages_slowpath(gfp: number, order: number): number {
  // By the book's equality GFP_ATOMIC has no bit for it, but in 6.1 it has, and in the book's Linux all had.
  if ((gfp & __GFP_KSWAPD_RECLAIM) !== 0 || ((gfp & __GFP_HIGH) !== 0 && (gfp & __GFP_DIRECT_RECLAIM) === 0)) wakeup_kswapd(gfp_zone(gfp));
  const attempt = (): number => {
    // Unlike Linux, which cannot from atomic context: an allocation does not fail while free pages lie with a CPU.
    drain_all_pages();
    drain_quarantine();
    return get_page_from_freelist(gfp, order, may_use_all(gfp) ? WMARK_NONE : WMARK_MIN);
  };
  const pfn = attempt();
  if (pfn >= 0 || (gfp & __GFP_DIRECT_RECLAIM) === 0) return pfn;
  const nofail = (gfp & __GFP_NOFAIL) !== 0;
  // Whoever frees memory does not wait for memory to be freed.
  if ((this_cpu.current.memalloc_flags & PF_MEMALLOC) !== 0) return nofail ? wait_for_memory(gfp, order, attempt) : -1;
  for (let futile = 0; ; ) {
    const progress = try_to_free_pages(gfp, order) > 0;
    const found = attempt();
    if (found >= 0) return found;
    if ((gfp & __GFP_NORETRY) !== 0) return -1;
    if (order > PAGE_ALLOC_COSTLY_ORDER && (gfp & (__GFP_RETRY_MAYFAIL | __GFP_NOFAIL)) === 0) return -1;
    futile = progress && order <= PAGE_ALLOC_COSTLY_ORDER ? 0 : futile + 1;
    if (should_reclaim_retry(gfp, futile)) continue;
    return nofail ? wait_for_memory(gfp, order, attempt) : -1;
  }
}

/** __GFP_NOFAIL, and reclaim has given up: the last page there is, or what others free. */
function wait_for_memory(gfp: number, order: number, attempt: () => number): number {
  let freed = mm.pages_freed;
  for (let futile = 0; futile < OOM_PATIENCE_ROUNDS; futile++) {
    const pfn = attempt();
    if (pfn >= 0) return pfn;
    const reserve = get_page_from_freelist(gfp, order, WMARK_NONE);
    if (reserve >= 0) return reserve;
    throttle(HZ / 10, `memory (order:${order}, __GFP_NOFAIL)`);
    if (mm.pages_freed !== freed) futile = 0;
    freed = mm.pages_freed;
  }
  return out_of_memory(gfp, order);
}

/**
 * Allocates 2^order contiguous pages and accounts `size` bytes of them to the caller; `state` is further PG_ bits.
 * Returns the first frame, or -1 after the failure report. The caller has checked its context.
 */
export function __alloc_pages(flags: number, order: number, size: number, state: number): number {
  if (order >= MAX_ORDER) {
    if ((flags & __GFP_NOWARN) === 0) warn_once_at('mm/page_alloc.c:5634', '__alloc_pages');
    return -1;
  }
  const gfp = current_gfp_context(flags);
  if (mm.should_fail_alloc_page !== null && ((gfp & __GFP_NOFAIL) | (state & PG_STATIC)) === 0 && mm.should_fail_alloc_page(gfp, order, size)) return -1;
  if ((gfp & __GFP_NOFAIL) !== 0) check_nofail(gfp, order);
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
  if (initialised !== null && pfn < mm.lowmem_pages) {
    // Slabs and static data see to their own.
    kmsan_alloc(pfn << PAGE_SHIFT, PAGE_SIZE << order, (gfp & __GFP_ZERO) !== 0 || size === 0 || (state & PG_STATIC) !== 0);
  }
  return pfn;
}

/** Who cannot wait must not say that it cannot fail. In Linux the second warning comes only when memory is short. */
function check_nofail(gfp: number, order: number): void {
  if (order > 1) warn_once_at('mm/page_alloc.c:3891', 'get_page_from_freelist');
  if ((gfp & __GFP_DIRECT_RECLAIM) === 0) warn_once_at('mm/page_alloc.c:5207', '__alloc_pages_slowpath');
}

/** Linux: post_alloc_hook(). */
function prep_new_page(pfn: number, order: number, gfp: number, state: number): void {
  for (let i = 0; i < 1 << order; i++) ram.touch_content(pfn + i);
  const bits = state | (order > 0 && (gfp & __GFP_COMP) !== 0 ? PG_COMPOUND : 0);
  if (bits !== 0) page_words[(pfn << PAGE_WORDS_SHIFT) + P_STATE]! |= bits;
  const start = pfn << PAGE_SHIFT;
  const bytes = PAGE_SIZE << order;
  // High memory has no address, and its shadow goes on saying so. Who keeps static data says what of it is whose.
  if (pfn < mm.lowmem_pages && (state & PG_STATIC) === 0) unpoison(start, bytes);
  if ((gfp & __GFP_ZERO) !== 0) u32.fill(0, start >>> 2, (start + bytes) >>> 2);
}

/** Takes back the block whose head is `pfn`. Its frames remember who had them and who freed them. */
export function __free_pages_ok(pfn: number, order: number): void {
  // High memory has no address of its own: vfree() looks at what it mapped.
  if (pfn < mm.lowmem_pages) free_hook(pfn_to_addr(pfn), PAGE_SIZE << order);
  const record = page_record(pfn);
  record_free(record);
  for (let i = 1; i < 1 << order; i++) meta.copyWithin(page_record(pfn + i), record, record + (1 << META_SHIFT));
  poison(pfn << PAGE_SHIFT, PAGE_SIZE << order, KASAN_PAGE_FREE);
  mm.pages_freed += 1 << order;
  const zone = mm.zone_of(pfn);
  const cpu = this_cpu.id;
  if (order === 0 && cpu >= 0) zone.pcp.give(cpu, pfn);
  else zone.give(pfn, order);
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
