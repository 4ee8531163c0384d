/** The quarantine of freed objects. */
import { afterEach, expect, test } from 'vitest';
import { boot, type BootOptions, type Machine } from 'ringzero';
import { GFP_ATOMIC, GFP_KERNEL, kfree, kmalloc, kmem_cache_alloc, kmem_cache_create, kmem_cache_destroy, kmem_cache_free } from 'ringzero/linux/slab';
import { load_u8 } from 'ringzero/linux/types';
import { quarantine_bytes } from '../../../kernel/mm/kasan/quarantine.js';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

const up = (options: BootOptions = {}): void => {
  machine = boot({ cpus: 1, ...options });
};
/** 1/32 of 20 MiB. */
const LIMIT = (20 << 20) / 32;

test('a use after free is found after five hundred further allocations of the size', () => {
  up({ rules: { kasan: 'warn' } });
  machine.run(() => {
    const p = kmalloc(64, GFP_KERNEL)!;
    kfree(p);
    for (let i = 0; i < 500; i++) {
      const q = kmalloc(64, GFP_KERNEL);
      expect(q).not.toBe(p);
      kfree(q);
    }
    load_u8(p);
  });
  expect(machine.headlines()[0]).toContain('use-after-free');
});

test('first in, first out, up to the limit', () => {
  up();
  machine.run(() => {
    const first = kmalloc(1024, GFP_KERNEL);
    kfree(first);
    let n = 0;
    for (; n < 2000; n++) {
      const q = kmalloc(1024, GFP_KERNEL);
      if (q === first) break;
      kfree(q);
      expect(quarantine_bytes()).toBeLessThanOrEqual(LIMIT);
    }
    expect(n).toBeGreaterThan(LIMIT / 2048 - 10);
    expect(n).toBeLessThan(LIMIT / 2048 + 64);
  });
});

test('off with the rule', () => {
  up({ rules: { kasan: 'off' } });
  machine.run(() => {
    const p = kmalloc(64, GFP_KERNEL);
    kfree(p);
    expect(kmalloc(64, GFP_KERNEL)).toBe(p);
    expect(quarantine_bytes()).toBe(0);
  });
});

test('drained when memory is short, also for those that may not sleep', () => {
  up({ memory: { dma: 0, normal: 512, highmem: 0 }, rules: { 'page-alloc-failure': 'off' } });
  machine.run(() => {
    for (let i = 0; i < 100; i++) kfree(kmalloc(512, GFP_KERNEL));
    expect(quarantine_bytes()).toBe((512 * 4096) / 32);
    while (kmalloc(32768, GFP_ATOMIC) !== null);
    expect(quarantine_bytes()).toBe(0);
  });
});

test('a cache goes with nothing of it left in the queue', () => {
  up();
  machine.run(() => {
    const cache = kmem_cache_create('dogs', 40, 0, 0, null)!;
    const dogs = Array.from({ length: 50 }, () => kmem_cache_alloc(cache, GFP_KERNEL)!);
    for (const dog of dogs) kmem_cache_free(cache, dog);
    expect(quarantine_bytes()).toBeGreaterThan(0);
    kmem_cache_destroy(cache);
    // What describes the cache is an object itself, freed after it.
    expect(quarantine_bytes()).toBeLessThanOrEqual(128);
  });
  expect(machine.headlines()).toEqual([]);
});
