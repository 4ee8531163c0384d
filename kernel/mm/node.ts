/**
 * The memory of a machine as it is wired: RAM and its zones. Linux: include/linux/mmzone.h, struct pglist_data;
 * mm/page_alloc.c (__setup_per_zone_wmarks(), setup_per_zone_lowmem_reserve()).
 *
 * Nodes are pooled for the isolate. One that is given back is wiped where it was touched, and its zones are laid out anew.
 */
import { PAGE_OFFSET, PAGE_SHIFT, VMEMMAP_START, ZONE_DMA, ZONE_HIGHMEM, ZONE_NAMES, ZONE_NORMAL } from './layout.js';
import { Ram } from './ram.js';
import { Zone } from './pages/zone.js';

/** Zone sizes in pages of 4096 bytes. Lowmem is DMA and NORMAL together. */
export interface MmOptions {
  readonly cpus: number;
  readonly dma_pages: number;
  readonly normal_pages: number;
  readonly highmem_pages: number;
}

/** Lowmem has addresses up to where mem_map starts. */
/** Of the zones dma and normal together, which the kernel sees all the time. */
export const LOWMEM_PAGES_MAX = (VMEMMAP_START - PAGE_OFFSET) >>> PAGE_SHIFT;
const HIGHMEM_PAGES_MAX = 1 << 19;
const CPUS_MAX = 8;

/** Linux: lowmem_reserve_ratio's defaults for DMA, NORMAL, HIGHMEM; 0 keeps nothing. */
const RESERVE_RATIO = [256, 32, 0] as const;

export class Node {
  readonly options: MmOptions;
  readonly ram: Ram;
  readonly lowmem_pages: number;
  /** By ZONE_DMA, ZONE_NORMAL, ZONE_HIGHMEM. A zone may be empty. */
  readonly zones: readonly [Zone, Zone, Zone];

  constructor(options: MmOptions, ram: Ram) {
    const { cpus, dma_pages, normal_pages, highmem_pages } = options;
    this.options = options;
    this.ram = ram;
    this.lowmem_pages = dma_pages + normal_pages;
    this.zones = [
      new Zone(ZONE_DMA, ZONE_NAMES[ZONE_DMA], 0, dma_pages, cpus),
      new Zone(ZONE_NORMAL, ZONE_NAMES[ZONE_NORMAL], dma_pages, normal_pages, cpus),
      new Zone(ZONE_HIGHMEM, ZONE_NAMES[ZONE_HIGHMEM], this.lowmem_pages, highmem_pages, cpus),
    ];
    this.set_watermarks();
    for (const zone of this.zones) zone.pcp.set_high();
    this.lay_out();
  }

  /** All pages are free. */
  lay_out(): void {
    for (const zone of this.zones) zone.build(this.ram.page_words);
  }

  private set_watermarks(): void {
    const [dma, normal, highmem] = this.zones;
    const lowmem_kbytes = this.lowmem_pages * 4;
    // init_per_zone_wmark_min(): the square root of sixteen times the kilobytes, so that it grows slowly.
    const min_free_kbytes = Math.max(128, Math.floor(Math.sqrt(lowmem_kbytes * 16)));
    const min_free_pages = min_free_kbytes >>> 2;
    for (const zone of this.zones) {
      zone.min =
        zone === highmem
          ? Math.min(zone.pages >>> 4, Math.max(zone.pages >>> 10, 32), 128)
          : Math.floor((min_free_pages * zone.pages) / this.lowmem_pages);
      zone.low = zone.min + (zone.min >>> 2);
      zone.high = zone.min + (zone.min >>> 1);
    }
    dma.lowmem_reserve[ZONE_NORMAL] = Math.floor(normal.pages / RESERVE_RATIO[ZONE_DMA]);
    dma.lowmem_reserve[ZONE_HIGHMEM] = Math.floor((normal.pages + highmem.pages) / RESERVE_RATIO[ZONE_DMA]);
    normal.lowmem_reserve[ZONE_HIGHMEM] = Math.floor(highmem.pages / RESERVE_RATIO[ZONE_NORMAL]);
  }
}

function check(options: MmOptions): void {
  const { cpus, dma_pages, normal_pages, highmem_pages } = options;
  for (const [name, n, max] of [['cpus', cpus, CPUS_MAX], ['dma_pages', dma_pages, LOWMEM_PAGES_MAX], ['normal_pages', normal_pages, LOWMEM_PAGES_MAX], ['highmem_pages', highmem_pages, HIGHMEM_PAGES_MAX]] as const) {
    if (!Number.isInteger(n) || n < 0 || n > max) throw new RangeError(`${name} must be an integer from 0 to ${max}, got ${n}`);
  }
  const lowmem_pages = dma_pages + normal_pages;
  if (lowmem_pages === 0 || lowmem_pages > LOWMEM_PAGES_MAX) {
    throw new RangeError(`dma_pages and normal_pages together must be 1 to ${LOWMEM_PAGES_MAX}, got ${lowmem_pages}`);
  }
}

const pool: Node[] = [];

/** A clean node with these zones. */
export function take_node(options: MmOptions): Node {
  const { cpus, dma_pages, normal_pages, highmem_pages } = options;
  for (let at = pool.length - 1; at >= 0; at--) {
    const known = pool[at]!.options;
    if (known.normal_pages === normal_pages && known.dma_pages === dma_pages && known.highmem_pages === highmem_pages && known.cpus === cpus) return take_at(at);
  }
  check(options);
  const pages = dma_pages + normal_pages + highmem_pages;
  const same_size = pool.findLastIndex(({ ram }) => ram.pages === pages);
  if (same_size < 0) return new Node(options, new Ram(pages));
  const { ram } = take_at(same_size);
  ram.page_words.fill(0);
  return new Node(options, ram);
}

function take_at(at: number): Node {
  const node = pool[at]!;
  const last = pool.pop()!;
  if (last !== node) pool[at] = last;
  return node;
}

/** Gives a node back: what was touched is wiped; caches had numbers below `caches`, which is 0 where none was made. */
export function give_node(node: Node, caches: number): void {
  node.ram.wipe(caches);
  node.lay_out();
  pool.push(node);
}
