/** Pages as modules ask for them. Linux: include/linux/gfp.h, include/linux/mm.h, mm/page_alloc.c. */
import { point } from '../../arch/point.js';
import { page_fault } from '../../debug/fault.js';
import { report } from '../../debug/report.js';
import { might_alloc } from '../../sched/might_sleep.js';
import { as_address, check_gfp } from '../arguments.js';
import { __GFP_HIGHMEM, __GFP_ZERO } from '../gfp_types.js';
import { hex8, MAX_ORDER, PAGE_SHIFT, PAGE_SIZE } from '../layout.js';
import { mm } from '../mm.js';
import { addr_to_pfn, page_to_pfn, pfn_to_addr, pfn_to_page } from './page.js';
import { bad_page, __alloc_pages } from './page_alloc.js';
import { checked_pfn, put_block } from './page_ref.js';
import type { Page, Ptr } from '../pointer.js';
import { lowmem_bytes } from '../ram.js';
import { offset_of } from '../kasan/record.js';
import { vmalloc_address } from '../vmalloc/vmalloc_area.js';

/** First frame of a block, or -1. An order too large is refused before the context is checked, as in Linux. */
function alloc_block(fn: string, gfp: number, order: number): number {
  check_gfp(fn, gfp);
  if (!Number.isInteger(order) || order < 0) throw new TypeError(`${fn}: order must be an integer from 0 to ${MAX_ORDER - 1}, got ${order}`);
  if (order < MAX_ORDER) might_alloc(gfp);
  return __alloc_pages(gfp, order, order < MAX_ORDER ? PAGE_SIZE << order : 0, 0);
}

/**
 * Allocates 2^order contiguous pages from the zone that the flags ask for; null when there are none, after a
 * warning unless __GFP_NOWARN. Context: any with flags that do not sleep, else process.
 */
export function alloc_pages(gfp: number, order: number): Page | null {
  point();
  const pfn = alloc_block('alloc_pages', gfp, order);
  return pfn < 0 ? null : pfn_to_page(pfn);
}

/** One page: alloc_pages() of order 0. */
export function alloc_page(gfp: number): Page | null {
  return alloc_pages(gfp, 0);
}

/**
 * Lets go of what alloc_pages() gave, with the order it was asked for: freed once nobody has a reference. Context: any.
 */
export function __free_pages(page: Page, order: number): void {
  point();
  const pfn = checked_pfn('__free_pages', page);
  put_block(pfn, order);
}

export function __free_page(page: Page): void {
  __free_pages(page, 0);
}

/**
 * Allocates 2^order pages and returns their address; null when there are none. High memory has no address:
 * __GFP_HIGHMEM is dropped, as Linux does. Context: as alloc_pages().
 */
export function __get_free_pages(gfp: number, order: number): Ptr | null {
  point();
  const pfn = alloc_block('__get_free_pages', gfp & ~__GFP_HIGHMEM, order);
  return pfn < 0 ? null : (pfn_to_addr(pfn) as Ptr);
}

export function __get_free_page(gfp: number): Ptr | null {
  return __get_free_pages(gfp, 0);
}

/** One page of zeros. Context: as alloc_pages(). */
export function get_zeroed_page(gfp: number): Ptr | null {
  return __get_free_pages(gfp | __GFP_ZERO, 0);
}

/** Frees what __get_free_pages() gave, with the order it was asked for. null is fine. Context: any. */
export function free_pages(addr: Ptr | null, order: number): void {
  point();
  const at = as_address('free_pages', addr);
  if (at === 0) return;
  const offset = offset_of(at);
  if (offset >= lowmem_bytes) page_fault(at, false, "free_pages() of an address outside of the kernel's memory");
  const pfn = offset >>> PAGE_SHIFT;
  if ((offset & (PAGE_SIZE - 1)) !== 0) {
    bad_page(pfn, `free_pages() of ${hex8(at)}, which is not the start of a page`);
    return;
  }
  put_block(pfn, order);
}

export function free_page(addr: Ptr | null): void {
  free_pages(addr, 0);
}

/** Address of a page, or null for a page of high memory that kmap() has not mapped. Context: any. */
export function page_address(page: Page): Ptr | null {
  const pfn = page_to_pfn(page);
  const own = vmalloc_address(pfn);
  if (own !== 0) return own as Ptr;
  return pfn < mm.lowmem_pages || mm.kmaps.pkmap.has(pfn) ? (pfn_to_addr(pfn) as Ptr) : null;
}

/** The page that a lowmem address lies in. Context: any. Any other address is reported (CONFIG_DEBUG_VIRTUAL). */
export function virt_to_page(addr: Ptr): Page {
  if (offset_of(addr) >= lowmem_bytes) report('warn', `virt_to_phys used for non-linear address: ${hex8(addr)}`);
  return pfn_to_page(addr_to_pfn(addr));
}

/** Bus view of a lowmem address: RAM begins at physical address 0. Context: any. */
export function virt_to_phys(addr: Ptr): number {
  if (offset_of(addr) >= lowmem_bytes) report('warn', `virt_to_phys used for non-linear address: ${hex8(addr)}`);
  return offset_of(addr);
}

/** The zone that a page lies in: ZONE_DMA, ZONE_NORMAL or ZONE_HIGHMEM. Context: any. */
export function page_zonenum(page: Page): number {
  return mm.zone_of(page_to_pfn(page)).index;
}

