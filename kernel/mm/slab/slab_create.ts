/**
 * Caches that modules make. Linux: mm/slab_common.c, which is the source of all functions.
 *
 * A `struct kmem_cache *` is the address of an object in kernel memory, of the cache `kmem_cache`. So a cache that is
 * used after its end, or destroyed twice, is found as any other use of freed memory is.
 */
import { as_text } from '../../lib/shown.js';
import { point } from '../../arch/point.js';
import { panic, report } from '../../debug/report.js';
import { EEXIST, EINVAL } from '../../include/linux/errno.js';
import { in_interrupt } from '../../include/linux/preempt.js';
import type { Type } from '../../lib/struct.js';
import { call_module } from '../../module/call.js';
import { note_callback } from '../../module/owner.js';
import { pr_warn } from '../../printk/printk.js';
import { caller_place } from '../../locking/caller_place.js';
import { might_alloc, might_sleep_at } from '../../sched/might_sleep.js';
import { as_address, as_size } from '../arguments.js';
import { __GFP_DMA, GFP_KERNEL } from '../gfp_types.js';
import { check_access } from '../kasan/kasan.js';
import { free_object, KMALLOC_MAX_SIZE, slab_alloc } from './kmalloc.js';
import { hex8, PAGE_OFFSET, PAGE_SHIFT } from '../layout.js';
import { mm } from '../mm.js';
import { P_INITED } from '../pages/page.js';
import type { Ptr, Size, Struct } from '../pointer.js';
import { page_words, PAGE_WORDS_SHIFT, shadow, u32 } from '../ram.js';
import { offset_of } from '../kasan/record.js';
import { type CacheTraits, KmemCache } from './slab_cache.js';
import { check_free_object, prepare_object, print_tracking, slab_bug } from './slab_debug.js';
import { SLAB_CACHE_DMA, SLAB_FLAGS_PERMITTED, SLAB_HWCACHE_ALIGN, SLAB_PANIC, SLAB_POISON, SLAB_RED_ZONE } from './slab_flags.js';

/** A cache of objects of type T. */
export interface kmem_cache<T = unknown> extends Struct<'kmem_cache'> {
  readonly object: T;
}

export type cache_ptr<T = unknown> = Ptr<kmem_cache<T>>;

const CACHE_LINE_BYTES = 64;
/** Words of a `struct kmem_cache`: its number in Mm.caches, object size, alignment, flags. */
const STRUCT_BYTES = 32;
const [NUMBER, OBJECT_BYTES, ALIGN, FLAGS] = [0, 1, 2, 3];

/** The cache of caches. Linux: kmem_cache_init(). */
function boot_cache(): KmemCache {
  return mm.caches.find((cache) => cache?.name === 'kmem_cache') ?? new KmemCache('kmem_cache', STRUCT_BYTES, 32, 0);
}

/** Linux: calculate_alignment(). */
function calculate_alignment(flags: number, align: number, size: number): number {
  let cache_line = 1;
  if ((flags & SLAB_HWCACHE_ALIGN) !== 0) {
    cache_line = CACHE_LINE_BYTES;
    while (size <= cache_line / 2) cache_line /= 2;
  }
  return Math.max(align, cache_line, 8);
}

function traits_of<T>(flags: number, ctor: ((object: Ptr<T>) => void) | null): CacheTraits {
  const construct =
    ctor === null
      ? null
      : (addr: number): void => {
          call_module(ctor, [addr as Ptr<T>], (fn) => {
            report('context-imbalance', `WARNING: constructor ${fn} returned with another context than it was called with`);
          });
        };
  const debug = (flags & (SLAB_POISON | SLAB_RED_ZONE)) !== 0;
  return { flags, construct, prepare: debug ? prepare_object : null, inspect: debug ? check_free_object : null };
}

function failed(name: string, flags: number, err: number): null {
  if ((flags & SLAB_PANIC) !== 0) panic(`__kmem_cache_create: Failed to create slab '${name}'. Error ${-err}`);
  pr_warn('%s(%s) failed with error %d\n', 'kmem_cache_create_usercopy', name, -err);
  return null;
}

/**
 * Makes a cache of objects of `size` bytes that lie at multiples of `align`; 0, of 8. `ctor` is called with each
 * object of a new slab, not at each allocation: what it sets up has to be as it was when the object comes back.
 * Null, after a message, where that cannot be; with SLAB_PANIC the machine stops then. A name that is taken is
 * refused, as it is where caches are debugged. Context: process, may sleep.
 */
