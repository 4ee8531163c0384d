/**
 * The page cache: pages that hold what is on a disk. Linux: mm/filemap.c, include/linux/pagemap.h; struct
 * address_space of include/linux/fs.h; pageout() of mm/vmscan.c.
 *
 * The pages are pages of the machine; what Linux keeps of them in `struct page` and in the mapping's tree is kept
 * beside them. The cache has a reference to each of its pages, and who looks one up has another.
 */
import { this_cpu } from '../../arch/cpu.js';
import { TASK_NORMAL, TASK_RUNNING, TASK_UNINTERRUPTIBLE, type task_struct } from '../../arch/task.js';
import { kernel } from '../../current.js';
import { report } from '../../debug/report.js';
import type { block_device } from '../../drivers/block/block_device.js';
import { call_module } from '../../module/call.js';
import { mm } from '../mm.js';
import { P_EXTRA_REFS, pfn_to_page } from './page.js';
import { __free_pages_ok } from './page_alloc.js';
import { IN_WRITEPAGE } from '../memalloc.js';
import type { Page } from '../pointer.js';
import { page_words, PAGE_WORDS_SHIFT } from '../ram.js';
import { enter_hook, leave_hook } from '../reclaim/reclaim_chain.js';
import { wake_throttled } from '../reclaim/vmscan.js';

/** From writepage(): the page is locked and dirty still; reclaim leaves it alone for now. */
export const AOP_WRITEPAGE_ACTIVATE = 0x80000;
export const WB_SYNC_NONE = 0;
export const WB_SYNC_ALL = 1;

/** Why a page is to be written. Linux: include/linux/writeback.h. */
export interface writeback_control {
  readonly sync_mode: number;
  nr_to_write: number;
  readonly for_reclaim: boolean;
}

/** What a filesystem does for its pages. Linux: include/linux/fs.h. */
export interface address_space_operations {
  /**
   * Writes a page, which is locked and counts as clean from here on: set_page_writeback(), unlock_page(), start the
   * I/O, and end_page_writeback() when it is done. Returns 0, AOP_WRITEPAGE_ACTIVATE or a negative errno.
   * Context: process, may sleep; must not allocate with __GFP_FS.
   */
  readonly writepage: (page: Page, wbc: writeback_control) => number;
}

/** The cached pages of one file. Linux: struct address_space. */
export class address_space {
  readonly name: string;
  readonly a_ops: address_space_operations;
  /** Whose it is, for the filesystem's own use. */
  readonly host: unknown;
  /** The device, where the pages are the device's own. */
  readonly bdev: block_device | null;
  readonly pages = new Map<number, CachedPage>();
  /** The first error of a write since the last wait for writes. */
  wb_err = 0;

  constructor(name: string, a_ops: address_space_operations, host: unknown, bdev: block_device | null = null) {
    this.name = name;
    this.a_ops = a_ops;
    this.host = host;
    this.bdev = bdev;
  }
}

export class CachedPage {
  readonly pfn: number;
  readonly mapping: address_space;
  readonly index: number;
  locked = true;
  dirty = false;
  writeback = false;
  uptodate = false;
  /** Looked up since reclaim saw it last. */
  referenced = false;
  /** Tasks that wait for the lock or for the end of the write. */
  readonly waiters: task_struct[] = [];

  constructor(pfn: number, mapping: address_space, index: number) {
    this.pfn = pfn;
    this.mapping = mapping;
    this.index = index;
  }
}

/** References that are not the cache's. */
export function extra_refs(page: CachedPage): number {
  return page_words[(page.pfn << PAGE_WORDS_SHIFT) + P_EXTRA_REFS]!;
}

/** A fresh page joins the cache, locked. */
export function add_to_page_cache(pfn: number, mapping: address_space, index: number): CachedPage {
  const page = new CachedPage(pfn, mapping, index);
  mapping.pages.set(index, page);
  mm.reclaim.lru.set(pfn, page);
  return page;
}

/** Takes a page out of the cache, which lets go of it; the last one frees it. */
export function drop_page(page: CachedPage): void {
  set_dirty(page, false);
  page.mapping.pages.delete(page.index);
  mm.reclaim.lru.delete(page.pfn);
  if (extra_refs(page) > 0) page_words[(page.pfn << PAGE_WORDS_SHIFT) + P_EXTRA_REFS]!--;
  else __free_pages_ok(page.pfn, 0);
}

export function set_dirty(page: CachedPage, dirty: boolean): void {
  if (page.dirty === dirty) return;
  page.dirty = dirty;
  mm.reclaim.nr_dirty += dirty ? 1 : -1;
}

export function set_writeback(page: CachedPage, writeback: boolean): void {
  if (page.writeback === writeback) return;
  page.writeback = writeback;
  mm.reclaim.nr_writeback += writeback ? 1 : -1;
  if (writeback) return;
  wake_page(page);
  wake_throttled();
}

/** Linux: wake_up_page_bit(). */
export function wake_page(page: CachedPage): void {
  for (const task of page.waiters) kernel.sched.try_to_wake_up(task, TASK_NORMAL);
}

/** Sleeps while the page is locked or being written, as `blocked` says. Context: process. */
export function wait_on_page(page: CachedPage, what: string, blocked: () => boolean): void {
  const task = this_cpu.current;
  const outer = task.waiting_for;
  task.waiting_for = `${what} of page ${page.index} of ${page.mapping.name}`;
  page.waiters.push(task);
  while (blocked()) {
    task.__state = TASK_UNINTERRUPTIBLE;
    kernel.sched.schedule();
  }
  task.__state = TASK_RUNNING;
  task.waiting_for = outer;
  page.waiters.splice(page.waiters.indexOf(task), 1);
}

/** Calls a mapping's writepage() for a page that is locked and dirty. Returns what it returned. */
export function call_writepage(page: CachedPage, wbc: writeback_control): number {
  const { mapping } = page;
  const fn = mapping.a_ops.writepage;
  set_dirty(page, false);
  // The device's own pages are written by no filesystem.
  enter_hook(mapping.bdev === null ? IN_WRITEPAGE : 0, { what: `${fn.name}() of ${mapping.name}, page ${page.index}`, fn });
  const ret = call_module(fn, [pfn_to_page(page.pfn), wbc], (name, now, then) => {
    report('context-imbalance', `WARNING: ${name} returned with preempt_count ${now.preempt_count.toString(16)}, entered with ${then.preempt_count.toString(16)}`);
  });
  leave_hook();
  wbc.nr_to_write--;
  if (ret === AOP_WRITEPAGE_ACTIVATE) {
    set_dirty(page, true);
    page.locked = false;
    wake_page(page);
  } else if (typeof ret === 'number' && ret < 0) mapping.wb_err ||= ret;
  return typeof ret === 'number' ? ret : 0;
}

export const PAGEOUT_SUCCESS = 0;
export const PAGEOUT_ACTIVATE = 1;

/** Reclaim has a dirty page written. Linux: pageout(). */
export function pageout(page: CachedPage): number {
  page.locked = true;
  const ret = call_writepage(page, { sync_mode: WB_SYNC_NONE, nr_to_write: 1, for_reclaim: true });
  return ret === AOP_WRITEPAGE_ACTIVATE ? PAGEOUT_ACTIVATE : PAGEOUT_SUCCESS;
}
