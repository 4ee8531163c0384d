/** What a KASAN report says of an address in the vmalloc window. Linux: mm/kasan/report.c, print_address_description(). */
import type { Print } from '../../debug/report.js';
import { print_track } from '../pages/debug_page.js';
import { hex8, PAGE_OFFSET, PAGE_SHIFT } from '../layout.js';
import { mm } from '../mm.js';
import { shadow, ram } from '../ram.js';
import { KASAN_VMALLOC_INVALID } from '../kasan/shadow.js';
import { caller_of } from './vmalloc_area.js';

/** Whether this RAM offset lies in a part of the window that vmalloc() has used and that is not mapped now. */
export function is_vmalloc_hole(offset: number): boolean {
  return offset >= ram.window_start && shadow[offset >>> 3] === KASAN_VMALLOC_INVALID;
}

/** The area that the bad byte at RAM offset `offset` lies behind, or lay in before it was freed. */
export function describe_vmalloc(print: Print, offset: number): void {
  const space = mm.vmalloc;
  const area = space === null ? null : (space.area_at(offset) ?? space.freed_at(offset));
  if (space === null || area === null) return;
  print_track(print, 'Allocated', area.allocated);
  if (area.freed !== null) print_track(print, 'Freed', area.freed);
  const start = space.offset_of(area);
  const end = start + (area.pages << PAGE_SHIFT);
  print('The buggy address belongs to the virtual mapping at');
  print(` [${hex8(PAGE_OFFSET + start)}, ${hex8(PAGE_OFFSET + end)}) created by:`);
  print(` ${caller_of(area)}`);
  const [distance, relation] = offset >= end ? [offset - end, 'to the right of'] : [offset - start, 'inside of'];
  print(`The buggy address is located ${distance} bytes ${relation}`);
  print(` ${area.freed === null ? '' : 'freed '}${area.size}-byte area, ${area.pages} page${area.pages === 1 ? '' : 's'}`);
  print('');
}
