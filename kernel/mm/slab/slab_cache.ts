/**
 * A slab cache. Linux: mm/slub.c, with the layout that generic KASAN gives it (mm/kasan/common.c).
 *
 * Every object is followed by a redzone. A CPU allocates from its own slab: last freed, first given. Objects freed
 * elsewhere go back to their slab's own list, and a slab that has both free and used objects and is no CPU's waits
 * on the cache's list of partial slabs. Objects of a new slab are handed out in order, and nothing is written for
 * those that never are.
 */
import { this_cpu } from '../../arch/cpu.js';
import { __GFP_NO_GROW, __GFP_NOFAIL, __GFP_NOMEMALLOC, __GFP_NORETRY, __GFP_NOWARN, __GFP_RECLAIM, __GFP_ZERO } from '../gfp_types.js';
import { get_order, PAGE_ALLOC_COSTLY_ORDER, PAGE_OFFSET, PAGE_SHIFT, PAGE_SIZE } from '../layout.js';
import { mm } from '../mm.js';
import { ORDER_MASK, P_FREE, P_FREE_COUNT, P_INITED, P_NEXT, P_PREV, P_SLAB, P_STATE, PG_FROZEN, PG_PARTIAL, SLAB_CACHE_SHIFT, SLAB_HEAD_MASK } from '../pages/page.js';
import { __alloc_pages, __free_pages_ok } from '../pages/page_alloc.js';
import { drain_quarantine } from '../kasan/quarantine.js';
import { cache_words, CACHE_WORDS_SHIFT, meta, page_words, PAGE_WORDS_SHIFT, ram } from '../ram.js';
import { clear_record, LINK, record_of } from '../kasan/record.js';
import { KASAN_SLAB_REDZONE, poison, unpoison } from '../kasan/shadow.js';

/** Words of a cache: two for each CPU (address of its first free object, P_SLAB word of its slab; 0, none), then: */
export const CPU_FREE = 0;
export const CPU_SLAB = 1;
export const OBJECT_SIZE = 16;
/** Bits that are 0 in the RAM offset of every object; all ones where the stride is no power of two. */
export const STRIDE_MASK = 17;
/** The address that a module knows the cache by; 0 for kmalloc's caches and for those that need the long way. */
export const HANDLE = 18;

/** A slab is to hold so many objects where that takes no costly order. */
const OBJECTS_MIN = 4;
/** Empty slabs that a cache keeps. Linux: MIN_PARTIAL. */
const EMPTY_SLABS_KEPT = 5;

const word = (pfn: number, field: number): number => (pfn << PAGE_WORDS_SHIFT) + field;

/** Linux: optimal_redzone(). */
function redzone_of(object_size: number): number {
  if (object_size <= 8) return 8;
  if (object_size <= 64 - 16) return 16;
  if (object_size <= 128 - 32) return 32;
  if (object_size <= 512 - 64) return 64;
  if (object_size <= 4096 - 128) return 128;
  return 256;
}

/** What a cache of kmem_cache_create() has beyond one of kmalloc. */
export interface CacheTraits {
  /** SLAB_ flags. */
  readonly flags: number;
  /** Called with the address of each object of a new slab. */
  readonly construct: ((addr: number) => void) | null;
  /** Debugging, SLAB_POISON and SLAB_RED_ZONE: prepares an object of a new slab, at this RAM offset. */
  readonly prepare: ((cache: KmemCache, offset: number) => void) | null;
  /** Looks at a free object of a slab that goes. */
  readonly inspect: ((cache: KmemCache, offset: number) => void) | null;
}

const PLAIN: CacheTraits = { flags: 0, construct: null, prepare: null, inspect: null };

