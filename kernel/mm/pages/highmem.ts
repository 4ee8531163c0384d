/**
 * Addresses for pages of high memory. Linux: mm/highmem.c, include/linux/highmem.h, highmem-internal.h.
 *
 * The window lies behind lowmem: the page of frame n, while mapped, has the address PAGE_OFFSET + n * PAGE_SIZE, and
 * its shadow says no while it is not. Linux gives each kmap_local_page() an address of its own; here all mappings
 * of a page share one, and it goes with the last of them.
 */
import { point } from '../../arch/point.js';
import { this_cpu } from '../../arch/cpu.js';
import { TASK_NORMAL, TASK_RUNNING, TASK_UNINTERRUPTIBLE } from '../../arch/task.js';
import { kernel } from '../../current.js';
import { kernel_bug } from '../../debug/fault.js';
import { in_hardirq, in_interrupt, preempt_disable, preempt_enable } from '../../include/linux/preempt.js';
import { might_sleep_at } from '../../sched/might_sleep.js';
import { as_address } from '../arguments.js';
import { check_access } from '../kasan/kasan.js';
import { PAGE_SHIFT, PAGE_SIZE } from '../layout.js';
import { mm } from '../mm.js';
import { page_to_pfn, pfn_to_addr, pfn_to_page } from './page.js';
import { checked_pfn } from './page_ref.js';
import type { Page, Ptr } from '../pointer.js';
import { lowmem_bytes, u8 } from '../ram.js';
import { offset_of } from '../kasan/record.js';
import { KASAN_PAGE_FREE, poison, unpoison } from '../kasan/shadow.js';
import { is_vmalloc_addr, vmalloc_address } from '../vmalloc/vmalloc_area.js';
import { warn_once_at } from '../warn.js';

/** Pages that kmap() can have mapped at a time. */
export const LAST_PKMAP = 1024;
/** Pages that a task can have mapped by kmap_local_page() at a time. */
const KM_MAX_IDX = 16;

/** True for a page that has no address of its own. Context: any. */
export function PageHighMem(page: Page): boolean {
  return page_to_pfn(page) >= mm.lowmem_pages;
}

function map(pfn: number): Ptr {
  const { mapped } = mm.kmaps;
  const count = mapped.get(pfn) ?? 0;
  mapped.set(pfn, count + 1);
  if (count === 0) {
    mm.touch_astray(pfn);
    unpoison(pfn << PAGE_SHIFT, PAGE_SIZE);
  }
  return pfn_to_addr(pfn) as Ptr;
}

function unmap(pfn: number): void {
  const { mapped } = mm.kmaps;
  const count = mapped.get(pfn)!;
  if (count > 1) {
    mapped.set(pfn, count - 1);
    return;
  }
  mapped.delete(pfn);
  poison(pfn << PAGE_SHIFT, PAGE_SIZE, KASAN_PAGE_FREE);
}

/**
 * Gives a page an address, the same one to all until the last kunmap(); sleeps while there is none to give. A page
 * of lowmem keeps its own. Context: process, may sleep.
 */
export function kmap(page: Page): Ptr {
  point();
  might_sleep_at('include/linux/highmem-internal.h:38');
  const pfn = checked_pfn('kmap', page);
  const own = vmalloc_address(pfn);
  if (own !== 0) return own as Ptr;
  if (pfn < mm.lowmem_pages) return pfn_to_addr(pfn) as Ptr;
  const { pkmap, waiting } = mm.kmaps;
  const task = this_cpu.current;
  while (!pkmap.has(pfn) && pkmap.size >= LAST_PKMAP) {
    waiting.push(task);
    task.waiting_for = 'kmap(): all of the window is in use';
    task.__state = TASK_UNINTERRUPTIBLE;
    kernel.sched.schedule();
    task.__state = TASK_RUNNING;
    task.waiting_for = '';
  }
  const count = pkmap.get(pfn) ?? 0;
  pkmap.set(pfn, count + 1);
  return count === 0 ? map(pfn) : (pfn_to_addr(pfn) as Ptr);
}

/** Undoes one kmap() of the page: note that it takes the page, not the address. Context: process. */
export function kunmap(page: Page): void {
  point();
  if (in_interrupt() !== 0) kernel_bug('include/linux/highmem-internal.h:48');
  const pfn = checked_pfn('kunmap', page);
  if (pfn < mm.lowmem_pages || vmalloc_address(pfn) !== 0) return;
  const { pkmap, waiting } = mm.kmaps;
  const count = pkmap.get(pfn);
  if (count === undefined) kernel_bug('mm/highmem.c:349');
  if (count > 1) {
    pkmap.set(pfn, count - 1);
    return;
  }
  pkmap.delete(pfn);
  unmap(pfn);
  for (const task of waiting.splice(0)) kernel.sched.try_to_wake_up(task, TASK_NORMAL);
}

