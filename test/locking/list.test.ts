import { afterEach, describe, expect, it } from 'vitest';
import { boot, type Machine } from 'ringzero';
import {
  INIT_LIST_HEAD, list_add, list_add_tail, list_del, list_del_init, list_empty, list_entry, list_first_entry, list_first_entry_or_null, list_for_each, list_for_each_entry,
  list_for_each_entry_reverse, list_for_each_entry_safe, list_for_each_safe, LIST_HEAD, list_head, list_is_last, list_is_singular, list_last_entry, list_move, list_move_tail, list_next_entry,
  LIST_POISON1, list_splice_init, list_splice_tail_init,
} from 'ringzero/linux/list';
import { GFP_KERNEL, kfree, kmalloc, kzalloc } from 'ringzero/linux/slab';
import { type PtrTo, sizeof, struct, u32 } from 'ringzero/linux/types';
import { panic_of } from './machine.js';

let machine: Machine;
afterEach(() => { machine.powerOff(); });

const dog = struct('dog', { weight: u32, list: list_head });
type Dog = PtrTo<typeof dog>;
type Head = PtrTo<typeof list_head>;

function make(weight: number): Dog {
  const p = kmalloc(sizeof(dog), GFP_KERNEL)!;
  dog.at(p).weight = weight;
  INIT_LIST_HEAD(dog.at(p).list);
  return p;
}

function weights(head: Head): number[] {
  const found: number[] = [];
  for (const p of list_for_each_entry(head, dog, 'list')) found.push(dog.at(p).weight);
  return found;
}

function run(fn: () => void): void {
  machine = boot();
  machine.run(fn);
}

describe('list', () => {
  it('adds, walks, moves and takes out', () => {
    run(() => {
      const head = LIST_HEAD('head');
      expect(list_empty(head)).toBe(1);
      expect(list_first_entry_or_null(head, dog, 'list')).toBeNull();
      const [a, b, c] = [make(1), make(2), make(3)];
      list_add(dog.at(a).list, head);
      expect(list_is_singular(head)).toBe(1);
      list_add(dog.at(b).list, head);
      list_add_tail(dog.at(c).list, head);
      expect(weights(head)).toEqual([2, 1, 3]);
      expect([...list_for_each_entry_reverse(head, dog, 'list')]).toEqual([c, a, b]);
      expect([...list_for_each(head)].map((link) => list_entry(link, dog, 'list'))).toEqual([b, a, c]);
      expect([list_first_entry(head, dog, 'list'), list_last_entry(head, dog, 'list'), list_next_entry(b, dog, 'list')]).toEqual([b, c, a]);
      expect(list_is_last(dog.at(c).list, head)).toBe(1);
      list_move(dog.at(c).list, head);
      list_move_tail(dog.at(b).list, head);
      expect(weights(head)).toEqual([3, 1, 2]);
      list_del_init(dog.at(a).list);
      expect(list_empty(dog.at(a).list)).toBe(1);
      list_del(dog.at(c).list);
      expect(list_head.at(dog.at(c).list).next).toBe(LIST_POISON1);
      const other = LIST_HEAD('other');
      list_add(dog.at(a).list, other);
      list_splice_init(other, head);
      expect([weights(head), weights(other)]).toEqual([[1, 2], []]);
      list_splice_tail_init(head, other);
      expect([weights(head), weights(other)]).toEqual([[], [1, 2]]);
    });
    expect(machine.headlines()).toEqual([]);
  });

  it('the safe walk may free as it goes', () => {
    run(() => {
      const head = LIST_HEAD('head');
      for (let i = 0; i < 3; i++) list_add_tail(dog.at(make(i)).list, head);
      for (const p of list_for_each_entry_safe(head, dog, 'list')) {
        list_del(dog.at(p).list);
        kfree(p);
      }
      expect(list_empty(head)).toBe(1);
      expect([...list_for_each_safe(head)]).toEqual([]);
    });
    expect(machine.headlines()).toEqual([]);
    expect(machine.leftovers()).toEqual([]);
  });

  it('the plain walk may not', () => {
    machine = boot();
    expect(panic_of(machine, () => {
      const head = LIST_HEAD('head');
      for (let i = 0; i < 3; i++) list_add_tail(dog.at(make(i)).list, head);
      for (const p of list_for_each_entry(head, dog, 'list')) {
        list_del(dog.at(p).list);
        kfree(p);
      }
    }).message).toContain('use-after-free');
  });

  const faults: readonly (readonly [string, RegExp, () => void])[] = [
    ['an entry twice', /^list_add double add: new=[0-9a-f]{8}, prev=[0-9a-f]{8}, next=[0-9a-f]{8}\.$/, () => {
      const head = LIST_HEAD('head'); const e = LIST_HEAD('e'); list_add(e, head); list_add(e, head);
    }],
    ['a head that was not initialised', /^list_add corruption\. next is NULL\.$/, () => { list_add(LIST_HEAD('e'), kzalloc(sizeof(list_head), GFP_KERNEL)!); }],
    ['an entry taken out twice', /^list_del corruption, [0-9a-f]{8}->next is LIST_POISON1 \(00000100\)$/, () => {
      const head = LIST_HEAD('head'); const e = LIST_HEAD('e'); list_add(e, head); list_del(e); list_del(e);
    }],
    ['an entry written over', /^list_del corruption\. prev->next should be [0-9a-f]{8}, but was [0-9a-f]{8}\. \(prev=[0-9a-f]{8}\)$/, () => {
      const head = LIST_HEAD('head'); const e = LIST_HEAD('e'); list_add(e, head); INIT_LIST_HEAD(head); list_del(e);
    }],
  ];
  it.each(faults)('%s', (_name, headline, fn) => {
    run(fn);
    expect(machine.headlines()[0]!.split('\n')[0]).toMatch(headline);
    expect(machine.headlines()[0]).toContain('WARNING: CPU: ');
  });
});