export class KmemCache {
  readonly name: string;
  readonly align: number;
  readonly traits: CacheTraits;
  /** Address that modules know it by; 0 for one of kmalloc's. */
  handle = 0;
  /** Bytes of an object that a caller may use. */
  readonly object_size: number;
  /** Bytes from one object to the next: a multiple of 16. */
  readonly stride: number;
  /** stride - 1 where the stride is a power of two, else 0. */
  readonly stride_mask: number;
  /** Number in Mm.caches. */
  readonly number: number;
  /** Index of its first per-CPU word. */
  private readonly words: number;
  /** Zone modifiers that every slab is asked for with. */
  private readonly gfp: number;
  /** Order of a slab, and of one when memory is short. */
  private readonly order: number;
  private readonly order_min: number;
  /** Frame + 1 of the first partial slab. */
  private partial = 0;
  private empty_slabs = 0;
  /** Pages in all its slabs. */
  slab_pages = 0;

  /** `align`, a power of two: at what multiples objects lie. `number` 0 is any; others are kmalloc's. */
  constructor(name: string, object_size: number, align: number, gfp: number, number = 0, traits: CacheTraits = PLAIN) {
    this.name = name;
    this.align = align;
    this.traits = traits;
    this.object_size = object_size;
    const step = Math.max(align, 16);
    this.stride = (object_size + redzone_of(object_size) + step - 1) & -step;
    this.stride_mask = (this.stride & (this.stride - 1)) === 0 ? this.stride - 1 : 0;
    this.gfp = gfp;
    this.order_min = get_order(this.stride);
    this.order = Math.max(this.order_min, Math.min(get_order(this.stride * OBJECTS_MIN), PAGE_ALLOC_COSTLY_ORDER));
    this.number = mm.add_cache(this, number);
    this.words = this.number << CACHE_WORDS_SHIFT;
    cache_words[this.words + OBJECT_SIZE] = object_size;
    cache_words[this.words + STRIDE_MASK] = this.stride_mask === 0 || traits.prepare !== null ? -1 : this.stride_mask;
    cache_words[this.words + HANDLE] = 0;
  }

  /** Modules know it by this address; 0: no longer. A debugged cache has no fast path. */
  set_handle(addr: number): void {
    this.handle = addr;
    cache_words[this.words + HANDLE] = this.traits.prepare === null ? addr : 0;
  }

  /** Of a slab as large as it should be. */
  get pages_per_slab(): number {
    return 1 << this.order;
  }

  get objects_per_slab(): number {
    return Math.floor((PAGE_SIZE << this.order) / this.stride);
  }

  /** Heads of its slabs, by ascending frame. */
  slabs(): number[] {
    return ram.used_frames().filter((pfn) => page_words[word(pfn, P_SLAB)] === this.slab_word(pfn)).sort((a, b) => a - b);
  }

  /** How many objects the slab that begins at this frame has. */
  objects_in(head: number): number {
    return Math.floor((PAGE_SIZE << (page_words[word(head, P_STATE)]! & ORDER_MASK)) / this.stride);
  }

  /** Whether an object begins at this RAM offset of a slab whose head is `head`. */
  begins_object(offset: number, head: number): boolean {
    // A block is aligned to its size, so a stride that is a power of two divides it from RAM's start as well.
    if (this.stride_mask !== 0) return (offset & this.stride_mask) === 0;
    const inside = offset - (head << PAGE_SHIFT);
    return inside % this.stride === 0 && inside / this.stride < this.objects_in(head);
  }

  /** Address of a free object, poisoned still, or 0. May sleep where the flags say so. */
  take(gfp: number): number {
    const words = cache_words;
    const at = this.words + (this_cpu.id << 1);
    const addr = words[at + CPU_FREE]!;
    if (addr === 0) return this.take_slow(gfp);
    words[at + CPU_FREE] = meta[record_of(addr - PAGE_OFFSET) + LINK]!;
    return addr;
  }

  /** Takes back an object, poisoned already; `slab` is the P_SLAB word of its frames. */
  give(addr: number, slab: number): void {
    const words = cache_words;
    const at = this.words + (this_cpu.id << 1);
    if (words[at + CPU_SLAB] === slab) {
      meta[record_of(addr - PAGE_OFFSET) + LINK] = words[at + CPU_FREE]!;
      words[at + CPU_FREE] = addr;
      return;
    }
    this.give_slow(addr, slab & SLAB_HEAD_MASK);
  }

