/** The checks of CONFIG_DEBUG_LIST. Follows lib/list_debug.c and include/linux/poison.h. */
import { this_cpu } from '../arch/cpu.js';
import { report } from '../debug/report.js';
import { check4, word_index } from '../mm/kasan/kasan.js';
import { hex8 } from '../mm/layout.js';
import { i32 } from '../mm/ram.js';

/** What list_del() leaves in the entry. They lie in the first page: whoever follows them faults. */
export const LIST_POISON1 = 0x100;
export const LIST_POISON2 = 0x122;

/** A pointer of a list, checked as any access; `offset` is 0 for next and 4 for prev. */
export function load_link(entry: number, offset: 0 | 4): number {
  return check4(entry + offset, false) ? i32[word_index(entry + offset)]! : 0;
}

/** Writes a pointer of a list. */
export function store_link(entry: number, offset: 0 | 4, to: number): void {
  if (check4(entry + offset, true)) i32[word_index(entry + offset)] = to;
}

/** As CHECK_DATA_CORRUPTION(): the list is left as it is. */
function warn_list(what: string, fn: string, line: number): false {
  report('warn', `${what}\nWARNING: CPU: ${this_cpu.id} PID: ${this_cpu.current.pid} at lib/list_debug.c:${line} __${fn}_valid`);
  return false;
}

/** Follows __list_add_valid(): whether `entry` may go between `prev` and `next`. */
export function list_add_valid(entry: number, prev: number, next: number): boolean {
  if (prev === 0) return warn_list('list_add corruption. prev is NULL.', 'list_add', 20);
  if (next === 0) return warn_list('list_add corruption. next is NULL.', 'list_add', 22);
  const back = load_link(next, 4);
  if (back !== prev) {
    return warn_list(`list_add corruption. next->prev should be prev (${hex8(prev)}), but was ${hex8(back)}. (next=${hex8(next)}).`, 'list_add', 26);
  }
  const forth = load_link(prev, 0);
  if (forth !== next) {
    return warn_list(`list_add corruption. prev->next should be next (${hex8(next)}), but was ${hex8(forth)}. (prev=${hex8(prev)}).`, 'list_add', 30);
  }
  if (entry !== prev && entry !== next) return true;
  return warn_list(`list_add double add: new=${hex8(entry)}, prev=${hex8(prev)}, next=${hex8(next)}.`, 'list_add', 33);
}

/** Follows __list_del_entry_valid(): whether `entry` is on a list. */
export function list_del_valid(entry: number): boolean {
  const next = load_link(entry, 0);
  const prev = load_link(entry, 4);
  const at = hex8(entry);
  if (next === 0) return warn_list(`list_del corruption, ${at}->next is NULL`, 'list_del_entry', 47);
  if (prev === 0) return warn_list(`list_del corruption, ${at}->prev is NULL`, 'list_del_entry', 50);
  if (next === LIST_POISON1) return warn_list(`list_del corruption, ${at}->next is LIST_POISON1 (${hex8(LIST_POISON1)})`, 'list_del_entry', 53);
  if (prev === LIST_POISON2) return warn_list(`list_del corruption, ${at}->prev is LIST_POISON2 (${hex8(LIST_POISON2)})`, 'list_del_entry', 56);
  const forth = load_link(prev, 0);
  if (forth !== entry) return warn_list(`list_del corruption. prev->next should be ${at}, but was ${hex8(forth)}. (prev=${hex8(prev)})`, 'list_del_entry', 59);
  const back = load_link(next, 4);
  if (back !== entry) return warn_list(`list_del corruption. next->prev should be ${at}, but was ${hex8(back)}. (next=${hex8(next)})`, 'list_del_entry', 62);
  return true;
}