/**
 * Gives a page an address for the running task, without sleeping. What is mapped last must be unmapped first, and
 * the address is not for other tasks. Context: any.
 */
export function kmap_local_page(page: Page): Ptr {
  point();
  const pfn = checked_pfn('kmap_local_page', page);
  const own = vmalloc_address(pfn);
  if (own !== 0) return own as Ptr;
  if (pfn < mm.lowmem_pages) return pfn_to_addr(pfn) as Ptr;
  if (in_hardirq() !== 0 && this_cpu.irqs_off === 0) warn_once_at('mm/highmem.c:487', 'kmap_local_idx_push');
  const { local } = mm.kmaps;
  const task = this_cpu.current;
  let stack = local.get(task);
  if (stack === undefined) local.set(task, (stack = []));
  if (stack.length >= KM_MAX_IDX) kernel_bug('mm/highmem.c:493');
  stack.push(pfn);
  return map(pfn);
}

/** Undoes kmap_local_page(): any address within the page will do. Context: as it was mapped in. */
export function kunmap_local(addr: Ptr): void {
  point();
  const offset = offset_of(as_address('kunmap_local', addr));
  if (offset < lowmem_bytes || is_vmalloc_addr(addr)) return;
  const pfn = offset >>> PAGE_SHIFT;
  const stack = mm.kmaps.local.get(this_cpu.current) ?? [];
  const at = stack.lastIndexOf(pfn);
  if (at < 0 || at !== stack.length - 1) {
    warn_once_at('mm/highmem.c:623', 'kunmap_local_indexed', (print) => {
      print(at < 0 ? 'the page is not mapped by this task' : 'pages are unmapped in the reverse order of their mapping');
    });
  }
  if (at < 0) return;
  stack.splice(at, 1);
  unmap(pfn);
}

/** As kmap_local_page(), with preemption disabled until kunmap_atomic(): the old way. Context: any. */
export function kmap_atomic(page: Page): Ptr {
  preempt_disable();
  return kmap_local_page(page);
}

export function kunmap_atomic(addr: Ptr): void {
  kunmap_local(addr);
  preempt_enable();
}

/** The page of an address that kmap() or kmap_local_page() gave, or of lowmem. Context: any. */
export function kmap_to_page(addr: Ptr): Page {
  point();
  return pfn_to_page(offset_of(addr) >>> PAGE_SHIFT);
}

/** Fills a page with zeros, wherever it lies. Context: any. */
export function clear_highpage(page: Page): void {
  point();
  const pfn = checked_pfn('clear_highpage', page);
  mm.touch_astray(pfn);
  u8.fill(0, pfn << PAGE_SHIFT, (pfn + 1) << PAGE_SHIFT);
}

/** Copies a page, wherever the two lie. Context: any. */
export function copy_highpage(to: Page, from: Page): void {
  point();
  const target = checked_pfn('copy_highpage', to);
  const source = checked_pfn('copy_highpage', from);
  mm.touch_astray(target);
  u8.copyWithin(target << PAGE_SHIFT, source << PAGE_SHIFT, (source + 1) << PAGE_SHIFT);
}

/** RAM offset of a stretch of a page; throws RangeError where it does not lie in one. */
function stretch(fn: string, page: Page, offset: number, len: number): number {
  if (offset + len > PAGE_SIZE) throw new RangeError(`${fn}: ${len} bytes at ${offset} do not fit in a page`);
  return (checked_pfn(fn, page) << PAGE_SHIFT) + offset;
}

/** Copies `len` bytes out of a page, wherever it lies, to an address. Context: any. */
export function memcpy_from_page(to: Ptr, page: Page, offset: number, len: number): void {
  point();
  const from = stretch('memcpy_from_page', page, offset, len);
  if (check_access(to, len, true)) u8.copyWithin(offset_of(to), from, from + len);
}

/** Copies `len` bytes from an address into a page, wherever it lies. Context: any. */
export function memcpy_to_page(page: Page, offset: number, from: Ptr, len: number): void {
  point();
  const to = stretch('memcpy_to_page', page, offset, len);
  if (!check_access(from, len, false)) return;
  mm.touch_astray(to >>> PAGE_SHIFT);
  u8.copyWithin(to, offset_of(from), offset_of(from) + len);
}
