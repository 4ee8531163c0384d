/**
 * Reclaim: what a sleeping allocation does when there is no memory, and kswapd, which does it ahead of time.
 * Linux: mm/vmscan.c, try_to_free_pages(), shrink_node(), balance_pgdat(), kswapd(); mm/page_alloc.c,
 * should_reclaim_retry().
 *
 * As in the Linux of the book, and unlike 6.1, direct reclaim writes dirty pages itself: that is what __GFP_FS and
 * __GFP_IO allow it.
 */
import { this_cpu } from '../../arch/cpu.js';
import { PF_KTHREAD, TASK_INTERRUPTIBLE, TASK_NEW, TASK_NORMAL, TASK_RUNNING, TASK_UNINTERRUPTIBLE } from '../../arch/task.js';
import { kernel } from '../../current.js';
import { HZ } from '../../include/linux/jiffies.js';
import { do_schedule_timeout } from '../../time/sleep.js';
import { __GFP_FS, __GFP_IO, GFP_KERNEL } from '../gfp_types.js';
import { mm } from '../mm.js';
import { drain_all_pages } from '../pages/page_alloc.js';
import { PAGEOUT_ACTIVATE, type CachedPage, drop_page, extra_refs, pageout } from '../pages/page_cache.js';
import { enter_reclaim, leave_hook } from './reclaim_chain.js';
import { shrink_slab } from './shrinker.js';

/** Pages that a run of reclaim is content with, and looks at in one go. */
const SWAP_CLUSTER_MAX = 32;
/** The first pass looks at a 4096th of what there is, the last at all of it. */
const DEF_PRIORITY = 12;
/** Runs without progress before reclaim gives up. */
const MAX_RECLAIM_RETRIES = 16;

/** Sleeps for `ticks`, or until pages have been written or come free. Context: process. */
export function throttle(ticks: number, what: string): void {
  const task = this_cpu.current;
  const { waiting } = mm.reclaim;
  waiting.push(task);
  const outer = task.waiting_for;
  task.waiting_for = what;
  task.__state = TASK_UNINTERRUPTIBLE;
  do_schedule_timeout(Math.max(1, Math.ceil(ticks)));
  task.__state = TASK_RUNNING;
  task.waiting_for = outer;
  waiting.splice(waiting.indexOf(task), 1);
}

/** There is news for those who wait for memory. Context: any. Linux: acct_reclaim_writeback(). */
export function wake_throttled(): void {
  for (const task of mm.reclaim.waiting) kernel.sched.try_to_wake_up(task, TASK_NORMAL);
}

/**
 * Direct reclaim: frees pages for the running task's allocation, and sleeps: for a tick, or until dirty pages that
 * it found have been written, a tenth of a second at most. Returns how many came free. Context: process, may sleep.
 */
export function try_to_free_pages(gfp: number, order: number): number {
  const state = mm.reclaim;
  state.allocstall++;
  enter_reclaim(gfp, order);
  const freed = shrink_zones(gfp, SWAP_CLUSTER_MAX);
  throttle(freed === 0 && state.nr_writeback > 0 ? HZ / 10 : 1, `reclaim (order:${order})`);
  leave_hook();
  state.pgsteal_direct += freed;
  if (freed > 0) state.kswapd_failures = 0;
  return freed;
}

/** Whether another run of direct reclaim could help, after `futile` that did not. */
export function should_reclaim_retry(gfp: number, futile: number): boolean {
  if (futile === 0) return true;
  if (futile > MAX_RECLAIM_RETRIES) return false;
  if (mm.reclaim.nr_writeback > 0) return true;
  for (const page of mm.reclaim.lru.values()) if (!page.dirty || may_write(page, gfp)) return true;
  return false;
}

/** Frees `wanted` pages or what there is. Linux: do_try_to_free_pages(). */
function shrink_zones(gfp: number, wanted: number): number {
  const before = mm.pages_freed;
  for (const cache of mm.caches) if (cache !== null) cache.shrink();
  let freed = mm.pages_freed - before;
  for (let priority = DEF_PRIORITY; priority >= 0 && freed < wanted; priority--) {
    freed += shrink_lru(gfp, priority);
    const earlier = mm.pages_freed;
    if (shrink_slab(gfp, priority) > 0) for (const cache of mm.caches) if (cache !== null) cache.shrink();
    freed += mm.pages_freed - earlier;
  }
  return freed;
}

