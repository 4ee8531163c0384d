/**
 * The check of a range of memory. Linux: mm/kasan/generic.c, kasan_check_range().
 */
import { PAGE_OFFSET, PAGE_SHIFT } from './layout.js';
import { report_bad_access } from './kasan_report.js';
import { lowmem_bytes, ram, shadow } from './ram.js';
import { offset_of } from './record.js';
import { first_poisoned } from './shadow.js';

/**
 * Checks an access of `size` bytes and reports a bad one. Returns whether the bytes exist, so that the access can
 * be done: false only for a wild address. No preemption point.
 */
export function check_access(addr: number, size: number, write: boolean): boolean {
  if (size === 0) return true;
  // Whatever is not a number is a null pointer.
  const at = addr >>> 0;
  const offset = offset_of(at);
  if (offset >= lowmem_bytes) {
    report_bad_access(at, size, write, -1);
    return false;
  }
  const inside = offset + size <= lowmem_bytes;
  const bad = first_poisoned(offset, inside ? size : lowmem_bytes - offset);
  if (bad < 0 && inside) return true;
  report_bad_access(at, size, write, bad);
  if (inside && write) for (let pfn = offset >>> PAGE_SHIFT; pfn << PAGE_SHIFT < offset + size; pfn++) ram.touch_content(pfn);
  return inside;
}

/** The check of one aligned word before raw access to it: locks and list heads live in kernel memory. Context: any. */
export function check4(addr: number, write: boolean): boolean {
  const offset = ((addr | 0) - PAGE_OFFSET) >>> 0;
  return (shadow[offset >>> 3] === 0 && (offset & 3) === 0) || check_access(addr, 4, write);
}

/** Index into `i32` and `u32` (ram.ts) of the aligned word at a lowmem address. */
export function word_index(addr: number): number {
  return (addr - PAGE_OFFSET) >>> 2;
}
