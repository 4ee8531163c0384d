import { afterEach, beforeEach, expect, test } from 'vitest';
import { pc, SITE } from '../../../kernel/arch/callstack.js';
import { add_site } from '../../../kernel/arch/site.js';
import { GFP_KERNEL, __get_free_page, __get_free_pages, free_page, kfree, kmalloc, kzalloc, ZERO_SIZE_PTR } from '../../../kernel/include/linux/slab.js';
import { memcpy, memset, strlen } from '../../../kernel/include/linux/string.js';
import { load_u16, load_u32, load_u64, load_u8, store_u32, store_u64, store_u8, type Ptr } from '../../../kernel/include/linux/types.js';
import { alloc_static, free_static } from '../../../kernel/mm/static_area.js';
import { Killed, memory_machine, type MemoryMachine } from '../machine.js';

let machine: MemoryMachine;
beforeEach(() => {
  machine = memory_machine();
});
afterEach(() => {
  expect(machine.headlines()).toEqual([]);
  machine.off();
  pc[SITE] = 0;
});

/** The next lines run at this place of a module. */
function at(line: number, fn: string): void {
  pc[SITE] = add_site({ file: 'dog.ts', line, column: 3, fn, module: 'dog' });
}

test('a write past the end, with the three stacks', () => {
  at(10, 'dog_init');
  const p = kmalloc(60, GFP_KERNEL)!;
  at(12, 'speak');
  store_u32(p + 60, 1);
  expect(machine.text().split('\n').slice(0, 26)).toEqual([
    'BUG: KASAN: slab-out-of-bounds in speak [dog]',
    'Write of size 4 at addr 4040003c by task insmod/39',
    'CPU: 0 PID: 39 Comm: insmod Not tainted 6.1.0 #1',
    'Call Trace:',
    '  speak  dog.ts:12:3 [dog]',
    '',
    'Allocated by task 39:',
    '  dog_init  dog.ts:10:3 [dog]',
    '',
    'The buggy address belongs to the object at 40400000',
    ' which belongs to the cache kmalloc-64 of size 64',
    'The buggy address is located 0 bytes to the right of',
    ' allocated 60-byte region [40400000, 4040003c)',
    '',
    'The buggy address belongs to the physical page:',
    'page:7e008000 refcount:1 mapcount:0 index:0x0 pfn:0x400',
    'flags: (slab|zone=Normal)',
    'page dumped because: kasan: bad access detected',
    '',
    'Memory state around the buggy address:',
    ' 403fff00: ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff',
    ' 403fff80: ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff',
    '>40400000: 00 00 00 00 00 00 00 04 fc fc fc fc fc fc fc fc',
    '                                ^',
    ' 40400080: fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc',
    ' 40400100: fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc',
  ]);
  // Inside of RAM the access is done all the same.
  expect(load_u32(p + 60)).toBe(1);
  machine.headlines();
});

test('use after free, with who freed it', () => {
  at(10, 'dog_init');
  const p = kmalloc(64, GFP_KERNEL)!;
  at(20, 'dog_exit');
  kfree(p);
  at(30, 'bark');
  load_u8(p + 3);
  const text = machine.text();
  expect(text).toContain('BUG: KASAN: use-after-free in bark [dog]\nRead of size 1 at addr 40400003 by task insmod/39');
  expect(text).toContain('Allocated by task 39:\n  dog_init  dog.ts:10:3 [dog]\n\nFreed by task 39:\n  dog_exit  dog.ts:20:3 [dog]\n');
  expect(text).toContain('The buggy address is located 3 bytes inside of\n freed 64-byte region [40400000, 40400040)');
  expect(text).toContain('>40400000: fa fb fb fb fb fb fb fb fc');
});

test('to the left', () => {
  const p = kzalloc(64, GFP_KERNEL)!;
  const q = kzalloc(64, GFP_KERNEL)!;
  store_u8(q - 1, 1);
  expect(machine.text()).toContain('slab-out-of-bounds');
  store_u8(p - 1, 1);
  // Before the first object of the first slab lies a page that is free.
  expect(machine.headlines()[0]).toContain('use-after-free');
});

test.each<[string, number, string]>([
  ['null', 0, 'null-ptr-deref'],
  ['a field of null', 8, 'null-ptr-deref'],
  ['ZERO_SIZE_PTR', ZERO_SIZE_PTR, 'null-ptr-deref'],
  ['undefined', undefined as unknown as number, 'null-ptr-deref'],
  ['user space', 0x12345678, 'user-memory-access'],
  ['past lowmem', 0x41000000, 'wild-memory-access'],
  ['an error pointer', -12, 'wild-memory-access'],
  ['an error pointer, unsigned', 0xfffffff4, 'wild-memory-access'],
  ['a struct page', 0x7e000000, 'wild-memory-access'],
  ['a free page', 0x40005000, 'use-after-free'],
])('access of %s', (_, addr, type) => {
  for (const access of [() => load_u32(addr), () => { store_u32(addr, 5); }, () => load_u8(addr), () => load_u64(addr)]) {
    if (type === 'use-after-free') access();
    else expect(access).toThrow(Killed);
    const [first, ...more] = machine.headlines();
    expect(first).toBe(`BUG: KASAN: ${type} in (host)`);
    if (type === 'use-after-free') expect(more).toEqual([]);
    else expect(more[0]).toMatch(/^BUG: (kernel NULL pointer dereference,|unable to handle page fault for) address: [0-9a-f]{8}$/);
  }
});

