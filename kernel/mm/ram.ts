/**
 * The machine's RAM and everything kept beside it word for word: shadow, object records, page records.
 *
 * A machine takes one at boot and gives it back clean at power-off, see node.ts. Clean costs what was touched: the list
 * of touched frames says what to wipe, so booting a machine that uses three pages costs three pages. The current
 * machine's arrays are live bindings, which is what makes a checked access a handful of loads.
 */
import { PAGE_OFFSET, PAGE_SHIFT, PAGE_SIZE, VMEMMAP_START } from './layout.js';

/** Shadow of memory that was never handed out, as KASAN marks free pages. */
const SHADOW_FREE = -1;

/** Words per object record (meta) and per page record. A power of two each: an index is a shift. */
export const META_SHIFT = 3;
export const PAGE_WORDS_SHIFT = 3;
/** One object record per 16 bytes of RAM: no two objects are closer. */
export const SLOT_SHIFT = 4;

/**
 * Words of a slab cache, together so that the allocator's fast path reads one array: for each of eight CPUs the
 * address of its first free object and the P_SLAB word of its slab, then the object size and the stride mask.
 */
export const CACHE_WORDS_SHIFT = 5;
export const CACHES_MAX = 512;
/** Numbers of the kmalloc caches: the size class, plus this for ZONE_DMA. Others begin at KMALLOC_CACHES. */
export const KMALLOC_DMA = 16;
export const KMALLOC_CACHES = 32;
/**
 * No cache has number 0. Its words: the number of the next allocation; whether slab allocations take the long way,
 * to be made to fail or to be watched by KMSAN; how many bytes each CPU's quarantine may hold, 0 for none; how many
 * objects are active that must not be freed, see lib/debugobjects.ts.
 */
export const NEXT_SEQ = 0;
export const FAILSLAB = 1;
export const QUARANTINE = 2;
export const ACTIVE_OBJECTS = 3;
/** Four words a CPU, where cache 14 would have its own: first and last object in its quarantine, bytes in it. */
export const QUARANTINE_CPU = 14 << CACHE_WORDS_SHIFT;

/** The vmalloc window at most, in pages: 240 MiB, as VMALLOC_MIN of arch/arm. */
const WINDOW_PAGES_MAX = 61_440;
/** What the window has beyond the size of RAM: room for guard pages and for areas that wait for their reuse. */
const WINDOW_SPARE_PAGES = 1024;
const ADDRESSABLE_PAGES = (VMEMMAP_START - PAGE_OFFSET) >>> PAGE_SHIFT;

/** Pages of address space for vmalloc() behind a RAM of this many. */
function window_pages(pages: number): number {
  return pages === 0 ? 0 : Math.max(0, Math.min(pages + WINDOW_SPARE_PAGES, WINDOW_PAGES_MAX, ADDRESSABLE_PAGES - pages));
}

const TOUCHED_RECORD = 1;
const TOUCHED_CONTENT = 2;
/** Written to by somebody who was never given it: there is content to wipe, and no record of anybody's. */
const TOUCHED_ASTRAY = 3;

export class Ram {
  readonly pages: number;
  /**
   * The vmalloc window: RAM offsets behind the last frame, with content and shadow but no frames of their own, so
   * that what vmalloc() maps is accessed as lowmem is. Pages below `window_used` are wiped with the rest.
   */
  readonly window_start: number;
  readonly window_pages: number;
  window_used = 0;
  readonly bytes: Uint8Array;
  readonly i8: Int8Array;
  readonly u16: Uint16Array;
  readonly i16: Int16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly view: DataView;
  /** One signed byte per 8 bytes: generic KASAN's encoding. */
  readonly shadow: Int8Array;
  readonly shadow16: Int16Array;
  readonly shadow32: Int32Array;
  /** Object records, see record.ts. Not wiped with the rest: a record is written, or cleared, before it is read. */
  readonly meta: Int32Array;
  /** Page records, see page.ts. */
  readonly page_words: Int32Array;
  readonly cache_words: Int32Array;
  /** One bit a byte, as the shadow lies: which bytes have been written. Only while KMSAN is on. */
  initialised: Uint8Array | null = null;
  private readonly touched: Uint8Array;
  private readonly touched_list: Int32Array;
  private touched_count = 0;

  constructor(pages: number) {
    this.pages = pages;
    this.window_start = pages * PAGE_SIZE;
    this.window_pages = window_pages(pages);
    const mapped = (pages + this.window_pages) * PAGE_SIZE;
    const buffer = new ArrayBuffer(mapped);
    this.bytes = new Uint8Array(buffer);
    this.i8 = new Int8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.i16 = new Int16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.view = new DataView(buffer);
    const shadow = new ArrayBuffer(mapped >>> 3);
    this.shadow = new Int8Array(shadow).fill(SHADOW_FREE);
    this.shadow16 = new Int16Array(shadow);
    this.shadow32 = new Int32Array(shadow);
    this.meta = new Int32Array(((pages * PAGE_SIZE) >>> SLOT_SHIFT) << META_SHIFT);
    this.page_words = new Int32Array(pages << PAGE_WORDS_SHIFT);
    this.cache_words = new Int32Array(CACHES_MAX << CACHE_WORDS_SHIFT);
    this.touched = new Uint8Array(pages);
    this.touched_list = new Int32Array(pages);
  }

