/** The page allocator against a model that is a list of who has which frames. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { __free_pages, __GFP_COMP, __GFP_DMA, __GFP_HIGHMEM, __GFP_NOWARN, __GFP_ZERO, alloc_pages, alloc_pages_exact, free_pages_exact, GFP_ATOMIC, GFP_KERNEL } from '../../../kernel/include/linux/gfp.js';
import { get_page, page_to_pfn, put_page, split_page, type Page } from '../../../kernel/include/linux/mm.js';
import { PAGE_OFFSET, PAGE_SHIFT, PAGE_SIZE } from '../../../kernel/mm/layout.js';
import { drain_all_pages } from '../../../kernel/mm/pages/page_alloc.js';
import { pfn_to_page } from '../../../kernel/mm/pages/page.js';
import type { Ptr } from '../../../kernel/mm/pointer.js';
import { memory_machine, type MemoryMachine } from '../machine.js';

const SIZES = { cpus: 4, dma_pages: 128, normal_pages: 700, highmem_pages: 200 };
const TOTAL = 1028;
/** Steps of one run, and runs: together some fifty thousand. */
const STEPS = 1500;
const RUNS = 35;

interface Block {
  readonly pfn: number;
  readonly pages: number;
  /** -1: of alloc_pages_exact(). */
  readonly order: number;
  readonly compound: boolean;
  refs: number;
}

const FLAGS = [GFP_KERNEL, GFP_ATOMIC, GFP_KERNEL | __GFP_DMA, GFP_ATOMIC | __GFP_HIGHMEM, GFP_KERNEL | __GFP_HIGHMEM | __GFP_ZERO, GFP_KERNEL | __GFP_COMP];
/** Frames that flags may have: the last one a zone of theirs ends before. */
function limit(flags: number): number {
  if ((flags & __GFP_DMA) !== 0) return 128;
  return (flags & __GFP_HIGHMEM) !== 0 ? TOTAL : 828;
}

const step = fc.record({
  what: fc.constantFrom('alloc', 'alloc', 'alloc', 'exact', 'free', 'free', 'free', 'get', 'split', 'drain'),
  cpu: fc.nat(3),
  order: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat(4) }, { weight: 1, arbitrary: fc.nat(8) }),
  flags: fc.constantFrom(...FLAGS),
  pick: fc.nat(1 << 20),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

class Model {
  readonly machine: MemoryMachine = memory_machine(SIZES);
  readonly blocks: Block[] = [];
  readonly owner = new Uint8Array(TOTAL);

  do({ what, cpu, order, flags, pick }: Step): void {
    this.machine.on_cpu(cpu);
    if (what === 'alloc') {
      const page = alloc_pages(flags | __GFP_NOWARN, order);
      if (page !== null) this.add(page_to_pfn(page), 1 << order, order, flags);
      return;
    }
    if (what === 'exact') {
      const bytes = 1 + (pick % (20 * PAGE_SIZE));
      const addr = alloc_pages_exact(bytes, GFP_KERNEL | __GFP_NOWARN);
      if (addr !== null) this.add((addr - PAGE_OFFSET) >>> PAGE_SHIFT, Math.ceil(bytes / PAGE_SIZE), -1, GFP_KERNEL);
      return;
    }
    if (what === 'drain') {
      drain_all_pages();
      return;
    }
    if (this.blocks.length === 0) return;
    const at = pick % this.blocks.length;
    const block = this.blocks[at]!;
    if (what === 'free') this.release(at);
    else if (block.order < 0) return;
    else if (what === 'get') {
      // A reference to any page of a compound block is one to the block.
      get_page(pfn_to_page(block.pfn + (block.compound ? pick % block.pages : 0)));
      block.refs++;
    } else if (!block.compound && block.refs === 1) {
      split_page(pfn_to_page(block.pfn), block.order);
      this.blocks.splice(at, 1);
      for (let i = 0; i < block.pages; i++) this.blocks.push({ pfn: block.pfn + i, pages: 1, order: 0, compound: false, refs: 1 });
    }
  }

  private add(pfn: number, pages: number, order: number, flags: number): void {
    expect(pfn + pages).toBeLessThanOrEqual(limit(flags));
    if (order > 0) expect(pfn % (1 << order)).toBe(0);
    for (let i = 0; i < pages; i++) {
      if (this.owner[pfn + i] !== 0) throw new Error(`frame ${pfn + i} was given twice`);
      this.owner[pfn + i] = 1;
    }
    this.blocks.push({ pfn, pages, order, compound: (flags & __GFP_COMP) !== 0 && order > 0, refs: 1 });
  }

  release(at: number): void {
    const block = this.blocks[at]!;
    const page: Page = pfn_to_page(block.pfn);
    if (block.order < 0) free_pages_exact((PAGE_OFFSET + (block.pfn << PAGE_SHIFT)) as Ptr, block.pages * PAGE_SIZE);
    else if (block.refs > 1 && (block.compound || block.order === 0)) put_page(page);
    else __free_pages(page, block.order);
    if (--block.refs > 0) return;
    this.owner.fill(0, block.pfn, block.pfn + block.pages);
    this.blocks.splice(at, 1);
  }

  check(): void {
    const { zones } = this.machine.mm;
    let used = 0;
    for (const frame of this.owner) used += frame;
    expect(zones.reduce((sum, zone) => sum + zone.free_pages, 0)).toBe(TOTAL - used);
    for (const zone of zones) {
      expect(zone.free_blocks().reduce((sum, n, order) => sum + n * 2 ** order, 0)).toBe(zone.nr_free);
      for (let cpu = 0; cpu < 4; cpu++) expect(zone.pcp.count(cpu)).toBeLessThanOrEqual(zone.pcp.high);
    }
  }
}

describe('random traffic', () => {
  test('no overlap, alignment, zone, accounting, and all of it coalesced in the end', () => {
    const fresh = memory_machine(SIZES);
    const whole = fresh.mm.zones.map((zone) => zone.free_blocks());
    fresh.off();
    fc.assert(
      fc.property(fc.array(step, { minLength: STEPS, maxLength: STEPS, size: 'max' }), (steps) => {
        const model = new Model();
        steps.forEach((one, i) => {
          model.do(one);
          if (i % 100 === 0) model.check();
        });
        while (model.blocks.length > 0) model.release(model.blocks.length - 1);
        model.check();
        expect(model.machine.headlines()).toEqual([]);
        drain_all_pages();
        expect(model.machine.mm.zones.map((zone) => zone.nr_free)).toEqual([128, 700, 200]);
        expect(model.machine.mm.zones.map((zone) => zone.free_blocks())).toEqual(whole);
        model.machine.off();
      }),
      { numRuns: RUNS, seed: 3, endOnFailure: true },
    );
  });
});