test('a stray write to a free page is gone with the machine', () => {
  store_u8(0x40005000, 1);
  machine.headlines();
  machine.off();
  machine = memory_machine();
  expect(load_u8(0x40005000)).toBe(0);
  machine.headlines();
});

test('access that begins well and ends badly', () => {
  const p = kmalloc(62, GFP_KERNEL)!;
  load_u32(p + 60);
  expect(machine.text()).toContain('Read of size 4 at addr 4040003c');
  load_u64(p + 57);
  expect(machine.text()).toContain('slab-out-of-bounds');
  load_u16(p + 60);
  load_u16(p + 59);
  load_u32(p + 58);
  load_u32(p + 1);
  store_u64(p + 54, 0x1122334455667788n);
  expect(load_u64(p + 54)).toBe(0x1122334455667788n);
  expect(load_u32(p + 55)).toBe(0x44556677);
});

test('pages', () => {
  const p = __get_free_page(GFP_KERNEL)!;
  store_u8(p + 4095, 1);
  at(7, 'unmap');
  free_page(p);
  load_u8(p + 100);
  const text = machine.text();
  expect(text).toContain('use-after-free');
  expect(text).toContain('Freed by task 39:\n  unmap  dog.ts:7:3 [dog]');
});

test('a range is checked once, as a whole', () => {
  const p = kmalloc(100, GFP_KERNEL)!;
  memset(p, 1, 101);
  expect(machine.text()).toContain('Write of size 101 at addr 40400000');
  memcpy(p, 0x40000000 as Ptr, 4);
  expect(machine.text()).toContain('Read of size 4 at addr 40000000');
  memset(p, 1, 100);
  strlen(p);
  expect(machine.text()).toContain('Read of size 1 at addr 40400064');
});

test('static data', () => {
  const p = alloc_static(60, 4, 'dog', 'name');
  const q = alloc_static(4, 4, 'dog', 'lock');
  store_u8(p + 59, 1);
  load_u8(p + 61);
  const text = machine.text();
  expect(text).toContain('BUG: KASAN: global-out-of-bounds');
  expect(text).toContain('The buggy address belongs to the variable:\n name+0x3d/0x3c [dog]');
  expect(() => { kfree(q); }).toThrow(Killed);
  expect(machine.headlines()).toEqual([`BUG: unable to handle page fault for address: ${q.toString(16)}`]);
  free_static('dog');
  load_u32(q);
  expect(machine.text()).toContain('use-after-free');
  const big = alloc_static(10000, 4, 'cat', 'table');
  store_u8(big + 9999, 1);
});

test('double free', () => {
  const a = kmalloc(64, GFP_KERNEL)!;
  const b = kmalloc(64, GFP_KERNEL)!;
  kfree(a);
  kfree(b);
  at(9, 'twice');
  kfree(a);
  const text = machine.text();
  expect(text).toContain(`BUG: KASAN: double-free in kfree\nFree of addr ${a.toString(16)} by task insmod/39`);
  expect(text).toContain('Freed by task 39:');
  // The second free did nothing.
  expect(new Set([kmalloc(64, GFP_KERNEL), kmalloc(64, GFP_KERNEL), kmalloc(64, GFP_KERNEL)]).size).toBe(3);
});

test('frees of what is no object', () => {
  const p = kmalloc(64, GFP_KERNEL)!;
  kfree((p + 8) as Ptr);
  expect(machine.headlines()).toEqual(['BUG: KASAN: invalid-free in kfree']);
  const large = kmalloc(20000, GFP_KERNEL)!;
  kfree((large + 4096) as Ptr);
  expect(machine.headlines()).toEqual(['BUG: KASAN: invalid-free in kfree']);
  // Of large memory Linux frees the pages all the same, and once they are free, another free finds no reference.
  expect(() => { kfree(large); }).toThrow(Killed);
  expect(machine.headlines()).toEqual([
    'WARNING: CPU: 0 PID: 39 at mm/slab_common.c:904 free_large_kmalloc',
    'BUG: KASAN: double-free in kfree',
    'page dumped because: VM_BUG_ON_PAGE(page_ref_count(page) == 0)',
    'kernel BUG at include/linux/mm.h:793!',
  ]);
  for (const wild of [0x12345678, -12, 0x7e000000]) expect(() => { kfree(wild as Ptr); }).toThrow(Killed);
  expect(machine.headlines().map((words) => words.replace(/[0-9a-f]{8}/, 'X'))).toEqual(new Array(3).fill('BUG: unable to handle page fault for address: X'));
});

test('kfree of a page', () => {
  kfree(__get_free_page(GFP_KERNEL));
  expect(machine.headlines()).toEqual(['WARNING: CPU: 0 PID: 39 at mm/slab_common.c:904 free_large_kmalloc']);
  kfree(__get_free_pages(GFP_KERNEL, 1));
  expect(machine.mm.zones[1].free_pages).toBe(machine.mm.zones[1].pages);
});
