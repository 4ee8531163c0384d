/** Uninitialised reads. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { boot, type Machine } from 'ringzero';
import { __GFP_ZERO, __get_free_page, free_page, GFP_KERNEL, kfree, kmalloc, krealloc, ksize, kzalloc } from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK, spin_lock, spin_lock_init, spin_unlock, spinlock_t } from 'ringzero/linux/spinlock';
import { copy_string, kstrdup, memcpy, memset, read_string, strlen } from 'ringzero/linux/string';
import { load_u16, load_u32, load_u8, type Ptr, sizeof, store_u16, store_u8, struct, u32, u8 } from 'ringzero/linux/types';
import { vmalloc, vfree, vzalloc } from 'ringzero/linux/vmalloc';

let machine: Machine;
beforeEach(() => {
  machine = boot({ rules: { kmsan: 'warn' } });
});
afterEach(() => {
  machine.powerOff();
});

const SAID = 'BUG: KMSAN: uninit-value in (host)';

/** How often KMSAN speaks while this runs. */
function said(fn: () => void): number {
  const before = machine.headlines().length;
  machine.run(fn);
  const now = machine.headlines().slice(before);
  for (const headline of now) expect(headline).toBe(SAID);
  return now.length;
}

test('a read before the first write, once', () => {
  expect(said(() => {
    const p = kmalloc(16, GFP_KERNEL)!;
    store_u8(p + 1, 1);
    load_u8(p + 1);
    load_u16(p);
    load_u16(p);
    kfree(p);
  })).toBe(1);
  expect(machine.kernel.reports[0]!.text).toMatch(/Uninit was created at:\n[\s\S]*\nBytes 0-0 of 2 are uninitialized\nMemory access of size 2 starts at 4/);
});

test('what is written, zeroed or static is no fault', () => {
  const dog = struct('dog', { lock: spinlock_t, weight: u32, age: u8 });
  expect(said(() => {
    const lock = DEFINE_SPINLOCK('lock');
    const p = kzalloc(20, GFP_KERNEL)!;
    load_u32(p + 16);
    const q = kmalloc(13, GFP_KERNEL)!;
    memset(q, 1, 13);
    for (let i = 0; i < 13; i++) load_u8(q + i);
    const page = __get_free_page(GFP_KERNEL | __GFP_ZERO)!;
    load_u32(page + 100);
    free_page(page);
    spin_lock(lock);
    spin_unlock(lock);
    const rex = kmalloc(sizeof(dog), GFP_KERNEL)!;
    spin_lock_init(dog.at(rex).lock);
    spin_lock(dog.at(rex).lock);
    dog.at(rex).weight = 3;
    dog.at(rex).weight++;
    spin_unlock(dog.at(rex).lock);
    const text = kstrdup('rex', GFP_KERNEL)!;
    expect(read_string(text)).toBe('rex');
    const other = kstrdup(text, GFP_KERNEL)!;
    expect(strlen(other)).toBe(3);
    copy_string(p, 'a dog');
    expect(read_string(p)).toBe('a dog');
    const area = vzalloc(5000)!;
    load_u8(area + 4500);
    vfree(area);
    for (const each of [p, q, rex, text, other]) kfree(each);
  })).toBe(0);
});

test.each<[string, () => void]>([
  ['memory of another, used again', () => {
    const p = kmalloc(64, GFP_KERNEL)!;
    memset(p, 1, 64);
    kfree(p);
    load_u8(kmalloc(64, GFP_KERNEL)! + 5);
  }],
  ['a page', () => { load_u32(__get_free_page(GFP_KERNEL)! + 4092); }],
  ['a large object', () => { load_u32(kmalloc(20000, GFP_KERNEL)! + 4096); }],
  ['a vmalloc area', () => { load_u32(vmalloc(5000)! + 4); }],
  ['a copy', () => {
    const p = kmalloc(16, GFP_KERNEL)!;
    const q = kzalloc(16, GFP_KERNEL)!;
    memset(p, 1, 8);
    memcpy(q, p, 16);
    load_u32(q);
    load_u32(q + 8);
  }],
  ['a string without an end', () => {
    const p = kmalloc(8, GFP_KERNEL)!;
    store_u16(p, 0x4141);
    strlen(p);
  }],
  ['the new part of a krealloc', () => {
    const p = kzalloc(32, GFP_KERNEL)!;
    const q = krealloc(p, 200, GFP_KERNEL)!;
    ksize(q);
    load_u32(q + 28);
    load_u32(q + 64);
  }],
])('%s', (_, fn) => {
  expect(said(fn)).toBe(1);
});

test('a copy says where its bytes came from', () => {
  machine.run(() => {
    const p = kmalloc(8, GFP_KERNEL)!;
    const q = kzalloc(8, GFP_KERNEL)!;
    memcpy(q, p as Ptr, 4);
    load_u32(q);
  });
  expect(machine.report()).toContain('Uninit was stored to memory at:');
});

test('off by default', () => {
  machine.powerOff();
  machine = boot();
  expect(said(() => { load_u8(kmalloc(16, GFP_KERNEL)!); })).toBe(0);
  expect(machine.kernel.mm.ram.initialised).toBeNull();
});
