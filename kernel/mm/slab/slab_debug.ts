/**
 * SLAB_POISON and SLAB_RED_ZONE: patterns in and behind objects, checked when an object is handed out and when it
 * comes back. Linux: mm/slub.c, init_object(), check_object(), slab_bug(); include/linux/poison.h.
 *
 * KASAN sees a stray access of the CPU first. What is left for these are the writes that go past it: a device's, and
 * those that the rule kasan is not set to look at.
 */
import { print_tainted, report, type Print } from '../../debug/report.js';
import { hex_dump_to_buffer } from '../../lib/hexdump.js';
import { print_track } from '../pages/debug_page.js';
import { hex8, PAGE_OFFSET, PAGE_SHIFT } from '../layout.js';
import { find_object } from './object.js';
import { P_HEAD } from '../pages/page.js';
import { page_words, PAGE_WORDS_SHIFT, u8 } from '../ram.js';
import { alloc_track, free_track } from '../kasan/record.js';
import type { KmemCache } from './slab_cache.js';
import { SLAB_POISON, SLAB_RED_ZONE } from './slab_flags.js';

/** What lies behind an object that is free, and behind one that is in use. */
export const SLUB_RED_INACTIVE = 0xbb;
export const SLUB_RED_ACTIVE = 0xcc;
/** A free object's bytes, and its last. */
export const POISON_FREE = 0x6b;
export const POISON_END = 0xa5;

/** Whether objects are filled while they are free: never in a cache with a constructor, which keeps their content. */
function is_poisoned_cache(cache: KmemCache): boolean {
  return (cache.traits.flags & SLAB_POISON) !== 0 && cache.traits.construct === null;
}

/** Writes the patterns of an object at this RAM offset. Linux: init_object(). */
export function init_object(cache: KmemCache, offset: number, red: number): void {
  const end = offset + cache.object_size;
  if ((cache.traits.flags & SLAB_RED_ZONE) !== 0) u8.fill(red, end, offset + cache.stride);
  if (!is_poisoned_cache(cache)) return;
  u8.fill(POISON_FREE, offset, end - 1);
  u8[end - 1] = POISON_END;
}

/** An object of a new slab. */
export function prepare_object(cache: KmemCache, offset: number): void {
  init_object(cache, offset, SLUB_RED_INACTIVE);
}

/** A free object is handed out. Linux: alloc_debug_processing(). */
export function alloc_debug_processing(cache: KmemCache, offset: number): void {
  check_free_object(cache, offset);
  init_object(cache, offset, SLUB_RED_ACTIVE);
}

/** Linux: check_object() of an inactive one. */
export function check_free_object(cache: KmemCache, offset: number): void {
  check_redzone(cache, offset, SLUB_RED_INACTIVE);
  if (!is_poisoned_cache(cache)) return;
  const last = offset + cache.object_size - 1;
  if (check_bytes(cache, offset, 'Poison', offset, last, POISON_FREE)) check_bytes(cache, offset, 'End Poison', last, last + 1, POISON_END);
}

/** An object comes back. Linux: free_debug_processing(). */
export function free_debug_processing(cache: KmemCache, offset: number): void {
  check_redzone(cache, offset, SLUB_RED_ACTIVE);
  init_object(cache, offset, SLUB_RED_INACTIVE);
}

function check_redzone(cache: KmemCache, offset: number, red: number): void {
  if ((cache.traits.flags & SLAB_RED_ZONE) === 0) return;
  check_bytes(cache, offset, 'Right Redzone', offset + cache.object_size, offset + cache.stride, red);
}

/** Linux: check_bytes_and_report(). Returns whether all bytes in [from, to) are what they should be. */
function check_bytes(cache: KmemCache, object: number, what: string, from: number, to: number, value: number): boolean {
  let first = from;
  while (first < to && u8[first] === value) first++;
  if (first === to) return true;
  let last = to - 1;
  while (u8[last] === value) last--;
  slab_bug(cache, `${what} overwritten`, (print) => {
    const at = (offset: number): string => `0x${hex8(PAGE_OFFSET + offset)}`;
    const head = page_words[((object >>> PAGE_SHIFT) << PAGE_WORDS_SHIFT) + P_HEAD]! << PAGE_SHIFT;
    print(`${at(first)}-${at(last)} @offset=${first - head}. First byte 0x${u8[first]!.toString(16)} instead of 0x${value.toString(16)}`);
    print_tracking(print, object);
    print(`Object ${at(object)} @offset=${object - head}`);
    print('');
    dump_bytes(print, 'Object  ', object, object + cache.object_size);
    dump_bytes(print, 'Redzone ', object + cache.object_size, object + cache.stride);
    print(`FIX ${cache.name}: Restoring ${what} ${at(first)}-${at(last)}=0x${value.toString(16)}`);
  });
  return false;
}

/** Linux: print_tracking(). */
export function print_tracking(print: Print, object: number): void {
  const found = find_object(object);
  // What was never handed out has nobody's record.
  if (!found?.used) return;
  print_track(print, 'Allocated', alloc_track(found.record));
  if (!found.live) print_track(print, 'Freed', free_track(found.record));
}

const DUMP_BYTES_MAX = 128;

/** Linux: print_section(). */
function dump_bytes(print: Print, text: string, from: number, to: number): void {
  const end = Math.min(to, from + DUMP_BYTES_MAX);
  for (let at = from; at < end; at += 16) {
    print(`${text} ${hex8(PAGE_OFFSET + at)}: ${hex_dump_to_buffer(u8.subarray(at, Math.min(at + 16, end)), 16, 1, true)}`);
  }
}

/** A slab is not what it should be. Linux: slab_bug(). */
export function slab_bug(cache: KmemCache, what: string, body: (print: Print) => void): void {
  report('slab', `BUG ${cache.name} (${print_tainted()}): ${what}`, (print) => {
    print('-----------------------------------------------------------------------------');
    print('');
    body(print);
  });
}
