/** Copies in fresh memory, and memory from wherever there is some. Linux: mm/util.c. */
import { point } from '../arch/point.js';
import { as_address, as_size, check_gfp } from './arguments.js';
import { __GFP_NOFAIL, __GFP_NORETRY, __GFP_NOWARN, __GFP_RETRY_MAYFAIL, __GFP_ZERO, gfpflags_allow_blocking } from './gfp_types.js';
import { check_access, check_copy } from './kasan/kasan.js';
import { free_object, kmalloc } from './slab/kmalloc.js';
import { PAGE_OFFSET, PAGE_SIZE } from './layout.js';
import type { Ptr, Size, Struct } from './pointer.js';
import { u8 } from './ram.js';
import { offset_of } from './kasan/record.js';
import { encode, strlen_at } from './text.js';
import { vfree_object, vmalloc_range } from './vmalloc/vmalloc.js';
import { is_vmalloc_addr } from './vmalloc/vmalloc_area.js';
import { warn_once_at } from './warn.js';

type Chars = Ptr<Struct<'char'>>;

/**
 * A copy of a string in fresh memory: of one in kernel memory, or of a JavaScript string as UTF-8. Null where there
 * is no memory, or for null. Context: as kmalloc().
 */
export function kstrdup(s: Ptr | string | null, gfp: number): Chars | null {
  return kstrndup(s, 0xffffffff, gfp);
}

/** As kstrdup(), of at most `max` bytes; the terminator is added to that. */
export function kstrndup(s: Ptr | string | null, max: number, gfp: number): Chars | null {
  if (s === null) return null;
  if (typeof s === 'string') {
    const bytes = encode(s).subarray(0, max);
    const copy = kmalloc<Struct<'char'>>(bytes.length + 1, gfp);
    if (copy === null) return null;
    if (!check_access(copy, bytes.length + 1, true)) return copy;
    u8.set(bytes, copy - PAGE_OFFSET);
    u8[copy - PAGE_OFFSET + bytes.length] = 0;
    return copy;
  }
  point();
  const length = strlen_at(s, max);
  const copy = kmalloc<Struct<'char'>>(length + 1, gfp);
  if (copy === null) return null;
  // The source may be gone by now: kmalloc() may have slept.
  if (check_copy(copy, s, length)) u8.copyWithin(copy - PAGE_OFFSET, offset_of(s), offset_of(s) + length);
  if (check_access(copy + length, 1, true)) u8[copy - PAGE_OFFSET + length] = 0;
  return copy;
}

/** A copy of `length` bytes in fresh memory, or null. Context: as kmalloc(). */
export function kmemdup<T>(src: Ptr<T>, length: number, gfp: number): Ptr<T> | null {
  const copy = kmalloc<T>(length, gfp);
  if (copy === null || length === 0) return copy;
  if (check_copy(copy, src, length)) u8.copyWithin(copy - PAGE_OFFSET, offset_of(src), offset_of(src) + length);
  return copy;
}

const INT_MAX = 0x7fffffff;

/**
 * Memory of `size` bytes: as kmalloc() where that can be had without trying hard, else as vmalloc(). Flags that do
 * not sleep never get the second. More than INT_MAX bytes are refused with a warning. Null where there is no memory.
 * Freed with kvfree(). Context: as kmalloc(), but never in interrupts for more than a page.
 */
export function kvmalloc<T>(size: Size<T>, gfp: number): Ptr<T> | null;
export function kvmalloc<T = unknown>(size: number, gfp: number): Ptr<T> | null;
export function kvmalloc(size: number, gfp: number): Ptr | null {
  check_gfp('kvmalloc', gfp);
  const bytes = as_size('kvmalloc', 'size', size);
  let flags = gfp;
  if (bytes > PAGE_SIZE) {
    flags |= __GFP_NOWARN;
    if ((flags & __GFP_RETRY_MAYFAIL) === 0) flags |= __GFP_NORETRY;
    // That it never fails is for the second attempt to see to.
    flags &= ~__GFP_NOFAIL;
  }
  const p = kmalloc(bytes, flags);
  if (p !== null || bytes <= PAGE_SIZE || !gfpflags_allow_blocking(gfp)) return p;
  if (bytes > INT_MAX) {
    if ((gfp & __GFP_NOWARN) === 0) warn_once_at('mm/util.c:596', 'kvmalloc_node');
    return null;
  }
  const addr = vmalloc_range(bytes, gfp);
  return addr === 0 ? null : (addr as Ptr);
}

/** kvmalloc() and memory that is all zeros. */
export function kvzalloc<T>(size: Size<T>, gfp: number): Ptr<T> | null;
export function kvzalloc<T = unknown>(size: number, gfp: number): Ptr<T> | null;
export function kvzalloc(size: number, gfp: number): Ptr | null {
  return kvmalloc(size, gfp | __GFP_ZERO);
}

/** Memory for `n` elements of `size` bytes; null without a warning where the product overflows. Context: as kvmalloc(). */
export function kvmalloc_array<T>(n: number, size: Size<T>, gfp: number): Ptr<T> | null;
export function kvmalloc_array<T = unknown>(n: number, size: number, gfp: number): Ptr<T> | null;
export function kvmalloc_array(n: number, size: number, gfp: number): Ptr | null {
  const bytes = as_size('kvmalloc_array', 'n', n) * as_size('kvmalloc_array', 'size', size);
  if (bytes > 0xffffffff) {
    point();
    return null;
  }
  return kvmalloc(bytes, gfp);
}

/** kvmalloc_array() and memory that is all zeros. */
export function kvcalloc<T>(n: number, size: Size<T>, gfp: number): Ptr<T> | null;
export function kvcalloc<T = unknown>(n: number, size: number, gfp: number): Ptr<T> | null;
export function kvcalloc(n: number, size: number, gfp: number): Ptr | null {
  return kvmalloc_array(n, size, gfp | __GFP_ZERO);
}

/** Frees what kvmalloc() or kmalloc() or vmalloc() gave; null is fine. Context: as vfree() where vmalloc() gave it, else any. */
export function kvfree(p: Ptr | null): void {
  point();
  if (is_vmalloc_addr(p)) vfree_object(as_address('kvfree', p));
  else free_object(p, 'kvfree');
}
