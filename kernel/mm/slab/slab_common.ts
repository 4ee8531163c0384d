/** What stands on kmalloc() and kfree(). Linux: mm/slab_common.c, include/linux/slab.h. */
import { point } from '../../arch/point.js';
import { as_address, as_size } from '../arguments.js';
import { __GFP_ZERO } from '../gfp_types.js';
import { check_addressable } from '../kasan/kasan.js';
import { kmsan_copy, kmsan_refresh, kmsan_write } from '../kasan/kmsan.js';
import { free_object, kmalloc } from './kmalloc.js';
import { PAGE_OFFSET, PAGE_SHIFT, PAGE_SIZE, ZERO_SIZE_PTR } from '../layout.js';
import { mm } from '../mm.js';
import { find_object } from './object.js';
import { cache_number, ORDER_MASK, PG_LARGE, state_of } from '../pages/page.js';
import type { Ptr, Size } from '../pointer.js';
import { initialised, lowmem_bytes, meta, u8 } from '../ram.js';
import { offset_of, record_of, SIZE } from '../kasan/record.js';
import { KASAN_PAGE_REDZONE, poison, unpoison, unpoison_object } from '../kasan/shadow.js';

/** n * size, or a number that no allocation can have where it does not fit 32 bits. Linux: check_mul_overflow(). */
function array_size(fn: string, n: number, size: number): number {
  const bytes = as_size(fn, 'n', n) * as_size(fn, 'size', size);
  return bytes > 0xffffffff ? -1 : bytes;
}

/** Memory for `n` elements of `size` bytes; null without a warning where the product overflows. Context: as kmalloc(). */
export function kmalloc_array<T>(n: number, size: Size<T>, gfp: number): Ptr<T> | null;
export function kmalloc_array<T = unknown>(n: number, size: number, gfp: number): Ptr<T> | null;
export function kmalloc_array(n: number, size: number, gfp: number): Ptr | null {
  const bytes = array_size('kmalloc_array', n, size);
  if (bytes < 0) {
    point();
    return null;
  }
  return kmalloc(bytes, gfp);
}

/** kmalloc_array() and memory that is all zeros. */
export function kcalloc<T>(n: number, size: Size<T>, gfp: number): Ptr<T> | null;
export function kcalloc<T = unknown>(n: number, size: number, gfp: number): Ptr<T> | null;
export function kcalloc(n: number, size: number, gfp: number): Ptr | null {
  return kmalloc_array(n, size, gfp | __GFP_ZERO);
}

/** Bytes that the object at this RAM offset could hold; 0 where there is none. Linux: __ksize(). */
function __ksize(offset: number): number {
  const pfn = offset >>> PAGE_SHIFT;
  const cache = mm.caches[cache_number(pfn)] ?? null;
  if (cache !== null) return cache.object_size;
  const state = state_of(pfn);
  return (state & PG_LARGE) !== 0 ? PAGE_SIZE << (state & ORDER_MASK) : 0;
}

/**
 * How many bytes an object can really hold: at least what was asked for. All of them may be used from now on, as
 * in Linux 6.1. 0 for null and ZERO_SIZE_PTR. Context: any.
 */
export function ksize(p: Ptr | null): number {
  point();
  const addr = as_address('ksize', p);
  if (addr === 0 || addr === ZERO_SIZE_PTR || !check_addressable(addr, 1, false)) return 0;
  const offset = offset_of(addr);
  const found = find_object(offset);
  if (found?.start !== offset || !found.live) return 0;
  const bytes = __ksize(offset);
  unpoison(offset, bytes);
  return bytes;
}

/**
 * Makes an object larger or smaller; its content is kept as far as both sizes go. Where it still fits, the object
 * stays where it is, and nothing is checked but the object: in such a case even GFP_KERNEL never sleeps. Returns
 * null where there is no memory, and the old object lives on. p null: kmalloc(); size 0: kfree(), ZERO_SIZE_PTR.
 * Context: as kmalloc().
 */
export function krealloc<T>(p: Ptr<T> | null, size: number, gfp: number): Ptr<T> | null {
  const bytes = as_size('krealloc', 'size', size);
  const addr = as_address('krealloc', p);
  if (bytes === 0) {
    point();
    free_object(p, 'krealloc');
    return ZERO_SIZE_PTR as Ptr<T>;
  }
  if (addr === 0 || addr === ZERO_SIZE_PTR) return kmalloc<T>(bytes, gfp);
  point();
  if (!check_addressable(addr, 1, false)) return null;
  const offset = offset_of(addr);
  const old_bytes = __ksize(offset);
  if (old_bytes >= bytes) {
    repoison(offset, old_bytes, bytes);
    return p;
  }
  const next = kmalloc<T>(bytes, gfp);
  if (next === null) return null;
  if (offset < lowmem_bytes) {
    u8.copyWithin(next - PAGE_OFFSET, offset, offset + old_bytes);
    if (initialised !== null) kmsan_copy(next - PAGE_OFFSET, offset, old_bytes);
  }
  free_object(p, 'krealloc');
  return next;
}

/** The object stays and its size changes. Linux: kasan_krealloc(). */
function repoison(offset: number, object_size: number, size: number): void {
  meta[record_of(offset) + SIZE] = size;
  if (cache_number(offset >>> PAGE_SHIFT) !== 0) {
    unpoison_object(offset, object_size, size);
    if (initialised !== null) kmsan_refresh(offset, size);
    return;
  }
  const redzone = (size + 7) & ~7;
  unpoison(offset, size);
  poison(offset + redzone, object_size - redzone, KASAN_PAGE_REDZONE);
}

/** kfree() of what must not be read later: it is zeroed first. Context: any. */
export function kfree_sensitive(p: Ptr | null): void {
  const bytes = ksize(p);
  if (bytes !== 0) u8.fill(0, offset_of(p!), offset_of(p!) + bytes);
  if (bytes !== 0 && initialised !== null) kmsan_write(offset_of(p!), bytes);
  free_object(p, 'kfree_sensitive');
}

