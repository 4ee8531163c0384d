/** Pools of small coherent blocks. */
import { afterEach, expect, test } from 'vitest';
import { boot, type Machine } from 'ringzero';
import { device } from 'ringzero/linux/dma-mapping';
import { dma_pool_alloc, dma_pool_create, dma_pool_destroy, dma_pool_free, dma_pool_zalloc } from 'ringzero/linux/dmapool';
import { GFP_ATOMIC, GFP_KERNEL } from 'ringzero/linux/slab';
import { memset } from 'ringzero/linux/string';
import { load_u32, load_u8, type Ptr } from 'ringzero/linux/types';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

test('blocks are aligned, cross no boundary, and do not overlap', () => {
  machine = boot();
  machine.run(() => {
    const pool = dma_pool_create('ring', new device('0000:00:03.0', 'dog'), 96, 32, 256)!;
    const all = Array.from({ length: 100 }, () => dma_pool_alloc(pool, GFP_ATOMIC)!);
    all.forEach(({ cpu_addr, dma_handle }, i) => {
      expect(dma_handle % 32).toBe(0);
      expect(dma_handle & ~255).toBe((dma_handle + 95) & ~255);
      memset(cpu_addr, i, 96);
    });
    all.forEach(({ cpu_addr, dma_handle }, i) => {
      expect(load_u8(cpu_addr + 95)).toBe(i);
      dma_pool_free(pool, cpu_addr, dma_handle);
    });
    const zeroed = dma_pool_zalloc(pool, GFP_KERNEL)!;
    expect(load_u32(zeroed.cpu_addr)).toBe(0);
    dma_pool_free(pool, zeroed.cpu_addr, zeroed.dma_handle);
    dma_pool_destroy(pool);
    dma_pool_destroy(null);
    expect(dma_pool_create('odd', pool.dev, 96, 3, 0)).toBeNull();
    expect(dma_pool_create('odd', pool.dev, 96, 0, 64)).toBeNull();
  });
  expect(machine.headlines()).toEqual([]);
  expect(machine.leftovers()).toEqual([]);
});

test('wrong frees, and blocks left', () => {
  machine = boot({ rules: { kasan: 'warn' } });
  machine.run(() => {
    const pool = dma_pool_create('ring', new device('0000:00:03.0', 'dog'), 64, 0, 0)!;
    const a = dma_pool_alloc(pool, GFP_KERNEL)!;
    dma_pool_free(pool, (a.cpu_addr + 0x100000) as Ptr, a.dma_handle);
    dma_pool_free(pool, a.cpu_addr, a.dma_handle + 64);
    dma_pool_free(pool, a.cpu_addr, a.dma_handle);
    dma_pool_free(pool, a.cpu_addr, a.dma_handle);
    load_u8(a.cpu_addr);
    dma_pool_alloc(pool, GFP_KERNEL);
    dma_pool_destroy(pool);
  });
  expect(machine.headlines().map((line) => line.split('\n')[0]!.replace(/(0x)?[0-9a-f]{8}/g, 'N').replace(/ in .*/, ''))).toEqual([
    'dog 0000:00:03.0: dma_pool_free ring, N/N (bad vaddr)',
    'dog 0000:00:03.0: dma_pool_free ring, N/N (bad dma)',
    'dog 0000:00:03.0: dma_pool_free ring, dma N already free',
    'BUG: KASAN: use-after-free',
    'dog 0000:00:03.0: dma_pool_destroy ring, N busy',
  ]);
});
