/**
 * Walking along a list. Follows the loop macros of include/linux/list.h: `for (const pos of
 * list_for_each_entry(head, dog, 'list')) ...`.
 *
 * As in C the next entry is looked up after the body has run, so a body that frees its entry needs the safe form.
 */
import { point } from '../arch/point.js';
import type { Ptr, Struct } from '../mm/pointer.js';
import type { list_head } from './list.js';
import { load_link } from './list_debug.js';
import { type Fields, offsetof, type StructType } from './struct.js';

/** Offsets of the links. */
const NEXT = 0;
const PREV = 4;
type Direction = typeof NEXT | typeof PREV;

class ListWalk<P extends Ptr> implements IterableIterator<P> {
  private readonly head: number;
  private readonly direction: Direction;
  /** Bytes from an entry's start to its link. */
  private readonly offset: number;
  /** The safe form: the next entry is looked up before the body runs. */
  private readonly ahead: boolean;
  private pos: number;
  private next_pos = 0;

  constructor(head: number, direction: Direction, offset: number, ahead: boolean) {
    this.head = head;
    this.direction = direction;
    this.offset = offset;
    this.ahead = ahead;
    this.pos = head;
    if (ahead) {
      point();
      this.next_pos = load_link(head, direction);
    }
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<P, undefined> {
    point();
    this.pos = this.ahead ? this.next_pos : load_link(this.pos, this.direction);
    if (this.pos === this.head) return { done: true, value: undefined };
    if (this.ahead) this.next_pos = load_link(this.pos, this.direction);
    return { done: false, value: (this.pos - this.offset) as P };
  }
}

/** The links of a list, first to last. Context: any, as for all of these. */
export function list_for_each(head: Ptr<list_head>): Iterable<Ptr<list_head>> {
  return new ListWalk(head, NEXT, 0, false);
}

/** As list_for_each(), last to first. */
export function list_for_each_prev(head: Ptr<list_head>): Iterable<Ptr<list_head>> {
  return new ListWalk(head, PREV, 0, false);
}

/** As list_for_each(); the body may take the link out. */
export function list_for_each_safe(head: Ptr<list_head>): Iterable<Ptr<list_head>> {
  return new ListWalk(head, NEXT, 0, true);
}

/** The structs of a list, first to last; `member` is the field of `type` that links them. */
export function list_for_each_entry<Name extends string, F extends Fields>(
  head: Ptr<list_head>,
  type: StructType<Name, F>,
  member: keyof F & string,
): Iterable<Ptr<Struct<Name>>> {
  return new ListWalk(head, NEXT, offsetof(type, member), false);
}

/** As list_for_each_entry(), last to first. */
export function list_for_each_entry_reverse<Name extends string, F extends Fields>(
  head: Ptr<list_head>,
  type: StructType<Name, F>,
  member: keyof F & string,
): Iterable<Ptr<Struct<Name>>> {
  return new ListWalk(head, PREV, offsetof(type, member), false);
}

/** As list_for_each_entry(); the body may take the struct out and free it. */
export function list_for_each_entry_safe<Name extends string, F extends Fields>(
  head: Ptr<list_head>,
  type: StructType<Name, F>,
  member: keyof F & string,
): Iterable<Ptr<Struct<Name>>> {
  return new ListWalk(head, NEXT, offsetof(type, member), true);
}

/** The struct that a link is part of. Context: any. */
export function list_entry<Name extends string, F extends Fields>(link: Ptr<list_head>, type: StructType<Name, F>, member: keyof F & string): Ptr<Struct<Name>> {
  return (link - offsetof(type, member)) as Ptr<Struct<Name>>;
}

/** The first struct of a list, which must not be empty. Context: any. */
export function list_first_entry<Name extends string, F extends Fields>(head: Ptr<list_head>, type: StructType<Name, F>, member: keyof F & string): Ptr<Struct<Name>> {
  point();
  return (load_link(head, NEXT) - offsetof(type, member)) as Ptr<Struct<Name>>;
}

/** The first struct of a list, or null. Context: any. */
export function list_first_entry_or_null<Name extends string, F extends Fields>(
  head: Ptr<list_head>,
  type: StructType<Name, F>,
  member: keyof F & string,
): Ptr<Struct<Name>> | null {
  point();
  const first = load_link(head, NEXT);
  return first === head ? null : ((first - offsetof(type, member)) as Ptr<Struct<Name>>);
}

/** The last struct of a list, which must not be empty. Context: any. */
export function list_last_entry<Name extends string, F extends Fields>(head: Ptr<list_head>, type: StructType<Name, F>, member: keyof F & string): Ptr<Struct<Name>> {
  point();
  return (load_link(head, PREV) - offsetof(type, member)) as Ptr<Struct<Name>>;
}

/** The struct behind one in its list; behind the last one comes a pointer that means nothing, as in C. Context: any. */
export function list_next_entry<Name extends string, F extends Fields>(pos: Ptr<Struct<Name>>, type: StructType<Name, F>, member: keyof F & string): Ptr<Struct<Name>> {
  point();
  const offset = offsetof(type, member);
  return (load_link(pos + offset, NEXT) - offset) as Ptr<Struct<Name>>;
}
