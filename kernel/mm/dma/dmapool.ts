/** Pools of small coherent blocks. Linux: mm/dmapool.c, which is the source of all functions. */
import { point } from '../../arch/point.js';
import { kernel } from '../../current.js';
import { report } from '../../debug/report.js';
import type { device } from '../../dma/device.js';
import { type CoherentMemory, dma_alloc_coherent, dma_free_coherent } from '../../dma/mapping.js';
import { might_alloc, might_sleep_at } from '../../sched/might_sleep.js';
import { __GFP_ZERO } from '../gfp_types.js';
import { hex8, PAGE_SIZE } from '../layout.js';
import type { Ptr } from '../pointer.js';
import { u8 } from '../ram.js';
import { offset_of } from '../kasan/record.js';
import { KASAN_SLAB_FREE, poison, unpoison } from '../kasan/shadow.js';

interface PoolPage {
  readonly memory: CoherentMemory;
  /** Offsets of free blocks. */
  readonly free: number[];
  readonly blocks: number;
}

/** `struct dma_pool *`: held by reference. */
export class dma_pool {
  readonly name: string;
  readonly dev: device;
  readonly size: number;
  /** No block crosses a multiple of this. */
  readonly boundary: number;
  readonly allocation: number;
  readonly pages: PoolPage[] = [];

  constructor(name: string, dev: device, size: number, boundary: number, allocation: number) {
    this.name = name;
    this.dev = dev;
    this.size = size;
    this.boundary = boundary;
    this.allocation = allocation;
  }

  page_of(addr: number): PoolPage | null {
    return this.pages.find(({ memory }) => addr >= memory.cpu_addr && addr < memory.cpu_addr + this.allocation) ?? null;
  }
}

/**
 * A pool of blocks of `size` bytes for a device, at multiples of `align`; none crosses a multiple of `boundary` (0:
 * none is meant). Null for an alignment that is no power of two and a boundary below the size. Context: process, may sleep.
 */
export function dma_pool_create(name: string, dev: device, size: number, align: number, boundary: number): dma_pool | null {
  point();
  might_sleep_at('kernel/locking/mutex.c:580');
  const step = align === 0 ? 1 : align;
  if ((step & (step - 1)) !== 0 || size <= 0) return null;
  const bytes = (Math.max(size, 8) + Math.max(step, 8) - 1) & -Math.max(step, 8);
  const allocation = Math.max(bytes, PAGE_SIZE);
  if (boundary !== 0 && (boundary < bytes || (boundary & (boundary - 1)) !== 0)) return null;
  const pool = new dma_pool(name, dev, bytes, boundary === 0 ? allocation : Math.min(boundary, allocation), allocation);
  kernel.registrations.add('dma-pool', pool, name);
  return pool;
}

/** A block, and its bus address; null where there is no memory. Context: any with flags that do not sleep, else process. */
export function dma_pool_alloc<T = unknown>(pool: dma_pool, gfp: number): CoherentMemory<T> | null {
  point();
  might_alloc(gfp);
  let page = pool.pages.find(({ free }) => free.length > 0);
  if (page === undefined) {
    const memory = dma_alloc_coherent(pool.dev, pool.allocation, gfp & ~__GFP_ZERO);
    if (memory === null) return null;
    page = new_page(pool, memory);
  }
  const block = page.free.shift()!;
  const cpu_addr = (page.memory.cpu_addr + block) as Ptr<T>;
  const offset = offset_of(cpu_addr);
  unpoison(offset, pool.size);
  if ((gfp & __GFP_ZERO) !== 0) u8.fill(0, offset, offset + pool.size);
  return { cpu_addr, dma_handle: page.memory.dma_handle + block };
}

/** dma_pool_alloc() and memory that is all zeros. */
export function dma_pool_zalloc<T = unknown>(pool: dma_pool, gfp: number): CoherentMemory<T> | null {
  return dma_pool_alloc(pool, gfp | __GFP_ZERO);
}

/** Linux: pool_initialise_page(). */
function new_page(pool: dma_pool, memory: CoherentMemory): PoolPage {
  const free: number[] = [];
  for (let at = 0, next = pool.boundary; at + pool.size <= pool.allocation; ) {
    if (at + pool.size > next) {
      at = next;
      next += pool.boundary;
      continue;
    }
    free.push(at);
    at += pool.size;
  }
  poison(offset_of(memory.cpu_addr), pool.allocation, KASAN_SLAB_FREE);
  const page: PoolPage = { memory, free, blocks: free.length };
  pool.pages.push(page);
  return page;
}

function complain(pool: dma_pool, what: string): void {
  report('dma-api', `${pool.dev.driver} ${pool.dev.name}: ${what}`);
}

/** Gives a block back. Context: any. */
export function dma_pool_free(pool: dma_pool, cpu_addr: Ptr, dma_handle: number): void {
  point();
  const at = `${hex8(cpu_addr)}/0x${dma_handle.toString(16).padStart(8, '0')}`;
  const page = pool.page_of(cpu_addr);
  const block = page === null ? 0 : cpu_addr - page.memory.cpu_addr;
  if (page === null || page.memory.dma_handle + block !== dma_handle) {
    complain(pool, `dma_pool_free ${pool.name}, ${at} (bad ${page === null ? 'vaddr' : 'dma'})`);
    return;
  }
  if (page.free.includes(block)) {
    complain(pool, `dma_pool_free ${pool.name}, dma 0x${dma_handle.toString(16).padStart(8, '0')} already free`);
    return;
  }
  poison(offset_of(cpu_addr), pool.size, KASAN_SLAB_FREE);
  page.free.push(block);
}

/** Ends a pool; null is fine. Pages with blocks that are out are reported and stay. Context: process, may sleep. */
export function dma_pool_destroy(pool: dma_pool | null): void {
  point();
  if (pool === null) return;
  might_sleep_at('kernel/locking/mutex.c:580');
  kernel.registrations.remove(pool);
  for (const page of pool.pages.splice(0)) {
    const { cpu_addr, dma_handle } = page.memory;
    if (page.free.length !== page.blocks) complain(pool, `dma_pool_destroy ${pool.name}, ${hex8(cpu_addr)} busy`);
    else dma_free_coherent(pool.dev, pool.allocation, cpu_addr, dma_handle);
  }
}
