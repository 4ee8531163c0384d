/**
 * The memory of one machine: its RAM, zones and slab caches. Linux: mm/mm_init.c.
 *
 * One is current at a time. Building it touches nothing that it does not use, and release() wipes what was used.
 */
import { PAGE_SHIFT } from './layout.js';
import type { KmemCache } from './slab/slab_cache.js';
import type { StaticArea } from './static_area.js';
import { FunctionTable } from './function_table.js';
import { Kmaps } from './pages/kmap_state.js';
import { give_node, type MmOptions, type Node, take_node } from './node.js';
import { CACHES_MAX, FAILSLAB, NEXT_SEQ, KMALLOC_CACHES, set_ram, type Ram } from './ram.js';
import type { PercpuSpace } from './percpu/percpu_space.js';
import type { VmallocSpace } from './vmalloc/vmalloc_area.js';
import { ReclaimState } from './reclaim/reclaim_state.js';
import type { Zone } from './pages/zone.js';

/** A small machine: 4 MiB, 12 MiB, 4 MiB. */
export const DEFAULT_PAGES = { dma_pages: 1024, normal_pages: 3072, highmem_pages: 1024 } as const;

/** No cache of kmalloc's has been built. */
const NO_CACHES: (KmemCache | null)[] = new Array<KmemCache | null>(KMALLOC_CACHES).fill(null);

type FailSlab = (size: number, gfp: number) => boolean;

export class Mm {
  private readonly node: Node;
  readonly cpus: number;
  readonly ram: Ram;
  readonly lowmem_pages: number;
  /** By ZONE_DMA, ZONE_NORMAL, ZONE_HIGHMEM. A zone may be empty. */
  readonly zones: readonly [Zone, Zone, Zone];

  /** All slab caches by number. Number 0 is nobody's; those of kmalloc come next, each built at its first use. */
  caches = NO_CACHES;

  /** Built at the first vmalloc(). */
  vmalloc: VmallocSpace | null = null;
  /** Built at the first per-CPU variable. */
  percpu: PercpuSpace | null = null;

  readonly functions = new FunctionTable();
  /** Static data, an area an owner. */
  readonly statics: StaticArea[] = [];

  private built_reclaim: ReclaimState | null = null;
  private built_kmaps: Kmaps | null = null;
  /** Pages freed since boot, by whomever: whether waiting for memory makes sense. */
  pages_freed = 0;

  private failslab: FailSlab | null = null;
  /** The same for blocks of pages. Linux: mm/page_alloc.c, should_fail_alloc_page(). */
  should_fail_alloc_page: ((gfp: number, order: number, size: number) => boolean) | null = null;

  /** Places whose WARN_ON_ONCE() has spoken. */
  private readonly warned: string[] = [];

  constructor(options: MmOptions) {
    this.node = take_node(options);
    this.cpus = options.cpus;
    this.ram = this.node.ram;
    this.lowmem_pages = this.node.lowmem_pages;
    this.zones = this.node.zones;
  }

  get reclaim(): ReclaimState {
    return (this.built_reclaim ??= new ReclaimState());
  }

  get kmaps(): Kmaps {
    return (this.built_kmaps ??= new Kmaps());
  }

  /** Frame's zone. */
  zone_of(pfn: number): Zone {
    const [dma, normal, highmem] = this.zones;
    if (pfn < dma.end) return dma;
    return pfn < normal.end ? normal : highmem;
  }

  /** A frame is about to be written, whoever has it: it is wiped with the others. */
  touch_astray(pfn: number): void {
    this.ram.touch_astray(pfn);
    this.zone_of(pfn).touched = true;
  }

  /** True the first time that it is asked about a place. */
  once(place: string): boolean {
    if (this.warned.includes(place)) return false;
    this.warned.push(place);
    return true;
  }

  /** Fault injection: says whether this slab allocation is to fail. Linux: mm/failslab.c. */
  get should_failslab(): FailSlab | null {
    return this.failslab;
  }

  set should_failslab(hook: FailSlab | null) {
    this.failslab = hook;
    this.settle_hooks();
  }

  /** KMSAN's bits, one a byte as the shadow lies. */
  watch_initialised(bits: Uint8Array): void {
    this.ram.initialised = bits;
    this.settle_hooks();
    if ((mm as Mm | undefined) === this) set_mm(this);
  }

  /** Slab allocations take the long way where somebody looks at them. */
  private settle_hooks(): void {
    this.ram.cache_words[FAILSLAB] = this.failslab === null && this.ram.initialised === null ? 0 : 1;
  }

  /** Gives a cache a number: the one that kmalloc wants, or (0) the first that is free. */
  add_cache(cache: KmemCache, wanted: number): number {
    const free = wanted !== 0 ? wanted : this.caches.indexOf(null, KMALLOC_CACHES);
    const number = free < 0 ? this.caches.length : free;
    if (this.caches === NO_CACHES) this.caches = NO_CACHES.slice();
    if (number >= CACHES_MAX) throw new RangeError(`more than ${CACHES_MAX - 1} slab caches`);
    this.caches[number] = cache;
    return number;
  }

  /** Some object has been allocated since boot. */
  get has_allocated(): boolean {
    return this.ram.cache_words[NEXT_SEQ]! > 0;
  }

  /** Ends this memory: what was touched is wiped and the RAM goes back to the pool. It must not be used again. */
  release(): void {
    if (mm === this) set_mm(null);
    give_node(this.node, this.caches === NO_CACHES ? 0 : this.caches.length);
  }
}

/** The current machine's memory. */
export let mm: Mm;

/** Makes a memory the current one; null: none, and every access is a wild one. */
export function set_mm(next: Mm | null): void {
  mm = next!;
  set_ram(next === null ? null : next.ram, next === null ? 0 : next.lowmem_pages << PAGE_SHIFT);
}