export function kmem_cache_create<T>(name: string, size: Size<T>, align: number, flags: number, ctor: ((object: Ptr<T>) => void) | null): cache_ptr<T> | null;
export function kmem_cache_create<T = unknown>(name: string, size: number, align: number, flags: number, ctor: ((object: Ptr<T>) => void) | null): cache_ptr<T> | null;
export function kmem_cache_create<T>(name: string, size: number, align: number, flags: number, ctor: ((object: Ptr<T>) => void) | null): cache_ptr<T> | null {
  point();
  const bytes = as_size('kmem_cache_create', 'size', size);
  if (typeof name !== 'string' || name === '' || in_interrupt() !== 0 || bytes === 0 || bytes > KMALLOC_MAX_SIZE) {
    pr_warn('kmem_cache_create(%s) integrity check failed\n', as_text(name));
    return failed(as_text(name), flags, EINVAL);
  }
  might_sleep_at('kernel/locking/mutex.c:580');
  if ((flags & ~SLAB_FLAGS_PERMITTED) !== 0 || (align & (align - 1)) !== 0) return failed(name, flags, EINVAL);
  if (mm.caches.some((cache) => cache?.name === name)) {
    report('slab', `sysfs: cannot create duplicate filename '/kernel/slab/${name}'`);
    return failed(name, flags, EEXIST);
  }
  might_alloc(GFP_KERNEL);
  const handle = slab_alloc(boot_cache(), STRUCT_BYTES, GFP_KERNEL);
  if (handle === null) return failed(name, flags, 12);
  note_callback(ctor);
  const zone = (flags & SLAB_CACHE_DMA) !== 0 ? __GFP_DMA : 0;
  const cache = new KmemCache(name, bytes, calculate_alignment(flags, align, bytes), zone, 0, traits_of(flags, ctor));
  cache.set_handle(handle);
  const at = (handle - PAGE_OFFSET) >>> 2;
  u32[at + NUMBER] = cache.number;
  u32[at + OBJECT_BYTES] = bytes;
  u32[at + ALIGN] = cache.align;
  u32[at + FLAGS] = flags;
  return handle as cache_ptr<T>;
}

/** A cache of structs, named after them: `KMEM_CACHE(dog, SLAB_HWCACHE_ALIGN)`. Context: as kmem_cache_create(). */
export function KMEM_CACHE<T>(type: Type<unknown, T>, flags: number): cache_ptr<T> | null {
  return kmem_cache_create<T>(type.name, type.size, type.align, flags, null);
}

/** The cache at an address; null where there is none, after the report. */
export function cache_at(s: cache_ptr | null, fn: string): KmemCache | null {
  const addr = as_address(fn, s);
  if (!check_access(addr, 4, false)) return null;
  const cache = mm.caches[u32[offset_of(addr) >>> 2]!] ?? null;
  // A use after the end has been reported; the cache's number may be another's by now.
  if (cache !== null && cache.handle === addr) return cache;
  if (shadow[offset_of(addr) >>> 3]! >= 0) throw new TypeError(`${fn}: 0x${hex8(addr)} is not the address of a slab cache`);
  return null;
}

/**
 * Ends a cache; null is fine. Objects that are not free are reported, and then the cache stays as it is.
 * Context: process, may sleep.
 */
export function kmem_cache_destroy(s: cache_ptr | null): void {
  point();
  if (s === null) return;
  const cache = cache_at(s, 'kmem_cache_destroy');
  if (cache === null) return;
  might_sleep_at('include/linux/percpu-rwsem.h:49');
  cache.shrink();
  if (cache.slab_pages > 0) {
    objects_remain(cache);
    return;
  }
  cache.set_handle(0);
  mm.caches[cache.number] = null;
  free_object(s, 'kmem_cache_destroy');
}

/** Linux: list_slab_objects(). */
function objects_remain(cache: KmemCache): void {
  slab_bug(cache, `Objects remaining in ${cache.name} on __kmem_cache_shutdown()`, (print) => {
    for (const head of cache.slabs()) {
      const inited = page_words[(head << PAGE_WORDS_SHIFT) + P_INITED]!;
      for (let i = 0; i < inited; i++) {
        const offset = (head << PAGE_SHIFT) + i * cache.stride;
        if (shadow[offset >>> 3]! < 0) continue;
        print(`Object 0x${hex8(PAGE_OFFSET + offset)} @offset=${i * cache.stride}`);
        print_tracking(print, offset);
      }
    }
    print(`kmem_cache_destroy ${cache.name}: Slab cache still has objects when called from ${caller_place()}`);
  });
}

/** Gives empty slabs back. Returns 0 when none is left at all, else 1. Context: process, may sleep. */
export function kmem_cache_shrink(s: cache_ptr): number {
  point();
  const cache = cache_at(s, 'kmem_cache_shrink');
  if (cache === null) return 0;
  cache.shrink();
  return cache.slab_pages === 0 ? 0 : 1;
}

/** Bytes of an object. Context: any. */
export function kmem_cache_size(s: cache_ptr): number {
  point();
  return cache_at(s, 'kmem_cache_size')?.object_size ?? 0;
}
