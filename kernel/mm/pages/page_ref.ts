/**
 * References to pages, and blocks taken apart. Linux: include/linux/mm.h (get_page(), put_page()),
 * include/linux/page_ref.h; mm/page_alloc.c, split_page(), alloc_pages_exact(), make_alloc_exact().
 */
import { point } from '../../arch/point.js';
import { page_fault } from '../../debug/fault.js';
import { might_alloc } from '../../sched/might_sleep.js';
import { as_address, as_size, check_gfp } from '../arguments.js';
import { vm_bug_on } from './debug_page.js';
import { __GFP_COMP, __GFP_HIGHMEM } from '../gfp_types.js';
import { get_order, MAX_ORDER, PAGE_SHIFT, PAGE_SIZE, VMEMMAP_START } from '../layout.js';
import { mm } from '../mm.js';
import { cache_number, ORDER_MASK, P_EXTRA_REFS, P_HEAD, P_STATE, page_to_pfn, pfn_to_addr, PG_COMPOUND, PG_HEAD, PG_LARGE, PG_TAIL, state_of } from './page.js';
import { __alloc_pages, __free_pages_ok, bad_page, free_block } from './page_alloc.js';
import type { Page, Ptr } from '../pointer.js';
import { lowmem_bytes, meta, META_SHIFT, page_words, PAGE_WORDS_SHIFT } from '../ram.js';
import { offset_of, page_record, SIZE } from '../kasan/record.js';
import { warn_once_at } from '../warn.js';

/** Frame of a `struct page *`. What is none kills the task. */
export function checked_pfn(fn: string, page: Page): number {
  const addr = as_address(fn, page);
  const pfn = page_to_pfn(page);
  if (addr >= VMEMMAP_START && (addr & 31) === 0 && pfn < mm.ram.pages) return pfn;
  return page_fault(addr, false, `${fn}() of what is not a struct page`);
}

/** Frame of the page whose references count: that of a compound page's head. */
function head_of(pfn: number): number {
  if ((state_of(pfn) & PG_TAIL) === 0) return pfn;
  const head = page_words[(pfn << PAGE_WORDS_SHIFT) + P_HEAD]!;
  return (state_of(head) & (PG_COMPOUND | PG_LARGE)) !== 0 || cache_number(pfn) !== 0 ? head : pfn;
}

function refs_at(pfn: number): number {
  return (pfn << PAGE_WORDS_SHIFT) + P_EXTRA_REFS;
}

/** Frame whose references count. A page that is nobody's kills the task: `check` is Linux's, and `where` it stands. */
function live_pfn(fn: string, page: Page, check: string, where: string): number {
  const pfn = checked_pfn(fn, page);
  const head = head_of(pfn);
  return (state_of(head) & PG_HEAD) !== 0 ? head : vm_bug_on(check, pfn, where);
}

/** Takes another reference to a page that somebody has: it is not freed before put_page(). Context: any. */
export function get_page(page: Page): void {
  point();
  const pfn = live_pfn('get_page', page, 'VM_BUG_ON_FOLIO(((unsigned int) folio_ref_count(folio) + 127u <= 127u))', 'include/linux/mm.h:1144');
  if (cache_number(pfn) === 0) page_words[refs_at(pfn)]!++;
}

/** Lets go of a page; the last reference frees it, a compound page as a whole. Context: any. */
export function put_page(page: Page): void {
  point();
  const pfn = live_pfn('put_page', page, 'VM_BUG_ON_PAGE(page_ref_count(page) == 0)', 'include/linux/mm.h:793');
  put_block(pfn, (state_of(pfn) & (PG_COMPOUND | PG_LARGE)) !== 0 ? state_of(pfn) & ORDER_MASK : 0);
}

