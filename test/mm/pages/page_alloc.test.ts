import { afterEach, beforeEach, expect, test } from 'vitest';
import { __free_page, __free_pages, __get_free_page, __get_free_pages, __GFP_DMA, __GFP_HIGH, __GFP_HIGHMEM, __GFP_MEMALLOC, __GFP_NOFAIL, __GFP_NOWARN, alloc_page, alloc_pages, free_page, free_pages, get_zeroed_page, GFP_ATOMIC, GFP_HIGHUSER, GFP_KERNEL, GFP_NOWAIT, kfree, kmalloc } from '../../../kernel/include/linux/slab.js';
import type { Ptr } from '../../../kernel/include/linux/types.js';
import { page_address, page_zonenum, virt_to_page, ZONE_DMA, ZONE_HIGHMEM, ZONE_NORMAL, PAGE_SIZE, type Page } from '../../../kernel/include/linux/mm.js';
import { bytes, memset } from '../../../kernel/include/linux/string.js';
import { PAGE_OFFSET } from '../../../kernel/mm/layout.js';
import { drain_all_pages } from '../../../kernel/mm/pages/page_alloc.js';
import { Killed, Halted, memory_machine, type MemoryMachine } from '../machine.js';

let machine: MemoryMachine;
beforeEach(() => {
  machine = memory_machine();
});
afterEach(() => {
  expect(machine.headlines()).toEqual([]);
  machine.off();
});

const drain = (gfp: number): Page[] => {
  const pages: Page[] = [];
  for (let page = alloc_page(gfp | __GFP_NOWARN); page !== null; page = alloc_page(gfp | __GFP_NOWARN)) pages.push(page);
  return pages;
};
const zones_of = (pages: Page[]): number[] => [...new Set(pages.map(page_zonenum))];

test('an address is a page and back', () => {
  const page = alloc_page(GFP_KERNEL)!;
  const addr = page_address(page)!;
  expect(virt_to_page(addr)).toBe(page);
  expect(virt_to_page((addr + 100) as Ptr)).toBe(page);
  __free_page(page);
  virt_to_page(0x1000 as Ptr);
  expect(machine.headlines()).toEqual(['virt_to_phys used for non-linear address: 00001000']);
});

test('zones in order of preference', () => {
  expect(zones_of(drain(GFP_KERNEL))).toEqual([ZONE_NORMAL, ZONE_DMA]);
  machine.off();
  machine = memory_machine();
  expect(zones_of(drain(GFP_HIGHUSER))).toEqual([ZONE_HIGHMEM, ZONE_NORMAL, ZONE_DMA]);
  machine.off();
  machine = memory_machine();
  expect(zones_of(drain(GFP_KERNEL | __GFP_DMA))).toEqual([ZONE_DMA]);
  expect(machine.mm.zones[ZONE_NORMAL].free_pages).toBe(3072);
});

test('high memory has no address', () => {
  const page = alloc_page(GFP_HIGHUSER)!;
  expect(page_zonenum(page)).toBe(ZONE_HIGHMEM);
  expect(page_address(page)).toBeNull();
  __free_page(page);
  expect(__get_free_page(GFP_HIGHUSER)! - PAGE_OFFSET).toBeLessThan(4096 * PAGE_SIZE);
  expect(__get_free_page(GFP_KERNEL | __GFP_HIGHMEM)! - PAGE_OFFSET).toBeLessThan(4096 * PAGE_SIZE);
});

test('who may dip into the reserve', () => {
  drain(GFP_KERNEL);
  const left = machine.mm.zones[ZONE_NORMAL].free_pages;
  expect(left).toBe(machine.mm.zones[ZONE_NORMAL].min);
  expect(alloc_page(GFP_NOWAIT | __GFP_NOWARN)).toBeNull();
  const high = drain(GFP_KERNEL | __GFP_HIGH).length;
  const atomic = drain(GFP_ATOMIC).length;
  const all = drain(GFP_KERNEL | __GFP_MEMALLOC).length;
  expect(high).toBeGreaterThan(0);
  expect(atomic).toBeGreaterThan(0);
  expect(all).toBeGreaterThan(0);
  expect(machine.mm.zones[ZONE_NORMAL].free_pages).toBe(0);
});

