/** Random traffic on caches, areas and per-CPU memory: what is live never overlaps, keeps its bytes, and all of it comes back. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boot } from 'ringzero';
import { GFP_ATOMIC, GFP_KERNEL, kmem_cache_alloc, kmem_cache_create, kmem_cache_destroy, kmem_cache_free, kvfree, kvmalloc, SLAB_HWCACHE_ALIGN, SLAB_POISON, SLAB_RED_ZONE } from 'ringzero/linux/slab';
import { bytes, memset } from 'ringzero/linux/string';
import type { Ptr } from 'ringzero/linux/types';
import { vfree, vmalloc } from 'ringzero/linux/vmalloc';
import { PAGE_OFFSET } from '../../../kernel/mm/layout.js';

interface Live {
  readonly addr: Ptr;
  readonly size: number;
  readonly fill: number;
  readonly free: () => void;
}

const cache = fc.record({
  size: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 6000 })),
  align: fc.constantFrom(0, 8, 16, 64, 256),
  flags: fc.constantFrom(0, SLAB_HWCACHE_ALIGN, SLAB_POISON | SLAB_RED_ZONE),
});
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ what: fc.constant('alloc' as const), n: fc.nat(1000) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('vmalloc' as const), n: fc.integer({ min: 1, max: 30_000 }) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('kvmalloc' as const), n: fc.integer({ min: 1, max: 30_000 }) }) },
  { weight: 5, arbitrary: fc.record({ what: fc.constant('free' as const), n: fc.nat(1000) }) },
);

function check({ addr, size, fill }: Live): void {
  for (const at of size <= 128 ? [0] : [0, size - 64]) {
    expect(bytes((addr + at) as Ptr, Math.min(size, 64)).every((byte) => byte === fill)).toBe(true);
  }
}

test('caches, areas and what is between', () => {
  fc.assert(
    fc.property(fc.array(cache, { minLength: 1, maxLength: 4 }), fc.array(step, { minLength: 50, maxLength: 500, size: 'max' }), (kinds, steps) => {
      const machine = boot();
      machine.run(() => {
        const caches = kinds.map(({ size, align, flags }, i) => ({ s: kmem_cache_create(`cache${i}`, size, align, flags, null)!, size, align }));
        const live: Live[] = [];
        let fill = 0;
        const keep = (addr: Ptr | null, size: number, free: (p: Ptr) => void): void => {
          if (addr === null) return;
          fill = (fill % 250) + 1;
          memset(addr, fill, size);
          live.push({ addr, size, fill, free: () => { free(addr); } });
        };
        for (const { what, n } of steps) {
          if (what === 'alloc') {
            const { s, size, align } = caches[n % caches.length]!;
            const p = kmem_cache_alloc(s, n % 2 === 0 ? GFP_KERNEL : GFP_ATOMIC);
            if (align > 0) expect((p! - PAGE_OFFSET) % align).toBe(0);
            keep(p, size, (q) => { kmem_cache_free(s, q); });
          } else if (what === 'vmalloc') keep(vmalloc(n), n, vfree);
          else if (what === 'kvmalloc') keep(kvmalloc(n, GFP_KERNEL), n, kvfree);
          else if (live.length > 0) {
            const [object] = live.splice(n % live.length, 1) as [Live];
            check(object);
            object.free();
          }
        }
        for (const object of live) {
          check(object);
          object.free();
        }
        for (const { s } of caches) kmem_cache_destroy(s);
      });
      expect(machine.headlines()).toEqual([]);
      expect(machine.leftovers()).toEqual([]);
      machine.powerOff();
    }),
    { numRuns: 40, seed: 7 },
  );
});
