/** The page cache as modules use it. Linux: mm/filemap.c, include/linux/pagemap.h, include/linux/page-flags.h. */
import { point } from '../../arch/point.js';
import { kernel_bug } from '../../debug/fault.js';
import { report } from '../../debug/report.js';
import { EIO } from '../../include/linux/errno.js';
import { note_callback } from '../../module/owner.js';
import { might_alloc, might_sleep_at } from '../../sched/might_sleep.js';
import { as_size } from '../arguments.js';
import { dump_page, vm_bug_on } from './debug_page.js';
import { PAGE_SIZE } from '../layout.js';
import { mm } from '../mm.js';
import { P_EXTRA_REFS, page_to_pfn, pfn_to_page } from './page.js';
import { __alloc_pages } from './page_alloc.js';
import { add_to_page_cache, address_space, type address_space_operations, type CachedPage, call_writepage, drop_page, set_dirty, set_writeback, wait_on_page, wake_page, WB_SYNC_ALL } from './page_cache.js';
import type { Page } from '../pointer.js';
import { page_words, PAGE_WORDS_SHIFT } from '../ram.js';

/**
 * The pages of one file: `const mapping = DEFINE_ADDRESS_SPACE('toyfs', { writepage }, inode)`. In C it is embedded
 * in the inode. Context: process, module load as a rule.
 */
export function DEFINE_ADDRESS_SPACE(name: string, a_ops: address_space_operations, host: unknown = null): address_space {
  point();
  note_callback(a_ops.writepage);
  return new address_space(name, a_ops, host);
}

/** What the cache knows of a page; null, after a report, where it is not in the cache. */
function cached(fn: string, page: Page): CachedPage | null {
  const pfn = page_to_pfn(page);
  const found = mm.reclaim.lru.get(pfn);
  if (found !== undefined) return found;
  report('bad-page', `page dumped because: VM_BUG_ON_PAGE(!page->mapping) in ${fn}()`, (print) => {
    if (pfn >= 0 && pfn < mm.ram.pages) dump_page(print, pfn, 'it is not, or no longer, in the page cache');
  });
  return null;
}

function get(page: CachedPage): Page {
  page.referenced = true;
  page_words[(page.pfn << PAGE_WORDS_SHIFT) + P_EXTRA_REFS]!++;
  return pfn_to_page(page.pfn);
}

/** A page of the file, with a reference that put_page() lets go of, or null where it is not cached. Context: any. */
export function find_get_page(mapping: address_space, index: number): Page | null {
  point();
  const page = mapping.pages.get(as_size('find_get_page', 'index', index));
  return page === undefined ? null : get(page);
}

/**
 * As find_get_page(), locked, and added where it was missing: its content is then whatever was in the memory. Null
 * where there is no memory. Context: process, may sleep.
 */
export function find_or_create_page(mapping: address_space, index: number, gfp: number): Page | null {
  point();
  might_alloc(gfp);
  as_size('find_or_create_page', 'index', index);
  for (;;) {
    const page = mapping.pages.get(index);
    if (page !== undefined) {
      const found = get(page);
      lock(page);
      return found;
    }
    const pfn = __alloc_pages(gfp, 0, PAGE_SIZE, 0);
    if (pfn < 0) return null;
    // The allocation may have slept, and another been faster.
    if (!mapping.pages.has(index)) return get(add_to_page_cache(pfn, mapping, index));
    drop_page(new_unlisted(pfn, mapping));
  }
}

/** A page that lost the race: it goes as a page of the cache goes, from a mapping of its own. */
function new_unlisted(pfn: number, mapping: address_space): CachedPage {
  return add_to_page_cache(pfn, new address_space(mapping.name, mapping.a_ops, null), 0);
}

function lock(page: CachedPage): void {
  if (page.locked) wait_on_page(page, 'the lock', () => page.locked);
  page.locked = true;
}

/** Sleeps until nobody has the page locked, and locks it. Context: process, may sleep. */
export function lock_page(page: Page): void {
  point();
  might_sleep_at('include/linux/pagemap.h:1029');
  const found = cached('lock_page', page);
  if (found !== null) lock(found);
}

/** Locks the page if it is not locked: 1, else 0. Context: any. */
export function trylock_page(page: Page): number {
  point();
  const found = cached('trylock_page', page);
  if (found === null || found.locked) return 0;
  found.locked = true;
  return 1;
}

