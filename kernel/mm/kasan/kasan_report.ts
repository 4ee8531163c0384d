/** Reports of bad accesses and bad frees. Linux: mm/kasan/report.c, mm/kasan/report_generic.c, arch/x86/mm/fault.c. */
import { pc, SITE } from '../../arch/callstack.js';
import { this_cpu } from '../../arch/cpu.js';
import { site_of } from '../../arch/site.js';
import { report, type Print } from '../../debug/report.js';
import { dump_page, print_page_tracks, print_track } from '../pages/debug_page.js';
import { hex8, PAGE_OFFSET, PAGE_SHIFT, PAGE_SIZE, TASK_SIZE } from '../layout.js';
import { find_object, type FoundObject } from '../slab/object.js';
import { lowmem_bytes, ram, shadow } from '../ram.js';
import { alloc_track, free_track, offset_of } from './record.js';
import { KASAN_GLOBAL_REDZONE, KASAN_PAGE_FREE, KASAN_PAGE_REDZONE, KASAN_SLAB_FREE, KASAN_SLAB_FREETRACK, KASAN_SLAB_REDZONE } from './shadow.js';
import { static_at } from '../static_area.js';
import { describe_vmalloc, is_vmalloc_hole } from '../vmalloc/vmalloc_report.js';

const ROWS_AROUND = 2;
const ROW_GRANULES = 16;
const ROW_BYTES = ROW_GRANULES * 8;

/** The function that runs, as %pS names it: `speak [dog]`. */
function running(): string {
  const { fn, module } = site_of(pc[SITE]!);
  return module === '' ? fn : `${fn} [${module}]`;
}

function by_task(): string {
  return `by task ${this_cpu.current.comm}/${this_cpu.current.pid}`;
}

/** Linux: get_wild_bug_type(). */
function wild_bug_type(addr: number): string {
  const unsigned = addr >>> 0;
  if (unsigned < PAGE_SIZE) return 'null-ptr-deref';
  return unsigned < TASK_SIZE ? 'user-memory-access' : 'wild-memory-access';
}

/** Linux: get_shadow_bug_type(); `offset` is that of the first bad byte. */
function shadow_bug_type(offset: number): string {
  let value = shadow[offset >>> 3]!;
  if (value > 0) value = shadow[(offset >>> 3) + 1] ?? 0;
  switch (value) {
    case KASAN_PAGE_REDZONE:
    case KASAN_SLAB_REDZONE:
      return 'slab-out-of-bounds';
    case KASAN_GLOBAL_REDZONE:
      return 'global-out-of-bounds';
    case KASAN_PAGE_FREE:
    case KASAN_SLAB_FREE:
    case KASAN_SLAB_FREETRACK:
      return 'use-after-free';
    default:
      return 'out-of-bounds';
  }
}

/** An access of `size` bytes at `addr` is bad; `bad` is the RAM offset of its first bad byte where it lies in lowmem. */
export function report_bad_access(addr: number, size: number, write: boolean, bad: number): void {
  const offset = offset_of(addr);
  const mapped = bad >= 0 && offset < lowmem_bytes;
  if (!mapped && bad >= 0 && is_vmalloc_hole(bad)) {
    report_vmalloc_access(addr, size, write, bad);
    return;
  }
  const type = addr + size > 0x100000000 ? 'out-of-bounds' : mapped ? shadow_bug_type(bad) : wild_bug_type(addr);
  const headline = `BUG: KASAN: ${type} in ${running()}\n${write ? 'Write' : 'Read'} of size ${size} at addr ${hex8(addr)} ${by_task()}`;
  report('kasan', headline, mapped ? { after: (print) => print_address_description(print, offset, bad) } : undefined);
}

function report_vmalloc_access(addr: number, size: number, write: boolean, bad: number): void {
  const headline = `BUG: KASAN: vmalloc-out-of-bounds in ${running()}\n${write ? 'Write' : 'Read'} of size ${size} at addr ${hex8(addr)} ${by_task()}`;
  report('kasan', headline, {
    after: (print) => {
      print('');
      describe_vmalloc(print, bad);
      print_memory_state(print, bad);
    },
  });
}

/** kfree() of something that cannot be freed, or not again. Linux: kasan_report_invalid_free(). */
export function report_invalid_free(addr: number, type: 'double-free' | 'invalid-free', fn: string): void {
  const offset = offset_of(addr);
  report('kasan', `BUG: KASAN: ${type} in ${fn}\nFree of addr ${hex8(addr)} ${by_task()}`, { after: (print) => print_address_description(print, offset, offset) });
}

/** Linux: print_address_description(), print_memory_metadata(). */
function print_address_description(print: Print, offset: number, bad: number): void {
  print('');
  const object = find_object(offset);
  if (object !== null) describe_object(print, object, offset);
  const variable = static_at(offset);
  if (variable !== null) {
    print('The buggy address belongs to the variable:');
    print(` ${variable.name}+0x${(offset - variable.offset).toString(16)}/0x${variable.size.toString(16)} [${variable.owner}]`);
    print('');
  }
  print('The buggy address belongs to the physical page:');
  dump_page(print, offset >>> PAGE_SHIFT, 'kasan: bad access detected');
  print('');
  if (object === null && variable === null) print_page_tracks(print, offset >>> PAGE_SHIFT);
  print_memory_state(print, bad);
}

/** Linux: describe_object(); the size asked for is said as 6.3 and later do. */
function describe_object(print: Print, object: FoundObject, offset: number): void {
  const { start, size, object_size, cache, record, live, used } = object;
  if (used) {
    print_track(print, 'Allocated', alloc_track(record));
    if (!live) print_track(print, 'Freed', free_track(record));
  }
  const addr = PAGE_OFFSET + start;
  print(`The buggy address belongs to the object at ${hex8(addr)}`);
  print(` which belongs to the cache ${cache} of size ${object_size}`);
  const end = start + size;
  const [distance, relation] = offset < start ? [start - offset, 'to the left of'] : offset >= end ? [offset - end, 'to the right of'] : [offset - start, 'inside of'];
  print(`The buggy address is located ${distance} bytes ${relation}`);
  print(` ${live ? 'allocated ' : used ? 'freed ' : ''}${size}-byte region [${hex8(addr)}, ${hex8(addr + size)})`);
  print('');
}

/** The shadow around a byte, 16 granules a row, with a caret under the one that says no. */
function print_memory_state(print: Print, bad: number): void {
  print('Memory state around the buggy address:');
  const guilty = bad - (bad % ROW_BYTES);
  for (let row = -ROWS_AROUND; row <= ROWS_AROUND; row++) {
    const start = guilty + row * ROW_BYTES;
    if (start < 0 || start >= ram.bytes.length) continue;
    const bytes: string[] = [];
    for (let i = 0; i < ROW_GRANULES; i++) bytes.push((ram.shadow[(start >>> 3) + i]! & 0xff).toString(16).padStart(2, '0'));
    print(`${row === 0 ? '>' : ' '}${hex8(PAGE_OFFSET + start)}: ${bytes.join(' ')}`);
    if (row === 0) print('^'.padStart(12 + ((bad - start) >>> 3) * 3));
  }
}