  /** Frees empty slabs. Returns how many pages. Linux: kmem_cache_shrink(). */
  shrink(): number {
    const before = this.slab_pages;
    drain_quarantine();
    for (let cpu = 0; cpu < mm.cpus; cpu++) this.flush(cpu);
    for (let at = this.partial; at !== 0; ) {
      const pfn = at - 1;
      at = page_words[word(pfn, P_NEXT)]!;
      if (this.is_empty(pfn)) this.discard(pfn);
    }
    return before - this.slab_pages;
  }

  private take_slow(gfp: number): number {
    for (;;) {
      const at = this.words + (this_cpu.id << 1);
      const addr = cache_words[at + CPU_FREE]!;
      if (addr !== 0) {
        cache_words[at + CPU_FREE] = meta[record_of(addr - PAGE_OFFSET) + LINK]!;
        return addr;
      }
      if (cache_words[at + CPU_SLAB] !== 0) {
        const slab = cache_words[at + CPU_SLAB]! & SLAB_HEAD_MASK;
        if (this.refill(at, slab)) continue;
        const fresh = this.take_fresh(slab);
        if (fresh !== 0) return fresh;
        // Full: it is nobody's until one of its objects is freed.
        page_words[word(slab, P_STATE)]! &= ~PG_FROZEN;
        cache_words[at + CPU_SLAB] = 0;
      }
      let next = this.partial - 1;
      if (next >= 0) this.remove_partial(next);
      else {
        next = this.new_slab(gfp);
        if (next < 0) return 0;
        // Getting it may have slept: this may be another CPU now, with a slab of its own.
        const here = this.words + (this_cpu.id << 1);
        if (cache_words[here + CPU_SLAB] !== 0) {
          this.add_partial(next);
          this.empty_slabs++;
        } else {
          this.freeze(here, next);
        }
        continue;
      }
      this.freeze(at, next);
    }
  }

  private slab_word(head: number): number {
    return (this.number << SLAB_CACHE_SHIFT) | head;
  }

  private freeze(at: number, slab: number): void {
    page_words[word(slab, P_STATE)]! |= PG_FROZEN;
    cache_words[at + CPU_SLAB] = this.slab_word(slab);
  }

  /** The CPU takes over its slab's own free list. */
  private refill(at: number, slab: number): boolean {
    const first = page_words[word(slab, P_FREE)]!;
    if (first === 0) return false;
    cache_words[at + CPU_FREE] = first;
    page_words[word(slab, P_FREE)] = 0;
    page_words[word(slab, P_FREE_COUNT)] = 0;
    return true;
  }

  /** The slab's next object that was never handed out, or 0. */
  private take_fresh(slab: number): number {
    const index = page_words[word(slab, P_INITED)]!;
    if (index >= this.objects_in(slab)) return 0;
    page_words[word(slab, P_INITED)] = index + 1;
    const offset = (slab << PAGE_SHIFT) + index * this.stride;
    clear_record(record_of(offset));
    return PAGE_OFFSET + offset;
  }

  /** First frame of a new slab, or -1. Linux: allocate_slab(). */
  private new_slab(gfp: number): number {
    if ((gfp & __GFP_NO_GROW) !== 0) return -1;
    const flags = (gfp & ~__GFP_ZERO) | this.gfp;
    let pfn = -1;
    if (this.order > this.order_min) {
      const eager = (flags | __GFP_NOWARN | __GFP_NORETRY | __GFP_NOMEMALLOC) & ~(__GFP_NOFAIL | __GFP_RECLAIM);
      pfn = __alloc_pages(eager, this.order, 0, 0);
    }
    if (pfn < 0) pfn = __alloc_pages(flags, this.order_min, 0, 0);
    if (pfn < 0) return -1;
    const order = page_words[word(pfn, P_STATE)]! & ORDER_MASK;
    for (let i = 0; i < 1 << order; i++) page_words[word(pfn + i, P_SLAB)] = this.slab_word(pfn);
    poison(pfn << PAGE_SHIFT, PAGE_SIZE << order, KASAN_SLAB_REDZONE);
    this.slab_pages += 1 << order;
    if (this.traits !== PLAIN) this.setup_objects(pfn);
    return pfn;
  }

