/** Small machines, and what the reclaim tests do to them. */
import { boot, type BootOptions, type Machine } from 'ringzero';
import { __free_page, __GFP_NOWARN, alloc_page, GFP_KERNEL, GFP_NOWAIT } from 'ringzero/linux/gfp';
import type { Page } from 'ringzero/linux/mm';
import { find_or_create_page, put_page, set_page_dirty, SetPageUptodate, unlock_page, type address_space } from 'ringzero/linux/pagemap';

/** 4 MiB of ZONE_NORMAL and nothing else. */
export function small_machine(options: BootOptions = {}): Machine {
  return boot({ cpus: 2, memory: { dma: 0, normal: 1024, highmem: 0 }, ...options });
}

/** All pages that can be had without waiting. Runs in the machine. */
export function take_all(gfp: number = GFP_NOWAIT): Page[] {
  const pages: Page[] = [];
  for (let page = alloc_page(gfp | __GFP_NOWARN); page !== null; page = alloc_page(gfp | __GFP_NOWARN)) pages.push(page);
  return pages;
}

export function give_all(pages: readonly Page[]): void {
  for (const page of pages) __free_page(page);
}

/** Fills a file's pages from 0 to n - 1, dirty or clean. Runs in the machine. */
export function fill_cache(mapping: address_space, n: number, dirty: boolean): void {
  for (let i = 0; i < n; i++) {
    const page = find_or_create_page(mapping, i, GFP_KERNEL)!;
    SetPageUptodate(page);
    if (dirty) set_page_dirty(page);
    unlock_page(page);
    put_page(page);
  }
}
