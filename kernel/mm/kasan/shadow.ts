/**
 * The shadow: which bytes of lowmem may be accessed. Linux: mm/kasan/kasan.h, mm/kasan/shadow.c (generic KASAN).
 *
 * One signed byte for 8 bytes: 0, all may be accessed; 1 to 7, the first so many; below 0, none, and the value
 * says why. All offsets are RAM offsets.
 */
import { kmsan_refresh } from './kmsan.js';
import { initialised, shadow, shadow16, shadow32 } from '../ram.js';

/** As signed bytes. */
export const KASAN_PAGE_FREE = 0xff - 256;
export const KASAN_PAGE_REDZONE = 0xfe - 256;
export const KASAN_SLAB_REDZONE = 0xfc - 256;
export const KASAN_SLAB_FREE = 0xfb - 256;
/** First granule of a freed object. */
export const KASAN_SLAB_FREETRACK = 0xfa - 256;
export const KASAN_GLOBAL_REDZONE = 0xf9 - 256;
/** Guard pages and freed areas of the vmalloc window. */
export const KASAN_VMALLOC_INVALID = 0xf8 - 256;

/** Longest object, in bytes, whose shadow is written word by word rather than by fill(). */
const BY_WORDS_MAX = 512;

/** Bytes that one 32-bit shadow word stands for. */
const WORD_BYTES = 32;

/** Shadow of 32 bytes of which the first n may be accessed and the rest is redzone. */
const partial_words = Int32Array.from({ length: WORD_BYTES + 1 }, (_, n) => {
  let word = 0;
  for (let granule = 3; granule >= 0; granule--) {
    const left = n - granule * 8;
    word = (word << 8) | (left >= 8 ? 0 : left > 0 ? left : KASAN_SLAB_REDZONE & 0xff);
  }
  return word;
});
const REDZONE_WORD = 0xfcfcfcfc | 0;
/** Shadow words of a freed object: its first, and the others. */
export const SHADOW_FREETRACK_WORD = 0xfbfbfbfa | 0;
export const SHADOW_FREE_WORD = 0xfbfbfbfb | 0;

/** Fills the shadow of whole granules. */
export function poison(offset: number, size: number, value: number): void {
  if (size <= 0) return;
  fill(value, offset >>> 3, (offset + size + 7) >>> 3);
}

function fill(value: number, begin: number, end: number): void {
  const bytes = shadow;
  // A call of TypedArray's fill() takes as long as it takes to write some fifty bytes.
  if (end - begin > 32) bytes.fill(value, begin, end);
  else for (let at = begin; at < end; at++) bytes[at] = value;
}

/** Makes `size` bytes accessible, the last granule in part. */
export function unpoison(offset: number, size: number): void {
  fill(0, offset >>> 3, (offset + size) >>> 3);
  if ((size & 7) !== 0) shadow[(offset + size) >>> 3] = size & 7;
  if (initialised !== null) kmsan_refresh(offset, size);
}

/** A slab object of `object_size` is handed out, of which `size` bytes were asked for. */
export function unpoison_object(offset: number, object_size: number, size: number): void {
  if (((object_size | offset) & (WORD_BYTES - 1)) !== 0 || object_size > BY_WORDS_MAX) {
    unpoison_other(offset, object_size, size);
    return;
  }
  // What KMSAN knows is the caller's to say: it hands out memory anew.
  const words = shadow32;
  let at = offset >>> 5;
  const end = at + (object_size >>> 5);
  const full = at + (size >>> 5);
  while (at < full) words[at++] = 0;
  if (at === end) return;
  words[at++] = partial_words[size & (WORD_BYTES - 1)]!;
  while (at < end) words[at++] = REDZONE_WORD;
}

function unpoison_other(offset: number, object_size: number, size: number): void {
  if (object_size === 16 && (offset & 15) === 0) {
    shadow16[offset >>> 4] = partial_words[size === 16 ? WORD_BYTES : size]!;
  } else if (object_size === 8) {
    shadow[offset >>> 3] = size & 7;
  } else {
    unpoison(offset, size);
    const redzone = (size + 7) & ~7;
    poison(offset + redzone, object_size - redzone, KASAN_SLAB_REDZONE);
  }
}

/** Whether the object that begins here is free, or was never handed out. */
export function is_poisoned(offset: number): boolean {
  // The sign bit of the object's first shadow byte, from the array that is written next.
  return ((shadow32[offset >>> 5]! >>> (offset & 24)) & 0x80) !== 0;
}

/** A slab object is freed. */
export function poison_freed(offset: number, object_size: number): void {
  if (((object_size | offset) & (WORD_BYTES - 1)) !== 0 || object_size > BY_WORDS_MAX) {
    poison_freed_other(offset, object_size);
    return;
  }
  const words = shadow32;
  let at = offset >>> 5;
  const end = at + (object_size >>> 5);
  words[at++] = SHADOW_FREETRACK_WORD;
  while (at < end) words[at++] = SHADOW_FREE_WORD;
}

function poison_freed_other(offset: number, object_size: number): void {
  if (object_size === 16 && (offset & 15) === 0) {
    shadow16[offset >>> 4] = SHADOW_FREETRACK_WORD;
  } else if (object_size === 8) {
    shadow[offset >>> 3] = KASAN_SLAB_FREE;
  } else {
    poison(offset, object_size, KASAN_SLAB_FREE);
    if (object_size >= 16) shadow[offset >>> 3] = KASAN_SLAB_FREETRACK;
  }
}

/** Offset of the first byte in [offset, offset + size) that may not be accessed, or -1. All of it lies in lowmem. */
export function first_poisoned(offset: number, size: number): number {
  const end = offset + size;
  const bytes = shadow;
  let granule = offset >>> 3;
  // Mostly all of it may be accessed.
  while (granule << 3 < end && bytes[granule] === 0) granule++;
  for (; granule << 3 < end; granule++) {
    const value = shadow[granule]!;
    // Above 7: all of it, and watched.
    if (value === 0 || value > 7) continue;
    const start = granule << 3;
    const from = start < offset ? offset : start;
    const good_end = value < 0 ? start : start + value;
    if (good_end >= end) return -1;
    if (good_end < start + 8) {
      const bad = good_end > from ? good_end : from;
      if (bad < end) return bad;
    }
  }
  return -1;
}
