/**
 * The check of a range of memory. Linux: mm/kasan/generic.c, kasan_check_range().
 */
import { page_fault } from '../../debug/fault.js';
import { PAGE_OFFSET, PAGE_SHIFT } from '../layout.js';
import { report_bad_access } from './kasan_report.js';
import { kmsan_copy, kmsan_read, kmsan_write } from './kmsan.js';
import { mm } from '../mm.js';
import { initialised, lowmem_bytes, ram, shadow } from '../ram.js';
import { offset_of } from './record.js';
import { first_poisoned } from './shadow.js';
import { watcher } from './watch.js';

/**
 * Checks an access of `size` bytes and reports a bad one. Returns whether the bytes exist, so that the access can
 * be done; at an address that no page is mapped at the task is killed, as on a real machine. No preemption point.
 */
export function check_access(addr: number, size: number, write: boolean): boolean {
  if (!check_addressable(addr, size, write)) return false;
  if (initialised !== null && size !== 0) {
    if (write) kmsan_write(offset_of(addr), size);
    else kmsan_read(offset_of(addr), size);
  }
  return true;
}

/** Checks both ends of a copy of `size` bytes, and takes over what KMSAN knows of them. Returns whether to copy. */
export function check_copy(to: number, from: number, size: number): boolean {
  const readable = check_addressable(from, size, false);
  const writable = check_addressable(to, size, true);
  if (!readable || !writable) return false;
  if (initialised !== null && size !== 0) kmsan_copy(offset_of(to), offset_of(from), size);
  return true;
}

/** As check_access(), whatever the bytes hold. */
export function check_addressable(addr: number, size: number, write: boolean): boolean {
  if (size === 0) return true;
  // Whatever is not a number is a null pointer.
  const at = addr >>> 0;
  const offset = offset_of(at);
  if (offset >= lowmem_bytes) return check_above_lowmem(at, offset, size, write);
  const inside = offset + size <= lowmem_bytes;
  const bad = first_poisoned(offset, inside ? size : lowmem_bytes - offset);
  if (bad < 0 && inside) {
    watcher?.(offset, size, write);
    return true;
  }
  report_bad_access(at, size, write, bad);
  if (inside && write) {
    for (let pfn = offset >>> PAGE_SHIFT; pfn << PAGE_SHIFT < offset + size; pfn++) mm.touch_astray(pfn);
  }
  return inside;
}

/** What is mapped above lowmem has shadow as lowmem has; where the shadow says no, there is no page. */
function check_above_lowmem(at: number, offset: number, size: number, write: boolean): boolean {
  const end = ram.bytes.length;
  const bad = offset >= end ? -1 : first_poisoned(offset, Math.min(size, end - offset));
  if (bad < 0 && offset + size <= end) return true;
  report_bad_access(at, size, write, bad);
  return page_fault(at, write);
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
