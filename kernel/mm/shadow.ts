/**
 * The shadow: which bytes of lowmem may be accessed. Linux: mm/kasan/kasan.h, mm/kasan/shadow.c (generic KASAN).
 *
 * One signed byte for 8 bytes: 0, all may be accessed; 1 to 7, the first so many; below 0, none, and the value
 * says why. All offsets are RAM offsets.
 */
import { shadow, shadow16, shadow32, shadow64 } from './ram.js';

/** As signed bytes. */
export const KASAN_PAGE_FREE = 0xff - 256;
export const KASAN_PAGE_REDZONE = 0xfe - 256;
export const KASAN_SLAB_REDZONE = 0xfc - 256;
export const KASAN_SLAB_FREE = 0xfb - 256;
/** First granule of a freed object. */
export const KASAN_SLAB_FREETRACK = 0xfa - 256;
export const KASAN_GLOBAL_REDZONE = 0xf9 - 256;

/** Longest object, in bytes, whose shadow is written word by word rather than by fill(). */
const BY_WORDS_MAX = 4096;

/** Bytes that one 64-bit shadow word stands for. */
const WORD_BYTES = 64;

/** The double that has these 8 shadow bytes. None is a NaN, whose bits could change on the way. */
function shadow_word(byte_of: (granule: number) => number): number {
  return new Float64Array(Int8Array.from({ length: 8 }, (_, granule) => byte_of(granule)).buffer)[0]!;
}

/** Shadow of 64 bytes of which the first n may be accessed and the rest is redzone. */
const partial_words = Float64Array.from({ length: WORD_BYTES + 1 }, (_, n) =>
  shadow_word((granule) => {
    const left = n - granule * 8;
    return left >= 8 ? 0 : left > 0 ? left : KASAN_SLAB_REDZONE;
  }),
);
const REDZONE_WORD = partial_words[0]!;
const FREE_WORD = shadow_word(() => KASAN_SLAB_FREE);
const FREETRACK_WORD = shadow_word((granule) => (granule === 0 ? KASAN_SLAB_FREETRACK : KASAN_SLAB_FREE));

/** Shadow of 32 bytes, likewise, for objects that are no multiple of 64. */
const partial_halves = Int32Array.from({ length: 33 }, (_, n) => new Int32Array(partial_words.buffer)[2 * n]!);
const FREE_HALF = 0xfbfbfbfb | 0;
const FREETRACK_HALF = 0xfbfbfbfa | 0;

/** Fills the shadow of whole granules. */
export function poison(offset: number, size: number, value: number): void {
  shadow.fill(value, offset >>> 3, (offset + size + 7) >>> 3);
}

/** Makes `size` bytes accessible, the last granule in part. */
export function unpoison(offset: number, size: number): void {
  shadow.fill(0, offset >>> 3, (offset + size) >>> 3);
  if ((size & 7) !== 0) shadow[(offset + size) >>> 3] = size & 7;
}

/** A slab object of `object_size` is handed out, of which `size` bytes were asked for. */
export function unpoison_object(offset: number, object_size: number, size: number): void {
  if (((object_size | offset) & (WORD_BYTES - 1)) !== 0 || object_size > BY_WORDS_MAX) {
    unpoison_other(offset, object_size, size);
    return;
  }
  const words = shadow64;
  let at = offset >>> 6;
  const end = at + (object_size >>> 6);
  const full = at + (size >>> 6);
  while (at < full) words[at++] = 0;
  if (at < end) words[at++] = partial_words[size & (WORD_BYTES - 1)]!;
  while (at < end) words[at++] = REDZONE_WORD;
}

function unpoison_other(offset: number, object_size: number, size: number): void {
  if (((object_size | offset) & 31) === 0 && object_size <= 256) {
    for (let at = 0; at < object_size; at += 32) shadow32[(offset + at) >>> 5] = partial_halves[size <= at ? 0 : size >= at + 32 ? 32 : size - at]!;
  } else if (object_size === 16 && (offset & 15) === 0) {
    shadow16[offset >>> 4] = partial_halves[size === 16 ? 32 : size]!;
  } else if (object_size === 8) {
    shadow[offset >>> 3] = size & 7;
  } else {
    unpoison(offset, size);
    const redzone = (size + 7) & ~7;
    poison(offset + redzone, object_size - redzone, KASAN_SLAB_REDZONE);
  }
}

/** A slab object is freed. */
export function poison_freed(offset: number, object_size: number): void {
  if (((object_size | offset) & (WORD_BYTES - 1)) !== 0 || object_size > BY_WORDS_MAX) {
    poison_freed_other(offset, object_size);
    return;
  }
  const words = shadow64;
  let at = offset >>> 6;
  const end = at + (object_size >>> 6);
  words[at++] = FREETRACK_WORD;
  while (at < end) words[at++] = FREE_WORD;
}

function poison_freed_other(offset: number, object_size: number): void {
  if (((object_size | offset) & 31) === 0 && object_size <= 256) {
    shadow32[offset >>> 5] = FREETRACK_HALF;
    for (let at = 32; at < object_size; at += 32) shadow32[(offset + at) >>> 5] = FREE_HALF;
  } else if (object_size === 16 && (offset & 15) === 0) {
    shadow16[offset >>> 4] = FREETRACK_HALF;
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
  for (let granule = offset >>> 3; granule << 3 < end; granule++) {
    const value = shadow[granule]!;
    if (value === 0) continue;
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
