/** Doubly linked lists in kernel memory. Follows include/linux/list.h, which is the source of all functions. */
import { point } from '../arch/point.js';
import { define_static } from '../locking/lock_memory.js';
import type { Ptr, Struct } from '../mm/pointer.js';
import { list_add_valid, list_del_valid, LIST_POISON1, LIST_POISON2, load_link, store_link } from './list_debug.js';
import { ptr_to, struct } from './struct.js';

/** 8 bytes: the next entry and the one before; a head that points to itself is an empty list. */
export const list_head = struct('list_head', { next: ptr_to<Struct<'list_head'>>(), prev: ptr_to<Struct<'list_head'>>() });
export type list_head = Struct<'list_head'>;

/** Offsets of the links. */
const NEXT = 0;
const PREV = 4;

/** Makes an empty list of the memory at `list`. Context: any. */
export function INIT_LIST_HEAD(list: Ptr<list_head>): void {
  point();
  init(list);
}

function init(list: number): void {
  store_link(list, NEXT, list);
  store_link(list, PREV, list);
}

/** A static, empty list: `const dogs = LIST_HEAD('dogs')`. Context: process, module load as a rule. */
export function LIST_HEAD(name: string): Ptr<list_head> {
  point();
  const list = define_static(list_head, name);
  init(list);
  return list;
}

function insert(entry: number, prev: number, next: number): void {
  if (!list_add_valid(entry, prev, next)) return;
  store_link(next, PREV, entry);
  store_link(entry, NEXT, next);
  store_link(entry, PREV, prev);
  store_link(prev, NEXT, entry);
}

/** Takes an entry out; where it is in no list that is reported and nothing is done. */
function unlink(entry: number): void {
  if (!list_del_valid(entry)) return;
  const next = load_link(entry, NEXT);
  const prev = load_link(entry, PREV);
  store_link(next, PREV, prev);
  store_link(prev, NEXT, next);
}

/** Puts an entry behind `head`: the list is a stack then. Context: any, under the list's own lock. */
export function list_add(entry: Ptr<list_head>, head: Ptr<list_head>): void {
  point();
  insert(entry, head, load_link(head, NEXT));
}

/** Puts an entry before `head`, at the end: the list is a queue then. Context: any. */
export function list_add_tail(entry: Ptr<list_head>, head: Ptr<list_head>): void {
  point();
  insert(entry, load_link(head, PREV), head);
}

/** Takes an entry out, and leaves poison in it. Context: any. */
export function list_del(entry: Ptr<list_head>): void {
  point();
  unlink(entry);
  store_link(entry, NEXT, LIST_POISON1);
  store_link(entry, PREV, LIST_POISON2);
}

/** Takes an entry out, and leaves an empty list of its own. Context: any. */
export function list_del_init(entry: Ptr<list_head>): void {
  point();
  unlink(entry);
  init(entry);
}

/** Puts `entry` in the place of `old`, which keeps its links. Context: any. */
export function list_replace(old: Ptr<list_head>, entry: Ptr<list_head>): void {
  point();
  const next = load_link(old, NEXT);
  const prev = load_link(old, PREV);
  store_link(entry, NEXT, next);
  store_link(next, PREV, entry);
  store_link(entry, PREV, prev);
  store_link(prev, NEXT, entry);
}

/** Takes an entry out of its list and puts it behind `head`. Context: any. */
export function list_move(entry: Ptr<list_head>, head: Ptr<list_head>): void {
  point();
  unlink(entry);
  insert(entry, head, load_link(head, NEXT));
}

/** Takes an entry out of its list and puts it before `head`. Context: any. */
export function list_move_tail(entry: Ptr<list_head>, head: Ptr<list_head>): void {
  point();
  unlink(entry);
  insert(entry, load_link(head, PREV), head);
}

/** 1 where the list has no entries. Context: any. */
export function list_empty(head: Ptr<list_head>): number {
  point();
  return +(load_link(head, NEXT) === head);
}

/** 1 where the list has just one entry. Context: any. */
export function list_is_singular(head: Ptr<list_head>): number {
  point();
  const first = load_link(head, NEXT);
  return +(first !== head && first === load_link(head, PREV));
}

/** 1 where the entry is the last of its list. Context: any. */
export function list_is_last(entry: Ptr<list_head>, head: Ptr<list_head>): number {
  point();
  return +(load_link(entry, NEXT) === head);
}

/** Puts the entries of `list` between `prev` and `next`. */
function splice(list: number, prev: number, next: number): void {
  const first = load_link(list, NEXT);
  if (first === list) return;
  const last = load_link(list, PREV);
  store_link(first, PREV, prev);
  store_link(prev, NEXT, first);
  store_link(last, NEXT, next);
  store_link(next, PREV, last);
}

/** Puts all entries of `list` behind `head`; `list` itself is not to be used any more. Context: any. */
export function list_splice(list: Ptr<list_head>, head: Ptr<list_head>): void {
  point();
  splice(list, head, load_link(head, NEXT));
}

/** As list_splice(), at the end. Context: any. */
export function list_splice_tail(list: Ptr<list_head>, head: Ptr<list_head>): void {
  point();
  splice(list, load_link(head, PREV), head);
}

/** As list_splice(), and `list` is empty afterwards. Context: any. */
export function list_splice_init(list: Ptr<list_head>, head: Ptr<list_head>): void {
  point();
  splice(list, head, load_link(head, NEXT));
  init(list);
}

/** As list_splice_tail(), and `list` is empty afterwards. Context: any. */
export function list_splice_tail_init(list: Ptr<list_head>, head: Ptr<list_head>): void {
  point();
  splice(list, load_link(head, PREV), head);
  init(list);
}