/** Whether an allocation with these flags may have the page written. Linux: may_enter_fs(). */
function may_write(page: CachedPage, gfp: number): boolean {
  if ((gfp & __GFP_IO) === 0) return false;
  // A page of the device itself has no filesystem above it, as a page of swap has none.
  return (gfp & __GFP_FS) !== 0 || page.mapping.bdev !== null;
}

/** Linux: shrink_inactive_list(), shrink_folio_list(). Returns pages freed. */
function shrink_lru(gfp: number, priority: number): number {
  const { lru } = mm.reclaim;
  const to_scan = Math.max(lru.size >>> priority, Math.min(lru.size, SWAP_CLUSTER_MAX));
  if (to_scan === 0) return 0;
  const batch: CachedPage[] = [];
  for (const page of lru.values()) {
    if (batch.length === to_scan) break;
    batch.push(page);
  }
  let freed = 0;
  for (const page of batch) {
    // What was called for an earlier page may have slept.
    if (lru.get(page.pfn) !== page) continue;
    if (page.locked || page.writeback || page.referenced || extra_refs(page) > 0) rotate(page);
    else if (!page.dirty) {
      drop_page(page);
      freed++;
    } else if (may_write(page, gfp) && pageout(page) !== PAGEOUT_ACTIVATE && lru.get(page.pfn) === page) rotate(page);
  }
  return freed;
}

/** To the end of the list: it is looked at again last. */
function rotate(page: CachedPage): void {
  page.referenced = false;
  const { lru } = mm.reclaim;
  lru.delete(page.pfn);
  lru.set(page.pfn, page);
}

/** A zone up to `highest` has fallen below its low mark. Context: any. */
export function wakeup_kswapd(highest: number): void {
  const state = mm.reclaim;
  if (state.kswapd_failures >= MAX_RECLAIM_RETRIES || is_balanced(highest)) return;
  state.kswapd_wanted = true;
  state.kswapd ??= kernel.sched.create_task('kswapd0', PF_KTHREAD, kswapd);
  if (state.kswapd.__state === TASK_NEW) kernel.sched.wake_up_new_task(state.kswapd);
  else kernel.sched.try_to_wake_up(state.kswapd, TASK_NORMAL);
}

/** Whether every zone has what its high mark asks for. Linux: pgdat_balanced(), which is content with one zone. */
function is_balanced(highest: number): boolean {
  return mm.zones.every((zone) => zone.index > highest || zone.pages === 0 || zone.free_pages >= zone.high);
}

/** The thread: sleeps until it is wanted, then frees pages up to the high marks. */
function kswapd(): number {
  const state = mm.reclaim;
  const task = this_cpu.current;
  for (;;) {
    while (!state.kswapd_wanted) {
      task.waiting_for = 'a zone below its low mark';
      task.__state = TASK_INTERRUPTIBLE;
      kernel.sched.schedule();
    }
    state.kswapd_wanted = false;
    task.waiting_for = '';
    balance_pgdat();
  }
}

function balance_pgdat(): void {
  const state = mm.reclaim;
  state.pageoutrun++;
  for (const zone of mm.zones) zone.pcp.reclaim_active = true;
  while (!is_balanced(mm.zones.length - 1) && state.kswapd_failures < MAX_RECLAIM_RETRIES) {
    drain_all_pages();
    enter_reclaim(GFP_KERNEL, 0);
    const freed = shrink_zones(GFP_KERNEL, SWAP_CLUSTER_MAX);
    leave_hook();
    state.pgsteal_kswapd += freed;
    if (freed > 0) {
      state.kswapd_failures = 0;
      wake_throttled();
    } else if (state.nr_writeback > 0) throttle(HZ / 10, 'writeback');
    else state.kswapd_failures++;
    kernel.sched.schedule();
  }
  for (const zone of mm.zones) zone.pcp.reclaim_active = false;
}
