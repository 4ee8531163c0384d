/** A page in words. Linux: mm/debug.c, dump_page(); mm/page_owner.c. */
import { innermost } from '../../arch/callstack.js';
import { SITE_NONE } from '../../arch/site.js';
import { kernel_bug } from '../../debug/fault.js';
import { print_stack, report, type Print } from '../../debug/report.js';
import { hex8 } from '../layout.js';
import { mm } from '../mm.js';
import { ORDER_MASK, cache_number, P_HEAD, pfn_to_page, PG_COMPOUND, PG_HEAD, PG_LARGE, PG_STATIC, PG_TAIL, state_of } from './page.js';
import { page_words, PAGE_WORDS_SHIFT, ram } from '../ram.js';
import { alloc_track, free_track, page_record, type Track } from '../kasan/record.js';

export function dump_page(print: Print, pfn: number, reason: string): void {
  const state = state_of(pfn);
  const allocated = (state & (PG_HEAD | PG_TAIL)) !== 0;
  const head = allocated ? page_words[(pfn << PAGE_WORDS_SHIFT) + P_HEAD]! : pfn;
  const flags: string[] = [];
  if (cache_number(pfn) !== 0) flags.push('slab');
  if ((state_of(head) & (PG_COMPOUND | PG_LARGE)) !== 0) flags.push('head');
  if ((state_of(head) & PG_STATIC) !== 0) flags.push('reserved');
  flags.push(`zone=${mm.zone_of(pfn).name}`);
  print(`page:${hex8(pfn_to_page(pfn))} refcount:${allocated ? 1 : 0} mapcount:0 index:0x0 pfn:0x${pfn.toString(16)}`);
  if (allocated && head !== pfn) print(`head:${hex8(pfn_to_page(head))} order:${state_of(head) & ORDER_MASK}`);
  print(`flags: (${flags.join('|')})`);
  print(`page dumped because: ${reason}`);
}

/**
 * What CONFIG_DEBUG_VM checks of a page does not hold: it is dumped, and the task killed, whatever the rule bad-page says.
 * `where` is Linux 6.1's file and line. Linux: include/linux/mmdebug.h, VM_BUG_ON_PAGE(). Never returns.
 */
export function vm_bug_on(check: string, pfn: number, where: string): never {
  report('bad-page', `page dumped because: ${check}`, (print) => {
    dump_page(print, pfn, check);
    print_page_tracks(print, pfn);
  });
  return kernel_bug(where);
}

/** Who had the page and who freed it, as far as is known. */
export function print_page_tracks(print: Print, pfn: number): void {
  if (!ram.was_used(pfn)) return;
  const state = state_of(pfn);
  const live = (state & (PG_HEAD | PG_TAIL)) !== 0;
  const record = page_record(live ? page_words[(pfn << PAGE_WORDS_SHIFT) + P_HEAD]! : pfn);
  print_track(print, 'Allocated', alloc_track(record));
  if (!live) print_track(print, 'Freed', free_track(record));
}

/** Linux: mm/kasan/report.c, print_track(). */
export function print_track(print: Print, what: 'Allocated' | 'Freed', track: Track): void {
  print(`${what} by task ${track.pid}:`);
  if (innermost(track.frame, track.site) === SITE_NONE) print('  (host code, which carries no line numbers)');
  else print_stack(print, track.frame, track.site);
  print('');
}