/** How many references a page has: 0 for a free one. Context: any. */
export function page_count(page: Page): number {
  point();
  const pfn = checked_pfn('page_count', page);
  const head = head_of(pfn);
  if ((state_of(head) & PG_HEAD) === 0) return 0;
  return cache_number(head) !== 0 ? 1 : page_words[refs_at(head)]! + 1;
}

/** One reference less to the block that begins at `pfn`. The checks are those of free_block(). */
export function put_block(pfn: number, order: number): void {
  const state = state_of(pfn);
  const shared = (state & PG_HEAD) !== 0 && (state & ORDER_MASK) === order && cache_number(pfn) === 0 && page_words[refs_at(pfn)]! > 0;
  if (shared) page_words[refs_at(pfn)]!--;
  else free_block(pfn, order);
}

/** Makes 2^order pages, each to be freed by itself, of a block that is no compound page. Context: any. */
export function split_page(page: Page, order: number): void {
  point();
  const pfn = checked_pfn('split_page', page);
  const state = state_of(pfn);
  if ((state & (PG_COMPOUND | PG_LARGE)) !== 0) vm_bug_on('VM_BUG_ON_PAGE(PageCompound(page))', pfn, 'mm/page_alloc.c:3618');
  if ((state & PG_HEAD) === 0) vm_bug_on('VM_BUG_ON_PAGE(!page_count(page))', pfn, 'mm/page_alloc.c:3619');
  if ((state & ORDER_MASK) !== order) {
    bad_page(pfn, `split_page() with order ${order}, allocated with order ${state & ORDER_MASK}`);
    return;
  }
  split_block(pfn, order);
}

/** Each page gets the block's record, so that a leak of any of them names who allocated it. */
function split_block(pfn: number, order: number): void {
  const record = page_record(pfn);
  meta[record + SIZE] = PAGE_SIZE;
  for (let i = 0; i < 1 << order; i++) {
    const at = (pfn + i) << PAGE_WORDS_SHIFT;
    page_words[at + P_STATE] = PG_HEAD;
    page_words[at + P_HEAD] = pfn + i;
    page_words[at + P_EXTRA_REFS] = page_words[refs_at(pfn)]!;
    if (i > 0) meta.copyWithin(page_record(pfn + i), record, record + (1 << META_SHIFT));
  }
}

/**
 * Allocates `size` bytes of contiguous pages and not more than these; null when there are none.
 * Context: as alloc_pages().
 */
export function alloc_pages_exact(size: number, gfp: number): Ptr | null {
  point();
  check_gfp('alloc_pages_exact', gfp);
  const bytes = as_size('alloc_pages_exact', 'size', size);
  if ((gfp & (__GFP_COMP | __GFP_HIGHMEM)) !== 0) warn_once_at('mm/page_alloc.c:5805', 'alloc_pages_exact');
  const order = get_order(bytes);
  if (order < MAX_ORDER) might_alloc(gfp);
  const pfn = __alloc_pages(gfp & ~(__GFP_COMP | __GFP_HIGHMEM), order, order < MAX_ORDER ? PAGE_SIZE << order : 0, 0);
  if (pfn < 0) return null;
  split_block(pfn, order);
  const pages = (bytes + PAGE_SIZE - 1) >>> PAGE_SHIFT;
  for (let i = pages; i < 1 << order; i++) __free_pages_ok(pfn + i, 0);
  return pfn_to_addr(pfn) as Ptr;
}

/** Frees what alloc_pages_exact() gave, with the size it was asked for. Context: any. */
export function free_pages_exact(virt: Ptr, size: number): void {
  point();
  const at = as_address('free_pages_exact', virt);
  const offset = offset_of(at);
  const pages = (as_size('free_pages_exact', 'size', size) + PAGE_SIZE - 1) >>> PAGE_SHIFT;
  if (offset >= lowmem_bytes) page_fault(at, false, "free_pages_exact() of an address outside of the kernel's memory");
  for (let i = 0; i < pages; i++) put_block((offset >>> PAGE_SHIFT) + i, 0);
}
