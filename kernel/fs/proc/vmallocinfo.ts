/** /proc/vmallocinfo. Linux: mm/vmalloc.c, s_show(). */
import { hex8, PAGE_SHIFT, PAGE_SIZE } from '../../mm/layout.js';
import { mm } from '../../mm/mm.js';
import { caller_of } from '../../mm/vmalloc/vmalloc_area.js';

/** The file's text: a line an area, by ascending address; the size has the guard page in it. Context: any. */
export function show_vmallocinfo(): string {
  const space = mm.vmalloc;
  if (space === null) return '';
  return space.areas
    .map((area) => {
      const start = space.address_of(area);
      const bytes = (area.pages << PAGE_SHIFT) + PAGE_SIZE;
      return `0x${hex8(start)}-0x${hex8(start + bytes)} ${String(bytes).padStart(7)} ${caller_of(area)} pages=${area.pages} vmalloc\n`;
    })
    .join('');
}
