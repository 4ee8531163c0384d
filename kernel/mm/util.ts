/** Copies in fresh memory. Linux: mm/util.c. */
import { point } from '../arch/point.js';
import { check_access } from './kasan.js';
import { kmalloc } from './kmalloc.js';
import { PAGE_OFFSET } from './layout.js';
import type { Ptr, Struct } from './pointer.js';
import { u8 } from './ram.js';
import { offset_of } from './record.js';
import { encode, strlen_at } from './text.js';

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
    u8.set(bytes, copy - PAGE_OFFSET);
    u8[copy - PAGE_OFFSET + bytes.length] = 0;
    return copy;
  }
  point();
  const length = strlen_at(s, max);
  const copy = kmalloc<Struct<'char'>>(length + 1, gfp);
  if (copy === null) return null;
  // The source may be gone by now: kmalloc() may have slept.
  if (check_access(s, length, false)) u8.copyWithin(copy - PAGE_OFFSET, offset_of(s), offset_of(s) + length);
  u8[copy - PAGE_OFFSET + length] = 0;
  return copy;
}

/** A copy of `length` bytes in fresh memory, or null. Context: as kmalloc(). */
export function kmemdup<T>(src: Ptr<T>, length: number, gfp: number): Ptr<T> | null {
  const copy = kmalloc<T>(length, gfp);
  if (copy === null || length === 0) return copy;
  if (check_access(src, length, false)) u8.copyWithin(copy - PAGE_OFFSET, offset_of(src), offset_of(src) + length);
  return copy;
}
