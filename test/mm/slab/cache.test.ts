/** Slab caches as modules make them. */
import { afterEach, expect, test } from 'vitest';
import { boot, type BootOptions, type Machine } from 'ringzero';
import {
  __GFP_ZERO, type cache_ptr, GFP_ATOMIC, GFP_KERNEL, kfree, KMEM_CACHE, kmalloc, kmem_cache_alloc, kmem_cache_alloc_bulk, kmem_cache_create, kmem_cache_destroy,
  kmem_cache_free, kmem_cache_free_bulk, kmem_cache_shrink, kmem_cache_size, kmem_cache_zalloc, ksize, SLAB_CACHE_DMA, SLAB_HWCACHE_ALIGN, SLAB_PANIC,
} from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { bytes, memset } from 'ringzero/linux/string';
import { array, load_u32, load_u8, type Ptr, sizeof, store_u32, struct, u32, u8 } from 'ringzero/linux/types';
import { PAGE_OFFSET } from '../../../kernel/mm/layout.js';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

function run(fn: () => void, options: BootOptions = {}): string[] {
  machine = boot(options);
  machine.run(fn);
  return machine.headlines().map((line) => line.split('\n')[0]!);
}

const dog = struct('dog', { weight: u32, name: array(u8, 36) });

test('create, alloc, free, destroy', () => {
  const said = run(() => {
    const cache = kmem_cache_create('dogs', sizeof(dog), 0, 0, null)!;
    expect(kmem_cache_size(cache)).toBe(40);
    const p = kmem_cache_alloc(cache, GFP_KERNEL)!;
    dog.at(p).weight = 30;
    expect(ksize(p)).toBe(40);
    kmem_cache_free(cache, p);
    const q = kmem_cache_zalloc(cache, GFP_ATOMIC)!;
    expect(bytes(q, 40).every((byte) => byte === 0)).toBe(true);
    kfree(q);
    expect(kmem_cache_shrink(cache)).toBe(0);
    kmem_cache_destroy(cache);
    kmem_cache_destroy(null);
  });
  expect(said).toEqual([]);
  expect(machine.leftovers()).toEqual([]);
});

test.each([
  [40, 0, 0, 8],
  [40, 64, 0, 64],
  [100, 0, SLAB_HWCACHE_ALIGN, 64],
  [30, 0, SLAB_HWCACHE_ALIGN, 32],
  [10, 0, SLAB_HWCACHE_ALIGN, 16],
  [3000, 0, 0, 8],
  [9000, 256, 0, 256],
])('objects of %i bytes, align %i, flags %i lie at multiples of %i', (size, align, flags, expected) => {
  const said = run(() => {
    const cache = kmem_cache_create('things', size, align, flags, null)!;
    const all: Ptr[] = [];
    for (let i = 0; i < 20; i++) {
      const p = kmem_cache_alloc(cache, GFP_KERNEL)!;
      expect((p - PAGE_OFFSET) % expected).toBe(0);
      memset(p, i, size);
      all.push(p);
    }
    all.forEach((p, i) => {
      expect(load_u8(p)).toBe(i);
      expect(load_u8(p + size - 1)).toBe(i);
      kmem_cache_free(cache, p);
    });
    kmem_cache_destroy(cache);
  });
  expect(said).toEqual([]);
});

test('a constructor runs once for each object of a slab, and what it set up stays', () => {
  const said = run(() => {
    let made = 0;
    const cache = kmem_cache_create<unknown>('made', 64, 0, 0, (p) => {
      store_u32(p, 1000 + made++);
    })!;
    const p = kmem_cache_alloc(cache, GFP_KERNEL)!;
    expect(made).toBeGreaterThan(1);
    const after = made;
    const id = load_u32(p);
    // Another one stays in use, and the slab with it; the object itself leaves the quarantine.
    const other = kmem_cache_alloc(cache, GFP_KERNEL)!;
    kmem_cache_free(cache, p);
    kmem_cache_shrink(cache);
    const again: Ptr[] = [other];
    for (let i = 1; i < after; i++) again.push(kmem_cache_alloc(cache, GFP_KERNEL)!);
    expect(made).toBe(after);
    expect(new Set(again.map((q) => load_u32(q))).size).toBe(after);
    expect(again.map((q) => load_u32(q))).toContain(id);
    kmem_cache_free_bulk(cache, after, again);
    kmem_cache_destroy(cache);
  });
  expect(said).toEqual([]);
});