  /** A frame's page record is about to be written. */
  touch_record(pfn: number): void {
    if (this.touched[pfn] !== 0) return;
    this.touched[pfn] = TOUCHED_RECORD;
    this.touched_list[this.touched_count++] = pfn;
  }

  /** A frame's content is about to be handed out. */
  touch_content(pfn: number): void {
    this.touch_record(pfn);
    this.touched[pfn] = TOUCHED_CONTENT;
  }

  /** A frame's content is about to be written by somebody who may not have been given it. */
  touch_astray(pfn: number): void {
    if (this.touched[pfn] === TOUCHED_CONTENT) return;
    this.touch_record(pfn);
    this.touched[pfn] = TOUCHED_ASTRAY;
  }

  /** Whether a frame has been handed out since boot. */
  was_used(pfn: number): boolean {
    return this.touched[pfn] === TOUCHED_CONTENT;
  }

  /** Frames handed out since boot, in the order of their first use. */
  used_frames(): number[] {
    const frames: number[] = [];
    for (let i = 0; i < this.touched_count; i++) {
      const pfn = this.touched_list[i]!;
      if (this.touched[pfn] === TOUCHED_CONTENT) frames.push(pfn);
    }
    return frames;
  }

  /** Wipes what was touched; caches had numbers below `caches`, which is 0 where none was made. */
  wipe(caches: number): void {
    for (let i = 0; i < this.touched_count; ) {
      const first = this.touched_list[i]!;
      const kind = this.touched[first]!;
      let run = 1;
      this.touched[first] = 0;
      for (; i + run < this.touched_count && this.touched_list[i + run] === first + run && this.touched[first + run] === kind; run++) this.touched[first + run] = 0;
      i += run;
      wipe_words(this.page_words, first << PAGE_WORDS_SHIFT, (first + run) << PAGE_WORDS_SHIFT);
      if (kind === TOUCHED_RECORD) continue;
      this.u32.fill(0, first << (PAGE_SHIFT - 2), (first + run) << (PAGE_SHIFT - 2));
      this.shadow.fill(SHADOW_FREE, first << (PAGE_SHIFT - 3), (first + run) << (PAGE_SHIFT - 3));
    }
    this.touched_count = 0;
    this.initialised = null;
    if (this.window_used !== 0) {
      const end = this.window_start + this.window_used * PAGE_SIZE;
      this.u32.fill(0, this.window_start >>> 2, end >>> 2);
      this.shadow.fill(SHADOW_FREE, this.window_start >>> 3, end >>> 3);
      this.window_used = 0;
    }
    wipe_words(this.cache_words, 0, ACTIVE_OBJECTS + 1);
    wipe_words(this.cache_words, QUARANTINE_CPU, QUARANTINE_CPU + (1 << CACHE_WORDS_SHIFT));
    if (caches > 0) this.cache_words.fill(0, 0, caches << CACHE_WORDS_SHIFT);
  }
}

/** Words from `begin` to the one before `end`. */
export function wipe_words(words: Int32Array, begin: number, end: number): void {
  // Most stretches are a frame or two long: a call of fill() takes as long as it takes to write thirty words.
  if (end - begin > 32) words.fill(0, begin, end);
  else for (let at = begin; at < end; at++) words[at] = 0;
}

/** What stands in while no machine is current: every access misses it. */
const nothing = new Ram(0);

// The current machine's memory. Unchecked: for kernel internals; module code goes through access.ts.
export let ram: Ram = nothing;
export let u8: Uint8Array = nothing.bytes;
export let i8: Int8Array = nothing.i8;
export let u16: Uint16Array = nothing.u16;
export let i16: Int16Array = nothing.i16;
export let u32: Uint32Array = nothing.u32;
export let i32: Int32Array = nothing.i32;
export let view: DataView = nothing.view;
export let shadow: Int8Array = nothing.shadow;
export let shadow16: Int16Array = nothing.shadow16;
export let shadow32: Int32Array = nothing.shadow32;
export let meta: Int32Array = nothing.meta;
export let page_words: Int32Array = nothing.page_words;
export let cache_words: Int32Array = nothing.cache_words;
/** KMSAN's bits; null while it is off. */
export let initialised: Uint8Array | null = null;
/** Lowmem in bytes: an address is in lowmem where (addr - PAGE_OFFSET) >>> 0 is below. */
export let lowmem_bytes = 0;

/** Makes a RAM the current one; null: none. */
export function set_ram(next: Ram | null, lowmem: number): void {
  ram = next ?? nothing;
  u8 = ram.bytes;
  i8 = ram.i8;
  u16 = ram.u16;
  i16 = ram.i16;
  u32 = ram.u32;
  i32 = ram.i32;
  view = ram.view;
  shadow = ram.shadow;
  shadow16 = ram.shadow16;
  shadow32 = ram.shadow32;
  meta = ram.meta;
  page_words = ram.page_words;
  cache_words = ram.cache_words;
  initialised = ram.initialised;
  lowmem_bytes = lowmem;
}