test('an allocation that must not fail takes the last page, then the machine stops', () => {
  drain(GFP_KERNEL | __GFP_MEMALLOC);
  expect(() => alloc_page(GFP_KERNEL | __GFP_NOFAIL)).toThrow(Halted);
  expect(machine.headlines()).toEqual(['insmod invoked oom-killer: gfp_mask=0x8cc0(GFP_KERNEL|__GFP_NOFAIL), order=0, oom_score_adj=0']);
});

test('a large block that must not fail', () => {
  __free_pages(alloc_pages(GFP_KERNEL | __GFP_NOFAIL, 2)!, 2);
  expect(machine.headlines()).toEqual(['WARNING: CPU: 0 PID: 39 at mm/page_alloc.c:3891 get_page_from_freelist']);
});

test('orders', () => {
  for (let order = 0; order <= 10; order++) {
    const p = __get_free_pages(GFP_KERNEL, order)!;
    expect((p - PAGE_OFFSET) % (PAGE_SIZE << order)).toBe(0);
    memset(p, 1, PAGE_SIZE << order);
    free_pages(p, order);
  }
  drain_all_pages();
  expect(machine.mm.zones[ZONE_NORMAL].free_blocks()[10]).toBe(3);
  expect(alloc_pages(GFP_KERNEL, 11)).toBeNull();
  expect(alloc_pages(GFP_KERNEL, 11)).toBeNull();
  expect(machine.headlines()).toEqual(['WARNING: CPU: 0 PID: 39 at mm/page_alloc.c:5634 __alloc_pages']);
  expect(() => alloc_pages(GFP_KERNEL, -1)).toThrow('alloc_pages: order must be an integer from 0 to 10, got -1');
});

test('zeros', () => {
  const p = __get_free_page(GFP_KERNEL)!;
  memset(p, 1, PAGE_SIZE);
  free_page(p);
  const q = get_zeroed_page(GFP_KERNEL)!;
  expect(q).toBe(p);
  expect(bytes(q, PAGE_SIZE)).toEqual(new Uint8Array(PAGE_SIZE));
});

test('bad frees of pages', () => {
  const p = __get_free_pages(GFP_KERNEL, 1)!;
  free_pages(p, 0);
  free_pages((p + PAGE_SIZE) as Ptr, 0);
  free_pages((p + 8) as Ptr, 1);
  free_pages(p, 1);
  free_pages(p, 1);
  const object = kmalloc(64, GFP_KERNEL)!;
  free_page((object & ~(PAGE_SIZE - 1)) as Ptr);
  const headlines = machine.headlines();
  expect(headlines).toHaveLength(5);
  for (const words of headlines) expect(words).toMatch(/^BUG: Bad page state in process insmod {2}pfn:[0-9a-f]{5}$/);
  kfree(object);
  free_pages(null, 0);
  expect(() => { free_page(0x1000 as Ptr); }).toThrow(Killed);
  expect(() => { __free_page(0x40000000 as Page); }).toThrow(Killed);
  expect(machine.headlines()).toEqual(['BUG: unable to handle page fault for address: 00001000', 'BUG: unable to handle page fault for address: 40000000']);
});

test('injected failures', () => {
  machine.mm.should_fail_alloc_page = (_, order) => order === 1;
  expect(alloc_pages(GFP_KERNEL, 1)).toBeNull();
  expect(alloc_pages(GFP_KERNEL, 0)).not.toBeNull();
});

test('sizes of zones', () => {
  machine.off();
  machine = memory_machine({ dma_pages: 0, normal_pages: 100, highmem_pages: 0 });
  const pages = drain(GFP_KERNEL);
  expect(pages.length).toBeGreaterThan(60);
  expect(alloc_page(GFP_KERNEL | __GFP_DMA | __GFP_NOWARN)).toBeNull();
  for (const page of pages) __free_page(page);
  drain_all_pages();
  expect(machine.mm.zones[ZONE_NORMAL].free_blocks()).toEqual([0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0]);
  expect(() => memory_machine({ normal_pages: 1.5 })).toThrow('normal_pages must be an integer');
  expect(() => memory_machine({ dma_pages: 0, normal_pages: 0 })).toThrow('dma_pages and normal_pages together');
});
