/** Pages of high memory and their addresses. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { boot, KernelOops, type Machine } from 'ringzero';
import { alloc_page, __free_page, GFP_HIGHUSER, GFP_KERNEL, __GFP_ZERO, __GFP_NOWARN } from 'ringzero/linux/gfp';
import { clear_highpage, copy_highpage, kmap, kmap_atomic, kmap_local_page, kmap_to_page, kunmap, kunmap_atomic, kunmap_local, LAST_PKMAP, memcpy_from_page, memcpy_to_page, PageHighMem } from 'ringzero/linux/highmem';
import { page_address, type Page } from 'ringzero/linux/mm';
import { preempt_count } from 'ringzero/linux/preempt';
import { kfree, kmalloc } from 'ringzero/linux/slab';
import { bytes, memset, strlen } from 'ringzero/linux/string';
import { kthread_run } from 'ringzero/linux/kthread';
import { msleep } from 'ringzero/linux/delay';
import { DEFINE_SPINLOCK, spin_lock } from 'ringzero/linux/spinlock';
import { load_u32, load_u8, store_u32, store_u8, type Ptr } from 'ringzero/linux/types';

let machine: Machine;
beforeEach(() => {
  machine = boot({ rules: { kasan: 'warn', oops: 'warn' }, memory: { dma: 0, normal: 1024, highmem: 2048 } });
});
afterEach(() => {
  machine.powerOff();
});

const high = (): Page => alloc_page(GFP_HIGHUSER)!;

test('kmap gives an address, the same to all, until the last kunmap', () => {
  const [page, p] = machine.run(() => {
    const page = high();
    expect(PageHighMem(page)).toBe(true);
    expect(page_address(page)).toBeNull();
    const p = kmap(page);
    expect(page_address(page)).toBe(p);
    expect(kmap_to_page(p)).toBe(page);
    store_u32(p + 4, 0x12345678);
    // Not aligned, and a stretch: the slow way of a check.
    expect(load_u32(p + 5)).toBe(0x00123456);
    memset(p, 0x61, 4095);
    store_u8(p + 4095, 0);
    expect(strlen(p)).toBe(4095);
    expect(kmap(page)).toBe(p);
    kunmap(page);
    expect(load_u8(p)).toBe(0x61);
    kunmap(page);
    expect(page_address(page)).toBeNull();
    return [page, p] as const;
  });
  expect(machine.headlines()).toEqual([]);
  expect(() => machine.run(() => load_u8(p))).toThrow(KernelOops);
  expect(machine.dmesg()).toContain(`BUG: unable to handle page fault for address: ${p.toString(16)}`);
  expect(() => {
    machine.run(() => {
      kunmap(page);
    });
  }).toThrow('kernel BUG at mm/highmem.c');
  machine.run(() => {
    // The content is there still.
    const q = kmap_local_page(page);
    expect(load_u8(q)).toBe(0x61);
    kunmap_local(q);
    __free_page(page);
  });
});

test('a page of lowmem keeps its address', () => {
  machine.run(() => {
    const page = alloc_page(GFP_KERNEL)!;
    const p = kmap(page);
    expect(p).toBe(page_address(page));
    kunmap(page);
    store_u8(p, 1);
    expect(kmap_local_page(page)).toBe(p);
    kunmap_local(p);
    __free_page(page);
  });
  expect(machine.headlines()).toEqual([]);
});

test('kmap may sleep', () => {
  const page = machine.run(high);
  expect(() => machine.run(() => {
    const lock = DEFINE_SPINLOCK('lock');
    spin_lock(lock);
    kmap(page);
  })).toThrow('BUG: sleeping function called from invalid context at include/linux/highmem-internal.h');
});

test('kmap sleeps while the window is full', () => {
  machine.run(() => {
    const pages = Array.from({ length: LAST_PKMAP + 1 }, high);
    for (const page of pages.slice(1)) kmap(page);
    let mapped = false;
    kthread_run(() => {
      kmap(pages[0]!);
      mapped = true;
      return 0;
    }, null, 'mapper');
    msleep(20);
    expect(mapped).toBe(false);
    kunmap(pages[5]!);
    msleep(20);
    expect(mapped).toBe(true);
  });
});

test('kmap_local_page nests, and is undone in reverse', () => {
  machine.run(() => {
    const [a, b] = [high(), high()];
    const p = kmap_local_page(a);
    const q = kmap_local_page(b);
    kunmap_local((q + 100) as Ptr);
    kunmap_local(p);
    expect(machine.headlines()).toEqual([]);
    const r = kmap_local_page(a);
    const s = kmap_local_page(b);
    kunmap_local(r);
    kunmap_local(s);
    expect(machine.headlines()[0]).toMatch(/^WARNING: CPU: \d PID: \d+ at mm\/highmem\.c:\d+ kunmap_local_indexed$/);
  });
});

test('kmap_atomic disables preemption', () => {
  machine.run(() => {
    const page = high();
    const p = kmap_atomic(page);
    expect(preempt_count()).toBe(1);
    store_u8(p, 1);
    kunmap_atomic(p);
    expect(preempt_count()).toBe(0);
  });
  expect(machine.headlines()).toEqual([]);
});

test('helpers that need no address', () => {
  machine.run(() => {
    const [a, b] = [alloc_page(GFP_HIGHUSER | __GFP_ZERO)!, high()];
    const buffer = kmalloc(16, GFP_KERNEL)!;
    memset(buffer, 9, 16);
    memcpy_to_page(a, 4080, buffer, 16);
    copy_highpage(b, a);
    memset(buffer, 0, 16);
    memcpy_from_page(buffer, b, 4080, 16);
    expect(bytes(buffer, 16).every((byte) => byte === 9)).toBe(true);
    clear_highpage(b);
    memcpy_from_page(buffer, b, 4080, 16);
    expect(bytes(buffer, 16).every((byte) => byte === 0)).toBe(true);
    expect(() => {
      memcpy_to_page(a, 4090, buffer, 16);
    }).toThrow('16 bytes at 4090 do not fit in a page');
    kfree(buffer);
  });
  expect(machine.headlines()).toEqual([]);
});

test('a page that is freed while it is mapped is gone', () => {
  const p = machine.run(() => {
    const page = alloc_page(GFP_HIGHUSER | __GFP_NOWARN)!;
    const p = kmap(page);
    __free_page(page);
    return p;
  });
  expect(() => machine.run(() => load_u8(p))).toThrow(KernelOops);
});
