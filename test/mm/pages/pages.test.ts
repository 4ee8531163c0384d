/** Per-CPU lists, references, exact sizes, and the texts of /proc. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buddyinfo_show } from '../../../kernel/fs/proc/buddyinfo.js';
import { meminfo_show } from '../../../kernel/fs/proc/meminfo.js';
import { zoneinfo_show } from '../../../kernel/fs/proc/zoneinfo.js';
import { __free_page, __free_pages, __GFP_COMP, __GFP_NOWARN, alloc_page, alloc_pages, alloc_pages_exact, free_page, free_pages_exact, GFP_ATOMIC, GFP_KERNEL, GFP_NOWAIT } from '../../../kernel/include/linux/gfp.js';
import { get_page, page_count, page_to_pfn, pfn_to_page, put_page, split_page, type Page } from '../../../kernel/include/linux/mm.js';
import { load_u8, type Ptr } from '../../../kernel/include/linux/types.js';
import { memset } from '../../../kernel/include/linux/string.js';
import { PAGE_SIZE } from '../../../kernel/mm/layout.js';
import { for_each_object } from '../../../kernel/mm/slab/object.js';
import { drain_all_pages } from '../../../kernel/mm/pages/page_alloc.js';
import { Killed, memory_machine, type MemoryMachine } from '../machine.js';

let machine: MemoryMachine;
beforeEach(() => {
  machine = memory_machine({ cpus: 2, dma_pages: 0, normal_pages: 1024, highmem_pages: 0 });
});
afterEach(() => {
  expect(machine.headlines()).toEqual([]);
  machine.off();
});

describe('the lists of the CPUs', () => {
  test('last freed, first given, on the CPU that freed', () => {
    const [, normal] = machine.mm.zones;
    const [a, b] = [alloc_page(GFP_KERNEL)!, alloc_page(GFP_KERNEL)!];
    __free_page(a);
    __free_page(b);
    expect(normal.pcp.count(0)).toBe(2);
    expect(normal.nr_free).toBe(1022);
    expect(normal.free_pages).toBe(1024);
    machine.on_cpu(1);
    const c = alloc_page(GFP_KERNEL)!;
    expect([a, b]).not.toContain(c);
    machine.on_cpu(0);
    expect(alloc_page(GFP_KERNEL)).toBe(b);
    expect(alloc_page(GFP_KERNEL)).toBe(a);
    for (const page of [a, b, c]) __free_page(page);
    drain_all_pages();
    expect(normal.nr_free).toBe(1024);
    expect(normal.free_blocks()).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  test('no CPU keeps more than its share', () => {
    const [, normal] = machine.mm.zones;
    const pages = Array.from({ length: 500 }, () => alloc_page(GFP_KERNEL)!);
    for (const page of pages) __free_page(page);
    expect(normal.pcp.count(0)).toBe(normal.pcp.high);
    expect(normal.pcp.high).toBe(Math.floor(normal.low / 2));
  });

  test('a zone that runs low is drained', () => {
    const [, normal] = machine.mm.zones;
    const pages: Page[] = [];
    for (let page = alloc_page(GFP_NOWAIT | __GFP_NOWARN); page !== null; page = alloc_page(GFP_NOWAIT | __GFP_NOWARN)) pages.push(page);
    machine.on_cpu(1);
    for (const page of pages.splice(0, 20)) __free_page(page);
    expect(normal.pcp.count(1)).toBe(20);
    machine.on_cpu(0);
    for (let i = 0; i < 20; i++) pages.push(alloc_page(GFP_NOWAIT)!);
    expect(pages).not.toContain(null);
    expect(normal.pcp.total()).toBe(0);
    for (const page of pages) __free_page(page);
  });

  test('a page on a list cannot be freed again, nor touched', () => {
    const page = alloc_page(GFP_KERNEL)!;
    __free_page(page);
    __free_page(page);
    expect(machine.text()).toMatch(/^BUG: Bad page state in process insmod {2}pfn:[\s\S]*the page is free already[\s\S]*Allocated by task 39:[\s\S]*Freed by task 39:/);
  });
});

describe('references', () => {
  test('the last one frees', () => {
    const page = alloc_page(GFP_KERNEL)!;
    expect(page_count(page)).toBe(1);
    get_page(page);
    expect(page_count(page)).toBe(2);
    __free_page(page);
    expect(page_count(page)).toBe(1);
    put_page(page);
    expect(page_count(page)).toBe(0);
    expect(machine.mm.zones[1].free_pages).toBe(1024);
    expect(() => { put_page(page); }).toThrow(Killed);
    expect(() => { get_page(page); }).toThrow(Killed);
    expect(machine.headlines()).toEqual([
      'page dumped because: VM_BUG_ON_PAGE(page_ref_count(page) == 0)',
      expect.stringMatching(/^kernel BUG at include\/linux\/mm\.h:\d+!$/),
      'page dumped because: VM_BUG_ON_FOLIO(((unsigned int) folio_ref_count(folio) + 127u <= 127u))',
      expect.stringMatching(/^kernel BUG at include\/linux\/mm\.h:\d+!$/),
    ]);
  });

  test('of a compound page any page will do', () => {
    const page = alloc_pages(GFP_KERNEL | __GFP_COMP, 2)!;
    get_page(pfn_to_page(page_to_pfn(page) + 3));
    expect(page_count(page)).toBe(2);
    put_page(page);
    put_page(page);
    expect(machine.mm.zones[1].free_pages).toBe(1024);
  });

  test('a block that is split is freed page by page', () => {
    const page = alloc_pages(GFP_KERNEL, 2)!;
    split_page(page, 2);
    for (let i = 0; i < 4; i++) __free_page(pfn_to_page(page_to_pfn(page) + i));
    const compound = alloc_pages(GFP_KERNEL | __GFP_COMP, 1)!;
    expect(() => { split_page(compound, 1); }).toThrow(Killed);
    expect(machine.headlines()).toEqual(['page dumped because: VM_BUG_ON_PAGE(PageCompound(page))', expect.stringMatching(/^kernel BUG at mm\/page_alloc\.c:\d+!$/)]);
    __free_pages(compound, 1);
  });
});

describe('alloc_pages_exact', () => {
  test.each([[1, 1], [PAGE_SIZE, 1], [PAGE_SIZE + 1, 2], [5 * PAGE_SIZE, 5], [9 * PAGE_SIZE - 1, 9]])('%d bytes are %d pages', (bytes, pages) => {
    const p = alloc_pages_exact(bytes, GFP_KERNEL)!;
    expect(machine.mm.zones[1].free_pages).toBe(1024 - pages);
    memset(p, 7, pages * PAGE_SIZE);
    expect(load_u8(p + pages * PAGE_SIZE - 1)).toBe(7);
    let seen = 0;
    for_each_object(() => seen++);
    expect(seen).toBe(pages);
    free_pages_exact(p, bytes);
    expect(machine.mm.zones[1].free_pages).toBe(1024);
  });

  test('too large, too few, and the wrong flags', () => {
    expect(alloc_pages_exact(8 << 20, GFP_KERNEL)).toBeNull();
    expect(alloc_pages_exact(500 * PAGE_SIZE, GFP_ATOMIC | __GFP_NOWARN)).not.toBeNull();
    expect(alloc_pages_exact(500 * PAGE_SIZE, GFP_ATOMIC | __GFP_NOWARN)).toBeNull();
    free_page(alloc_pages_exact(1, GFP_KERNEL | __GFP_COMP));
    expect(() => { free_pages_exact(0x1000 as Ptr, 1); }).toThrow(Killed);
    expect(machine.headlines().map((words) => words.replace(/CPU.* at/, 'at'))).toEqual([
      'WARNING: at mm/page_alloc.c:5634 __alloc_pages',
      'WARNING: at mm/page_alloc.c:5805 alloc_pages_exact',
      'BUG: unable to handle page fault for address: 00001000',
    ]);
  });
});

test('/proc', () => {
  machine.off();
  machine = memory_machine({ cpus: 2, dma_pages: 256, normal_pages: 768, highmem_pages: 256 });
  const page = alloc_page(GFP_KERNEL)!;
  __free_page(page);
  expect(buddyinfo_show().split('\n')).toEqual([
    'Node 0, zone      DMA      0      0      0      0      0      0      0      0      1      0      0 ',
    'Node 0, zone   Normal      1      1      1      1      1      1      1      1      0      1      0 ',
    'Node 0, zone  HighMem      0      0      0      0      0      0      0      0      1      0      0 ',
  ]);
  const meminfo = meminfo_show();
  for (const line of meminfo.split('\n')) expect(line).toMatch(/^[A-Z][A-Za-z_()]+: +\d+ kB$/);
  expect(meminfo).toContain('MemTotal:           5120 kB\nMemFree:            5116 kB\n');
  expect(meminfo).toContain('HighTotal:          1024 kB\nHighFree:           1024 kB\nLowTotal:           4096 kB\nLowFree:            4092 kB\n');
  const zoneinfo = zoneinfo_show();
  expect(zoneinfo).toContain('Node 0, zone   Normal\n  pages free     767\n        boost    0\n        min      48\n');
  expect(zoneinfo).toContain('    cpu: 0\n              count: 1\n');
});