test('a constructor that takes a lock and keeps it is reported', () => {
  expect(() => {
    run(() => {
      const lock = DEFINE_SPINLOCK('l');
      const cache = kmem_cache_create('made', 9000, 0, 0, () => {
        spin_lock(lock);
      })!;
      kmem_cache_alloc(cache, GFP_KERNEL);
    }, { rules: { 'context-imbalance': 'panic' } });
  }).toThrow('returned with another context than it was called with');
});

test('zeroed memory and a constructor do not go together', () => {
  const said = run(() => {
    const cache = kmem_cache_create('made', 32, 0, 0, () => undefined)!;
    kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL | __GFP_ZERO)!);
  });
  expect(said).toEqual([expect.stringContaining('at mm/slub.c:2052 new_slab')]);
});

test('objects in bulk', () => {
  const said = run(() => {
    const cache = KMEM_CACHE(dog, 0)!;
    const all: Ptr<{ readonly struct: 'dog' }>[] = [];
    expect(kmem_cache_alloc_bulk(cache, GFP_KERNEL, 100, all)).toBe(100);
    expect(new Set(all).size).toBe(100);
    kmem_cache_free_bulk(cache, 100, all);
    kmem_cache_destroy(cache);
  });
  expect(said).toEqual([]);
});

test('SLAB_CACHE_DMA: from ZONE_DMA', () => {
  run(() => {
    const cache = kmem_cache_create('isa', 512, 0, SLAB_CACHE_DMA, null)!;
    const p = kmem_cache_alloc(cache, GFP_KERNEL)!;
    expect(p - PAGE_OFFSET).toBeLessThan(machine.kernel.mm.zones[0].pages * 4096);
    kmem_cache_free(cache, p);
    kmem_cache_destroy(cache);
  });
});

test('a cache with objects left is not destroyed, and says which', () => {
  const said = run(() => {
    const cache = kmem_cache_create('orc_cache', 40, 0, 0, null)!;
    const p = kmem_cache_alloc(cache, GFP_KERNEL)!;
    kmem_cache_destroy(cache);
    kmem_cache_free(cache, p);
    kmem_cache_destroy(cache);
  });
  expect(said).toEqual(['BUG orc_cache (Not tainted): Objects remaining in orc_cache on __kmem_cache_shutdown()']);
  expect(machine.report()).toMatch(/Object 0x[0-9a-f]{8} @offset=0\nAllocated by task/);
  expect(machine.report()).toContain('kmem_cache_destroy orc_cache: Slab cache still has objects when called from');
});

test('an object of another cache is reported, and goes to its own', () => {
  const said = run(() => {
    const a = kmem_cache_create('orc_a', 40, 0, 0, null)!;
    const b = kmem_cache_create('orc_b', 200, 0, 0, null)!;
    kmem_cache_free(b, kmem_cache_alloc(a, GFP_KERNEL)!);
    kmem_cache_free(b, kmalloc(8, GFP_KERNEL)!);
    kmem_cache_free(b, kmalloc(20_000, GFP_KERNEL)!);
    kmem_cache_destroy(a);
    kmem_cache_destroy(b);
  });
  expect(said).toEqual([
    'cache_from_obj: Wrong slab cache. orc_b but object is from orc_a',
    'cache_from_obj: Wrong slab cache. orc_b but object is from kmalloc-8',
    'virt_to_cache: Object is not a Slab page!',
  ]);
});

