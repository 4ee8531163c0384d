/** Memory pools. */
import { afterEach, expect, test } from 'vitest';
import { boot, type Machine } from 'ringzero';
import { msleep } from 'ringzero/linux/delay';
import { kthread_run } from 'ringzero/linux/kthread';
import { mempool_alloc, mempool_create, mempool_create_kmalloc_pool, mempool_create_slab_pool, mempool_destroy, mempool_exit, mempool_free, mempool_init, mempool_t } from 'ringzero/linux/mempool';
import { GFP_ATOMIC, GFP_KERNEL, GFP_NOIO, kfree, kmalloc, kmem_cache_create, kmem_cache_destroy } from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK, spin_lock } from 'ringzero/linux/spinlock';
import { load_u8, type Ptr, sizeof, struct, u32 } from 'ringzero/linux/types';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

/** A pool whose elements come from a source that can run dry. */
function pool_of(min_nr: number, dry: { now: boolean }): Ptr<mempool_t> {
  return mempool_create(min_nr, (gfp, size: number) => (dry.now ? null : kmalloc(size, gfp)), (element) => { kfree(element); }, 64)!;
}

test('the reserve is for when there is nothing else', () => {
  machine = boot();
  machine.run(() => {
    const dry = { now: false };
    const pool = pool_of(2, dry);
    expect(mempool_t.at(pool).curr_nr).toBe(2);
    const fresh = mempool_alloc(pool, GFP_NOIO)!;
    expect(mempool_t.at(pool).curr_nr).toBe(2);
    dry.now = true;
    const a = mempool_alloc(pool, GFP_ATOMIC)!;
    const b = mempool_alloc(pool, GFP_ATOMIC)!;
    expect(mempool_alloc(pool, GFP_ATOMIC)).toBeNull();
    mempool_free(a, pool);
    mempool_free(b, pool);
    mempool_free(fresh, pool);
    mempool_free(null, pool);
    mempool_destroy(pool);
    mempool_destroy(null);
  });
  expect(machine.headlines()).toEqual([]);
  expect(machine.leftovers()).toEqual([]);
});

test('who may sleep waits until an element comes back', () => {
  machine = boot();
  machine.run(() => {
    const dry = { now: false };
    const pool = pool_of(1, dry);
    dry.now = true;
    const only = mempool_alloc(pool, GFP_KERNEL)!;
    kthread_run(() => {
      msleep(100);
      mempool_free(only, pool);
      return 0;
    }, null, 'giver');
    const before = machine.now();
    expect(mempool_alloc(pool, GFP_KERNEL)).toBe(only);
    const waited = machine.now() - before;
    expect(waited).toBeGreaterThan(90_000_000);
    expect(waited).toBeLessThan(1_000_000_000);
    mempool_free(only, pool);
    mempool_destroy(pool);
  });
  expect(machine.headlines()).toEqual([]);
});

test('of a slab cache, of kmalloc, and inside of another struct', () => {
  machine = boot();
  machine.run(() => {
    const cache = kmem_cache_create('orc', 40, 0, 0, null)!;
    const slab_pool = mempool_create_slab_pool(3, cache)!;
    mempool_free(mempool_alloc(slab_pool, GFP_KERNEL), slab_pool);
    mempool_destroy(slab_pool);
    kmem_cache_destroy(cache);
    const pieces = mempool_create_kmalloc_pool(3, 500)!;
    mempool_free(mempool_alloc(pieces, GFP_KERNEL), pieces);
    mempool_destroy(pieces);
    const dev = struct('dev', { id: u32, pool: mempool_t });
    const d = kmalloc(sizeof(dev), GFP_KERNEL)!;
    expect(mempool_init(dev.at(d).pool, 2, (gfp) => kmalloc(8, gfp), (element) => { kfree(element); }, null)).toBe(0);
    mempool_exit(dev.at(d).pool);
    expect(mempool_init(dev.at(d).pool, 2, () => null, () => undefined, null)).toBe(-12);
    kfree(d);
  });
  expect(machine.headlines()).toEqual([]);
  expect(machine.leftovers()).toEqual([]);
});

test.each([
  ['an element used after it went back', (pool: Ptr<mempool_t>, p: Ptr) => { mempool_free(p, pool); load_u8(p); }, 'BUG: KASAN: use-after-free'],
  ['an element that goes back twice', (pool: Ptr<mempool_t>, p: Ptr) => { mempool_free(p, pool); mempool_free(p, pool); }, 'BUG: KASAN: double-free in mempool_free'],
  ['a pool used after its end', (pool: Ptr<mempool_t>) => { mempool_destroy(pool); mempool_alloc(pool, GFP_KERNEL); }, 'BUG: KASAN: use-after-free'],
  ['a sleeping allocation in atomic context', (pool: Ptr<mempool_t>) => { spin_lock(DEFINE_SPINLOCK('l')); mempool_alloc(pool, GFP_KERNEL); }, 'sleeping function called from invalid context'],
  ['what is no pool', () => { mempool_alloc(kmalloc(64, GFP_KERNEL)!, GFP_KERNEL); }, 'there is no memory pool at'],
])('%s', (_what, wrong, headline) => {
  machine = boot();
  expect(() => {
    machine.run(() => {
      const dry = { now: false };
      const pool = pool_of(1, dry);
      dry.now = true;
      wrong(pool, mempool_alloc(pool, GFP_ATOMIC)!);
    });
  }).toThrow(headline);
});