/** Context: any. */
export function unlock_page(page: Page): void {
  point();
  const found = cached('unlock_page', page);
  if (found === null) return;
  if (!found.locked) vm_bug_on('VM_BUG_ON_FOLIO(!folio_test_locked(folio))', found.pfn, 'mm/filemap.c:1531');
  found.locked = false;
  wake_page(found);
}

/** The page holds what is to be on the disk: it is written before its memory is used for something else. Context: any. */
export function set_page_dirty(page: Page): void {
  point();
  const found = cached('set_page_dirty', page);
  if (found !== null) set_dirty(found, true);
}

/** The page is being written from here to end_page_writeback(). Context: process. */
export function set_page_writeback(page: Page): void {
  point();
  const found = cached('set_page_writeback', page);
  if (found !== null) set_writeback(found, true);
}

/** The page has been written: those who wait for it, and for memory, go on. Context: any. */
export function end_page_writeback(page: Page): void {
  point();
  const found = cached('end_page_writeback', page);
  if (found === null) return;
  if (!found.writeback) kernel_bug('mm/filemap.c:1617');
  set_writeback(found, false);
  wake_page(found);
}

/** Sleeps until the page has been written. Context: process, may sleep. */
export function wait_on_page_writeback(page: Page): void {
  point();
  might_sleep_at('mm/page-writeback.c:3013');
  const found = cached('wait_on_page_writeback', page);
  if (found?.writeback === true) wait_on_page(found, 'the write', () => found.writeback);
}

function flag(fn: string, page: Page, of: (page: CachedPage) => boolean): number {
  point();
  const found = cached(fn, page);
  return +(found !== null && of(found));
}

export const PageDirty = (page: Page): number => flag('PageDirty', page, (found) => found.dirty);
export const PageLocked = (page: Page): number => flag('PageLocked', page, (found) => found.locked);
export const PageUptodate = (page: Page): number => flag('PageUptodate', page, (found) => found.uptodate);
export const PageWriteback = (page: Page): number => flag('PageWriteback', page, (found) => found.writeback);

/** The page's content is valid. Context: any. */
export function SetPageUptodate(page: Page): void {
  point();
  const found = cached('SetPageUptodate', page);
  if (found !== null) found.uptodate = true;
}

/** Number of the page in its file. Context: any. */
export function page_index(page: Page): number {
  point();
  return cached('page_index', page)?.index ?? 0;
}

/** The file that the page belongs to, or null. Context: any. */
export function page_mapping(page: Page): address_space | null {
  point();
  return mm.reclaim.lru.get(page_to_pfn(page))?.mapping ?? null;
}

/** Starts the write of all dirty pages of a file. Returns 0 or the first negative errno. Context: process, may sleep. */
export function filemap_fdatawrite(mapping: address_space): number {
  point();
  might_sleep_at('mm/filemap.c:386');
  let err = 0;
  for (const page of [...mapping.pages.values()].sort((a, b) => a.index - b.index)) {
    lock(page);
    if (page.writeback) wait_on_page(page, 'the write', () => page.writeback);
    if (!page.dirty || mapping.pages.get(page.index) !== page) {
      page.locked = false;
      wake_page(page);
      continue;
    }
    const ret = call_writepage(page, { sync_mode: WB_SYNC_ALL, nr_to_write: mapping.pages.size, for_reclaim: false });
    if (ret < 0) err ||= ret;
  }
  return err;
}

/** As filemap_fdatawrite(), and waits for the end. Returns 0, or what went wrong: -EIO from the disk. Context: process, may sleep. */
export function filemap_write_and_wait(mapping: address_space): number {
  const err = filemap_fdatawrite(mapping);
  for (const page of [...mapping.pages.values()]) {
    if (page.writeback) wait_on_page(page, 'the write', () => page.writeback);
  }
  const failed = mapping.wb_err;
  mapping.wb_err = 0;
  return err !== 0 ? err : failed;
}

/** A write of the file's pages has failed: the next filemap_write_and_wait() says so. Context: any. */
export function mapping_set_error(mapping: address_space, error: number): void {
  point();
  if (error !== 0) mapping.wb_err ||= error < 0 ? error : -EIO;
}

/** Drops the file's pages from number `first` on, written or not. Context: process, may sleep. */
export function truncate_inode_pages(mapping: address_space, first: number): void {
  point();
  might_sleep_at('mm/truncate.c:381');
  for (const page of [...mapping.pages.values()]) {
    if (page.index < first) continue;
    lock(page);
    if (page.writeback) wait_on_page(page, 'the write', () => page.writeback);
    page.locked = false;
    wake_page(page);
    if (mapping.pages.get(page.index) === page) drop_page(page);
  }
}
