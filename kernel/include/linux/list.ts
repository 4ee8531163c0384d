/** Doubly linked lists. Follows include/linux/list.h and poison.h. */
export {
  INIT_LIST_HEAD,
  list_add,
  list_add_tail,
  list_del,
  list_del_init,
  list_empty,
  LIST_HEAD,
  list_head,
  list_is_last,
  list_is_singular,
  list_move,
  list_move_tail,
  list_replace,
  list_splice,
  list_splice_init,
  list_splice_tail,
  list_splice_tail_init,
} from '../../lib/list.js';
export {
  list_entry,
  list_first_entry,
  list_first_entry_or_null,
  list_for_each,
  list_for_each_entry,
  list_for_each_entry_reverse,
  list_for_each_entry_safe,
  list_for_each_prev,
  list_for_each_safe,
  list_last_entry,
  list_next_entry,
} from '../../lib/list_iterate.js';
export { LIST_POISON1, LIST_POISON2 } from '../../lib/list_debug.js';
