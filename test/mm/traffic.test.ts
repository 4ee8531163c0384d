/** Random traffic against a simple model: what is live never overlaps, keeps its bytes, and all of it comes back. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { __GFP_DMA, __GFP_NOWARN, __GFP_ZERO, __get_free_pages, free_pages, GFP_ATOMIC, GFP_KERNEL, kfree, kmalloc, krealloc, ksize } from '../../kernel/include/linux/slab.js';
import { load_u8, store_u8, type Ptr } from '../../kernel/include/linux/types.js';
import { bytes, memset } from '../../kernel/include/linux/string.js';
import { PAGE_OFFSET, PAGE_SIZE } from '../../kernel/mm/layout.js';
import { for_each_object } from '../../kernel/mm/slab/object.js';
import { drain_all_pages } from '../../kernel/mm/pages/page_alloc.js';
import { Node } from '../../kernel/mm/node.js';
import { Ram } from '../../kernel/mm/ram.js';
import { memory_machine } from './machine.js';

interface Live {
  addr: Ptr;
  size: number;
  fill: number;
  order: number;
}

const FLAGS = [GFP_KERNEL, GFP_ATOMIC, GFP_KERNEL | __GFP_DMA, GFP_KERNEL | __GFP_ZERO];

const sizes = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 8000, max: 60_000 }), fc.constantFrom(8, 16, 32, 64, 96, 128, 192, 4096, 8192));
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ what: fc.constant('kmalloc' as const), cpu: fc.nat(3), size: sizes, flags: fc.constantFrom(...FLAGS) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('pages' as const), cpu: fc.nat(3), size: fc.nat(4), flags: fc.constantFrom(...FLAGS) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('krealloc' as const), cpu: fc.nat(3), size: sizes, flags: fc.nat(1000) }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('free' as const), cpu: fc.nat(3), size: fc.constant(0), flags: fc.nat(1000) }) },
);

/** Bytes of a live object that the test fills and checks: both ends, and all of a small one. */
function check(object: Live): void {
  const ends = object.size <= 256 ? [0] : [0, object.size - 64];
  for (const at of ends) {
    const n = Math.min(object.size, 64);
    expect(bytes((object.addr + at) as Ptr, n).every((byte) => byte === object.fill)).toBe(true);
  }
}

test('no overlap, alignment, zone, content, and all returned', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 50, maxLength: 600, size: 'max' }), (steps) => {
      const machine = memory_machine({ cpus: 4, dma_pages: 256, normal_pages: 768, highmem_pages: 64 });
      const live: Live[] = [];
      let fill = 0;
      const keep = (addr: Ptr, size: number, order: number, flags: number): void => {
        if ((flags & __GFP_ZERO) !== 0) expect(bytes(addr, size).every((byte) => byte === 0)).toBe(true);
        fill = (fill % 250) + 1;
        memset(addr, fill, size);
        live.push({ addr, size, fill, order });
      };
      const release = (object: Live): void => {
        check(object);
        if (object.order >= 0) free_pages(object.addr, object.order);
        else kfree(object.addr);
      };
      for (const { what, cpu, size, flags } of steps) {
        machine.on_cpu(cpu);
        if (what === 'kmalloc') {
          const addr = kmalloc(size, flags | __GFP_NOWARN);
          if (addr === null) continue;
          if ((size & (size - 1)) === 0) expect((addr - PAGE_OFFSET) % size).toBe(0);
          else expect(addr % 8).toBe(0);
          if ((flags & __GFP_DMA) !== 0) expect(addr).toBeLessThan(PAGE_OFFSET + 256 * PAGE_SIZE);
          keep(addr, size, -1, flags);
        } else if (what === 'pages') {
          const addr = __get_free_pages(flags | __GFP_NOWARN, size);
          if (addr !== null) keep(addr, PAGE_SIZE << size, size, flags);
        } else if (live.length > 0) {
          const at = flags % live.length;
          const object = live[at]!;
          if (what === 'free') {
            live.splice(at, 1);
            release(object);
          } else if (object.order < 0) {
            const kept = Math.min(size, object.size);
            const addr = krealloc(object.addr, size, GFP_KERNEL | __GFP_NOWARN);
            if (addr === null) continue;
            expect(load_u8(addr)).toBe(object.fill);
            expect(load_u8(addr + kept - 1)).toBe(object.fill);
            memset(addr, object.fill, size);
            live[at] = { ...object, addr, size };
          }
        }
      }
      // By address, what is live does not overlap and is what the kernel knows to be live.
      live.sort((a, b) => a.addr - b.addr);
      for (let i = 1; i < live.length; i++) expect(live[i]!.addr).toBeGreaterThanOrEqual(live[i - 1]!.addr + live[i - 1]!.size);
      const known: [number, number][] = [];
      for_each_object(({ addr, size }) => known.push([addr, size]));
      expect(known).toEqual(live.map(({ addr, size }) => [addr, size]));
      expect(machine.headlines()).toEqual([]);
      for (const { addr, size } of live) {
        if (size % 8 !== 0) store_u8(addr + size, 0);
      }
      for (const words of machine.headlines()) expect(words).toContain('slab-out-of-bounds');
      for (const object of live) release(object);
      for (const cache of machine.mm.caches) cache?.shrink();
      drain_all_pages();
      for (const zone of machine.mm.zones) {
        expect(zone.free_pages).toBe(zone.pages);
        const blocks = zone.free_blocks();
        expect(blocks.reduce((sum, n, order) => sum + n * 2 ** order, 0)).toBe(zone.pages);
        expect(blocks.reduce((sum, n) => sum + n, 0)).toBe({ DMA: 1, Normal: 2, HighMem: 1 }[zone.name]);
      }
      machine.off();
    }),
    { numRuns: 150, seed: 1 },
  );
});

test('ksize never lies', () => {
  fc.assert(
    fc.property(sizes, (size) => {
      const machine = memory_machine();
      const p = kmalloc(size, GFP_KERNEL)!;
      const holds = ksize(p);
      expect(holds).toBeGreaterThanOrEqual(size);
      memset(p, 1, holds);
      expect(machine.headlines()).toEqual([]);
      machine.off();
    }),
    { seed: 1 },
  );
});

test('after power-off the pooled memory is as new', () => {
  fc.assert(
    fc.property(fc.array(sizes, { minLength: 1, maxLength: 40 }), (list) => {
      const options = { cpus: 1, dma_pages: 64, normal_pages: 512, highmem_pages: 0 };
      const machine = memory_machine(options);
      const { ram } = machine.mm;
      for (const size of list) {
        const p = kmalloc(size, GFP_KERNEL | __GFP_NOWARN);
        if (p !== null) memset(p, 0xee, size);
      }
      machine.off();
      expect(ram.u32.every((word) => word === 0)).toBe(true);
      expect(ram.shadow.every((byte) => byte === -1)).toBe(true);
      expect(ram.page_words).toEqual(new Node(options, new Ram(ram.pages)).ram.page_words);
      expect(ram.cache_words.every((word) => word === 0)).toBe(true);
    }),
    { numRuns: 20, seed: 1 },
  );
});
