import { afterEach, beforeEach, expect, test } from 'vitest';
import { GFP_KERNEL, kmalloc, kzalloc } from '../../kernel/include/linux/slab.js';
import { container_of } from '../../kernel/include/linux/container_of.js';
import { addr_to_fn, array, bool, char, field_ptr, fn_to_addr, fnptr, load_u32, load_u8, offsetof, ptr, ptr_to, s16, s32, s64, s8, sizeof, struct, u16, u32, u64, u8, type Ptr, type PtrTo, type Struct } from '../../kernel/include/linux/types.js';
import { copy_string, read_string } from '../../kernel/include/linux/string.js';
import { Killed, memory_machine, type MemoryMachine } from '../mm/machine.js';

const list_head = struct('list_head', { next: ptr_to<Struct<'list_head'>>(), prev: ptr_to<Struct<'list_head'>>() });
const dog = struct('dog', { good: bool, weight: u32, name: array(char, 5), list: list_head, bark: fnptr<(times: number) => string>(), owner: ptr });
const cat = struct('cat', { lives: u8 });
type Dog = PtrTo<typeof dog>;

let machine: MemoryMachine;
beforeEach(() => {
  machine = memory_machine();
});
afterEach(() => {
  expect(machine.headlines()).toEqual([]);
  machine.off();
});

test('the layout of C', () => {
  expect(Object.entries(dog.offsets)).toEqual([['good', 0], ['weight', 4], ['name', 8], ['list', 16], ['bark', 24], ['owner', 28]]);
  expect(sizeof(dog)).toBe(32);
  expect(offsetof(dog, 'list')).toBe(16);
  const mixed = struct('mixed', { a: u8, b: u16, c: u8, d: u64, e: u8 });
  expect(Object.values(mixed.offsets)).toEqual([0, 2, 4, 8, 16]);
  expect([sizeof(mixed), mixed.align]).toEqual([24, 8]);
  const nested = struct('nested', { x: u8, m: mixed, many: array(mixed, 3), y: u16 });
  expect(Object.values(nested.offsets)).toEqual([0, 8, 32, 104]);
  expect(sizeof(nested)).toBe(112);
  expect(sizeof(struct('nothing', {}))).toBe(0);
  expect([u8, s8, char, bool, u16, s16, u32, s32, ptr, u64, s64].map((type) => sizeof(type))).toEqual([1, 1, 1, 1, 2, 2, 4, 4, 4, 8, 8]);
});

test('fields', () => {
  const p: Dog = kzalloc(sizeof(dog), GFP_KERNEL)!;
  const rex = dog.at(p);
  rex.weight = -1;
  expect(rex.weight).toBe(0xffffffff);
  rex.weight = 20;
  rex.weight++;
  expect(dog.at(p).weight).toBe(21);
  rex.good = true;
  expect([rex.good, load_u8(p)]).toEqual([true, 1]);
  expect(rex.owner).toBeNull();
  rex.owner = p;
  expect(rex.owner).toBe(p);
  copy_string(rex.name, 'Rex');
  expect(read_string(rex.name)).toBe('Rex');
  expect(rex.list).toBe(p + 16);
  list_head.at(rex.list).next = rex.list;
  expect(load_u32(p + 16)).toBe(p + 16);
});

test('signed and wide fields', () => {
  const wide = struct('wide', { a: s8, b: s16, c: s32, d: u64, e: s64, f: char });
  const w = wide.at(kzalloc(sizeof(wide), GFP_KERNEL)!);
  w.a = 200;
  w.b = 40000;
  w.c = 0x80000000;
  w.d = -1n;
  w.e = -1n;
  w.f = 255;
  expect([w.a, w.b, w.c, w.d, w.e, w.f]).toEqual([-56, -25536, -0x80000000, 0xffffffffffffffffn, -1n, -1]);
});

test('from the list to the dog', () => {
  const p = kmalloc(sizeof(dog), GFP_KERNEL)!;
  expect(container_of(dog.at(p).list, dog, 'list')).toBe(p);
  expect(field_ptr(dog, p, 'weight')).toBe(p + 4);
});

test('function pointers', () => {
  const rex = dog.at(kzalloc(sizeof(dog), GFP_KERNEL)!);
  expect(rex.bark).toBeNull();
  const woof = (times: number): string => 'woof'.repeat(times);
  rex.bark = woof;
  expect(rex.bark(2)).toBe('woofwoof');
  expect(fn_to_addr(woof)).toBe(0x3f000000);
  expect(fn_to_addr(() => 0)).toBe(0x3f000010);
  expect(addr_to_fn(0x3f000000)).toBe(woof);
  expect(() => { addr_to_fn(0x3f000123)!(); }).toThrow(Killed);
  expect(machine.headlines()).toEqual(['BUG: unable to handle page fault for address: 3f000123']);
});

test('every access is checked', () => {
  expect(() => dog.at(null as unknown as Dog).weight).toThrow(Killed);
  expect(machine.headlines()).toEqual(['BUG: KASAN: null-ptr-deref in (host)', 'BUG: kernel NULL pointer dereference, address: 00000004']);
  const small = kmalloc(8, GFP_KERNEL) as Dog;
  dog.at(small).weight = 1;
  dog.at(small).owner = null;
  expect(machine.text()).toContain('slab-out-of-bounds');
  expect(() => dog.at({} as Dog)).toThrow('dog.at: expected a pointer to struct dog, got an object');
});

test('types that differ', () => {
  const p = kmalloc(sizeof(dog), GFP_KERNEL)!;
  // @ts-expect-error a dog is no cat
  cat.at(p);
  // @ts-expect-error nor may it be null
  dog.at(kmalloc(sizeof(dog), GFP_KERNEL));
  // @ts-expect-error an embedded struct cannot be assigned
  expect(() => (dog.at(p).list = 0)).toThrow(TypeError);
  const untyped: Ptr = p;
  // @ts-expect-error a void pointer has to be cast
  dog.at(untyped);
  // @ts-expect-error the field has another type
  container_of(cat.at(kmalloc(sizeof(cat), GFP_KERNEL)!).lives, dog, 'list');
  machine.headlines();
});

test('a struct declared again shares its class', () => {
  const again = struct('cat', { lives: u8 });
  expect(again.at).toBe(cat.at);
});
