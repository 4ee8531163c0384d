/** SLAB_POISON and SLAB_RED_ZONE, with KASAN looking away: as a device writes. */
import { afterEach, expect, test } from 'vitest';
import { boot, type Machine } from 'ringzero';
import { GFP_KERNEL, kfree, kmem_cache_alloc, kmem_cache_create, kmem_cache_destroy, kmem_cache_free, kmem_cache_shrink, SLAB_POISON, SLAB_RED_ZONE } from 'ringzero/linux/slab';
import { bytes } from 'ringzero/linux/string';
import { load_u32, store_u32, store_u8 } from 'ringzero/linux/types';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

test('an object is full of poison when it is handed out', () => {
  machine = boot();
  machine.run(() => {
    const cache = kmem_cache_create('orc', 24, 0, SLAB_POISON | SLAB_RED_ZONE, null)!;
    const p = kmem_cache_alloc(cache, GFP_KERNEL)!;
    expect([...bytes(p, 24)]).toEqual([...new Array<number>(23).fill(0x6b), 0xa5]);
    kfree(p);
    kmem_cache_destroy(cache);
  });
  expect(machine.headlines()).toEqual([]);
});

test('a write to a free object, and one behind an object in use', () => {
  machine = boot({ rules: { kasan: 'off' } });
  machine.run(() => {
    const cache = kmem_cache_create('orc', 24, 0, SLAB_POISON | SLAB_RED_ZONE, null)!;
    const all = Array.from({ length: 200 }, () => kmem_cache_alloc(cache, GFP_KERNEL)!);
    const [p, q] = all as [typeof all[0], typeof all[0]];
    store_u8(q + 25, 7);
    kmem_cache_free(cache, q);
    kmem_cache_free(cache, p);
    store_u8(p + 3, 1);
    // They leave the quarantine.
    kmem_cache_shrink(cache);
    for (let i = 0; i < 200; i++) kmem_cache_alloc(cache, GFP_KERNEL);
  });
  expect(machine.headlines()).toEqual(['BUG orc (Not tainted): Right Redzone overwritten', expect.stringMatching(/^BUG orc \(Tainted: G {8}W {9}\): Poison overwritten$/)]);
  expect(machine.report()).toMatch(/@offset=\d+\. First byte 0x7 instead of 0xcc/);
  expect(machine.report()).toMatch(/@offset=3\. First byte 0x1 instead of 0x6b/);
  expect(machine.report()).toMatch(/Object {3}[0-9a-f]{8}: 6b 6b 6b 01 6b/);
});

test('a write to a free object of a slab that goes', () => {
  machine = boot({ rules: { kasan: 'off' } });
  machine.run(() => {
    const cache = kmem_cache_create('orc', 24, 0, SLAB_POISON, null)!;
    const p = kmem_cache_alloc(cache, GFP_KERNEL)!;
    kmem_cache_free(cache, p);
    store_u8(p + 23, 1);
    kmem_cache_destroy(cache);
  });
  expect(machine.headlines()).toEqual(['BUG orc (Not tainted): End Poison overwritten']);
});

test('a constructor keeps the poison out, not the red zone', () => {
  machine = boot();
  machine.run(() => {
    const cache = kmem_cache_create('orc', 24, 0, SLAB_POISON | SLAB_RED_ZONE, (p) => {
      store_u32(p, 5);
    })!;
    const p = kmem_cache_alloc(cache, GFP_KERNEL)!;
    expect(load_u32(p)).toBe(5);
    kmem_cache_free(cache, p);
    expect(load_u32(kmem_cache_alloc(cache, GFP_KERNEL)!)).toBe(5);
  });
  expect(machine.headlines()).toEqual([]);
});
