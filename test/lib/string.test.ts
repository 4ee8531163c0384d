import { afterEach, beforeEach, expect, test } from 'vitest';
import { GFP_KERNEL, kzalloc } from '../../kernel/include/linux/slab.js';
import { E2BIG } from '../../kernel/include/linux/errno.js';
import { bytes, copy_bytes, copy_string, memchr, memcmp, memcpy, memmove, memset, read_string, strcat, strchr, strcmp, strcpy, strlen, strncmp, strncpy, strnlen, strscpy } from '../../kernel/include/linux/string.js';
import type { Ptr } from '../../kernel/include/linux/types.js';
import { Killed, memory_machine, type MemoryMachine } from '../mm/machine.js';

let machine: MemoryMachine;
let a: Ptr;
let b: Ptr;
beforeEach(() => {
  machine = memory_machine();
  a = kzalloc(16, GFP_KERNEL)!;
  b = kzalloc(16, GFP_KERNEL)!;
});
afterEach(() => {
  expect(machine.headlines()).toEqual([]);
  machine.off();
});

test('bytes', () => {
  expect(memset(a, 0x1ff, 3)).toBe(a);
  expect([...bytes(a, 4)]).toEqual([255, 255, 255, 0]);
  copy_bytes(b, Uint8Array.of(1, 2, 3, 4, 5));
  expect(memcpy(a, b, 5)).toBe(a);
  expect(memcmp(a, b, 16)).toBe(0);
  memmove((a + 1) as Ptr, a, 5);
  expect([...bytes(a, 6)]).toEqual([1, 1, 2, 3, 4, 5]);
  expect(memcmp(a, b, 16)).toBeLessThan(0);
  expect(memchr(b, 4, 16)).toBe(b + 3);
  expect(memchr(b, 9, 16)).toBeNull();
});

test('strings', () => {
  expect(copy_string(a, 'bark')).toBe(5);
  expect([strlen(a), strnlen(a, 2)]).toEqual([4, 2]);
  expect(strcpy(b, a)).toBe(b);
  expect(strcmp(a, b)).toBe(0);
  strcat(b, a);
  expect(read_string(b)).toBe('barkbark');
  expect(read_string(b, 3)).toBe('bar');
  expect([strcmp(a, b), strcmp(b, a), strncmp(a, b, 4)]).toEqual([-1, 1, 0]);
  expect([strchr(a, 0x72), strchr(a, 0), strchr(a, 0x7a)]).toEqual([a + 2, a + 4, null]);
});

test('copies that are cut', () => {
  copy_string(a, 'bark');
  expect(strscpy(b, a, 16)).toBe(4);
  expect(strscpy(b, a, 5)).toBe(4);
  expect(strscpy(b, a, 4)).toBe(-E2BIG);
  expect(read_string(b)).toBe('bar');
  expect(strscpy(b, a, 0)).toBe(-E2BIG);
  memset(b, 0xff, 16);
  strncpy(b, a, 8);
  expect([...bytes(b, 9)]).toEqual([98, 97, 114, 107, 0, 0, 0, 0, 255]);
});

test('a string without an end', () => {
  memset(a, 1, 16);
  strlen(a);
  expect(machine.text()).toContain('slab-out-of-bounds');
  expect(() => strcpy(b, 0 as Ptr)).toThrow(Killed);
  expect(machine.headlines()[0]).toContain('null-ptr-deref');
  machine.headlines();
});