  /** Linux: setup_object(). The slab is nobody's yet: a constructor may be preempted. */
  private setup_objects(slab: number): void {
    const { construct, prepare } = this.traits;
    const objects = this.objects_in(slab);
    for (let i = 0; i < objects; i++) {
      const offset = (slab << PAGE_SHIFT) + i * this.stride;
      prepare?.(this, offset);
      if (construct === null) continue;
      unpoison(offset, this.object_size);
      construct(PAGE_OFFSET + offset);
      poison(offset, this.object_size, KASAN_SLAB_REDZONE);
    }
  }

  /** An object of a slab that is not this CPU's. Linux: __slab_free(). */
  private give_slow(addr: number, head: number): void {
    meta[record_of(addr - PAGE_OFFSET) + LINK] = page_words[word(head, P_FREE)]!;
    page_words[word(head, P_FREE)] = addr;
    page_words[word(head, P_FREE_COUNT)]!++;
    const state = page_words[word(head, P_STATE)]!;
    if ((state & PG_FROZEN) !== 0) return;
    if ((state & PG_PARTIAL) === 0) this.add_partial(head);
    if (!this.is_empty(head)) return;
    this.empty_slabs++;
    if (this.empty_slabs > EMPTY_SLABS_KEPT) this.discard(head);
  }

  /** Gives up a CPU's slab. Linux: flush_slab(). */
  private flush(cpu: number): void {
    const at = this.words + (cpu << 1);
    if (cache_words[at + CPU_SLAB] === 0) return;
    const slab = cache_words[at + CPU_SLAB]! & SLAB_HEAD_MASK;
    for (let addr = cache_words[at + CPU_FREE]!; addr !== 0; ) {
      const next = meta[record_of(addr - PAGE_OFFSET) + LINK]!;
      meta[record_of(addr - PAGE_OFFSET) + LINK] = page_words[word(slab, P_FREE)]!;
      page_words[word(slab, P_FREE)] = addr;
      page_words[word(slab, P_FREE_COUNT)]!++;
      addr = next;
    }
    cache_words[at + CPU_FREE] = 0;
    cache_words[at + CPU_SLAB] = 0;
    page_words[word(slab, P_STATE)]! &= ~PG_FROZEN;
    if (page_words[word(slab, P_FREE)] === 0 && page_words[word(slab, P_INITED)] === this.objects_in(slab)) return;
    this.add_partial(slab);
    if (this.is_empty(slab)) this.empty_slabs++;
  }

  private is_empty(slab: number): boolean {
    return page_words[word(slab, P_FREE_COUNT)] === page_words[word(slab, P_INITED)];
  }

  private add_partial(slab: number): void {
    page_words[word(slab, P_STATE)]! |= PG_PARTIAL;
    page_words[word(slab, P_NEXT)] = this.partial;
    page_words[word(slab, P_PREV)] = 0;
    if (this.partial !== 0) page_words[word(this.partial - 1, P_PREV)] = slab + 1;
    this.partial = slab + 1;
  }

  private remove_partial(slab: number): void {
    if (this.is_empty(slab)) this.empty_slabs--;
    const next = page_words[word(slab, P_NEXT)]!;
    const prev = page_words[word(slab, P_PREV)]!;
    if (next !== 0) page_words[word(next - 1, P_PREV)] = prev;
    if (prev !== 0) page_words[word(prev - 1, P_NEXT)] = next;
    else this.partial = next;
    page_words[word(slab, P_STATE)]! &= ~PG_PARTIAL;
  }

  /** Returns an empty partial slab to the page allocator. */
  private discard(slab: number): void {
    this.remove_partial(slab);
    const { inspect } = this.traits;
    if (inspect !== null) for (let i = 0; i < this.objects_in(slab); i++) inspect(this, (slab << PAGE_SHIFT) + i * this.stride);
    const order = page_words[word(slab, P_STATE)]! & ORDER_MASK;
    this.slab_pages -= 1 << order;
    __free_pages_ok(slab, order);
  }
}