test.each([
  ['a second free', (cache: cache_ptr, p: Ptr) => { kmem_cache_free(cache, p); kmem_cache_free(cache, p); }, 'BUG: KASAN: double-free in kmem_cache_free'],
  ['a free of the middle', (cache: cache_ptr, p: Ptr) => { kmem_cache_free(cache, (p + 8) as Ptr); }, 'BUG: KASAN: invalid-free in kmem_cache_free'],
  ['a read behind', (_cache: cache_ptr, p: Ptr) => { load_u8(p + 40); }, 'BUG: KASAN: slab-out-of-bounds'],
  ['a use after the free', (cache: cache_ptr, p: Ptr) => { kmem_cache_free(cache, p); load_u8(p); }, 'BUG: KASAN: use-after-free'],
  ['a cache used after its end', (cache: cache_ptr, p: Ptr) => { kmem_cache_free(cache, p); kmem_cache_destroy(cache); kmem_cache_alloc(cache, GFP_KERNEL); }, 'BUG: KASAN: use-after-free'],
  ['a cache destroyed twice', (cache: cache_ptr, p: Ptr) => { kmem_cache_free(cache, p); kmem_cache_destroy(cache); kmem_cache_destroy(cache); }, 'BUG: KASAN: use-after-free'],
  ['a free of null', (cache: cache_ptr) => { kmem_cache_free(cache, 0 as Ptr); }, 'BUG: kernel NULL pointer dereference'],
  ['no cache at all', () => { kmem_cache_alloc(null as unknown as cache_ptr, GFP_KERNEL); }, 'BUG: KASAN: null-ptr-deref'],
])('%s', (_what, wrong, headline) => {
  machine = boot({ rules: { oops: 'panic' } });
  expect(() => {
    machine.run(() => {
      const cache = kmem_cache_create('orc', 40, 0, 0, null)!;
      wrong(cache, kmem_cache_alloc(cache, GFP_KERNEL)!);
    });
  }).toThrow(headline);
});

test('what is not a cache', () => {
  machine = boot();
  expect(() => machine.run(() => kmem_cache_alloc(kmalloc(32, GFP_KERNEL) as cache_ptr, GFP_KERNEL))).toThrow('is not the address of a slab cache');
});

test('a name that is taken is refused until the cache has gone', () => {
  const said = run(() => {
    const a = kmem_cache_create('orc_a', 40, 0, 0, null)!;
    expect(kmem_cache_create('orc_a', 80, 0, 0, null)).toBeNull();
    kmem_cache_destroy(a);
    kmem_cache_destroy(kmem_cache_create('orc_a', 80, 0, 0, null));
    expect(kmem_cache_create('', 80, 0, 0, null)).toBeNull();
    expect(kmem_cache_create('empty', 0, 0, 0, null)).toBeNull();
    expect(kmem_cache_create('odd', 8, 0, 1, null)).toBeNull();
  });
  expect(said).toEqual(["sysfs: cannot create duplicate filename '/kernel/slab/orc_a'"]);
  expect(machine.dmesg()).toContain('kmem_cache_create(empty) integrity check failed');
});

test('SLAB_PANIC', () => {
  machine = boot();
  expect(() => machine.run(() => kmem_cache_create('empty', 0, 0, SLAB_PANIC, null))).toThrow("Failed to create slab 'empty'. Error -22");
});

test('a sleeping allocation under a spinlock is found although there is an object', () => {
  machine = boot();
  expect(() => {
    machine.run(() => {
      const cache = kmem_cache_create('orc', 40, 0, 0, null)!;
      kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL)!);
      spin_lock(DEFINE_SPINLOCK('l'));
      kmem_cache_alloc(cache, GFP_KERNEL);
    });
  }).toThrow('sleeping function called from invalid context at include/linux/sched/mm.h:274');
});

test('making or ending a cache in atomic context is found', () => {
  const said = run(() => {
    const lock = DEFINE_SPINLOCK('l');
    spin_lock(lock);
    kmem_cache_destroy(kmem_cache_create('orc', 40, 0, 0, null));
    spin_unlock(lock);
  }, { rules: { 'sleep-in-atomic': 'warn' } });
  expect(said.map((line) => line.replace(/.* at /, ''))).toEqual(['kernel/locking/mutex.c:580', 'include/linux/sched/mm.h:274', 'include/linux/percpu-rwsem.h:49']);
});

test('a module that leaves its cache behind leaves an object that says so', () => {
  machine = boot();
  machine.run(() => {
    kmem_cache_create('orc', 40, 0, 0, null);
  });
  expect(machine.leftovers().map(({ text }) => text.replace(/0x\w+/, 'N'))).toEqual(["slab cache 'orc' still exists, made by host code"]);
});
