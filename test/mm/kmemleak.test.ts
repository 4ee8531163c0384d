/** Leaks of modules that have gone. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { boot, type Machine } from 'ringzero';
import { show_allocinfo } from '../../kernel/fs/proc/allocinfo.js';

let machine: Machine;
beforeEach(() => {
  machine = boot({ cpus: 1 });
});
afterEach(() => {
  machine.powerOff();
});

const module = (body: string, exit = ''): string => `
import { module_exit, module_init, MODULE_LICENSE, EXPORT_SYMBOL } from 'ringzero/linux/module';
import { GFP_KERNEL, kfree, kmalloc, kzalloc } from 'ringzero/linux/slab';
import { vmalloc } from 'ringzero/linux/vmalloc';
import { memset } from 'ringzero/linux/string';
import { kfree_rcu } from 'ringzero/linux/rcupdate';
import { kmemleak_no_scan, kmemleak_not_leak } from 'ringzero/linux/kmemleak';
import { array, DEFINE_STATIC, load_u32, store_u32, u32, type Ptr } from 'ringzero/linux/types';
export const used = { kfree, kzalloc, vmalloc, memset, kfree_rcu, kmemleak_no_scan, kmemleak_not_leak, array, DEFINE_STATIC, load_u32, store_u32, u32, EXPORT_SYMBOL };
export type P = Ptr;
${body}
module_exit(() => { ${exit} });
MODULE_LICENSE('GPL');
export { GFP_KERNEL, kmalloc };
`;

function cycle(body: string, exit = '', name = 'dog'): void {
  machine.insmod({ name, source: module(body, exit) });
  machine.rmmod(name);
}

const leaks = (): readonly string[] => machine.headlines().map((headline) => headline.split('\n')[0]!.replace(/0x[0-9a-f]{8}/, 'X'));

test('a leak at rmmod, in the words of kmemleak', () => {
  cycle('module_init(() => { memset(kmalloc(96, GFP_KERNEL)!, 0xa5, 96); return 0; });');
  expect(leaks()).toEqual(['kmemleak: unreferenced object X (size 96):']);
  const log = machine.log().filter((line) => line.startsWith('kmemleak:'));
  expect(log[1]).toMatch(/^kmemleak: {3}comm "insmod", pid 38, jiffies \d+ \(age \d+\.\d{3}s\)$/);
  expect(log.slice(2, 6)).toEqual([
    'kmemleak:   hex dump (first 32 bytes):',
    'kmemleak:     a5 a5 a5 a5 a5 a5 a5 a5 a5 a5 a5 a5 a5 a5 a5 a5  ................',
    'kmemleak:     a5 a5 a5 a5 a5 a5 a5 a5 a5 a5 a5 a5 a5 a5 a5 a5  ................',
    'kmemleak:   backtrace:',
  ]);
  expect(log[6]).toContain('[dog]');
  expect(log.at(-1)).toBe('kmemleak: 1 new suspected memory leaks (see /sys/kernel/debug/kmemleak)');
  expect(machine.leftovers().map(({ text }) => text).join()).toContain('[dog]');
});

test('once; the file goes on listing it', () => {
  cycle('module_init(() => { kmalloc(40, GFP_KERNEL); return 0; });');
  const text = machine.kmemleak();
  expect(leaks()).toHaveLength(1);
  expect(text).toMatch(/^unreferenced object 0x[0-9a-f]{8} \(size 40\):\n {2}comm "insmod", pid 38, jiffies/);
});

test('a failed init leaks, too; vmalloc areas are objects', () => {
  expect(() => { machine.insmod({ name: 'dog', source: module('module_init(() => { vmalloc(5000); return -12; });') }); }).toThrow();
  expect(leaks()).toEqual(['kmemleak: unreferenced object X (size 5000):']);
});

test('what is freed, or will be after a grace period, is no leak', () => {
  cycle('let p: P | null = null; module_init(() => { p = kmalloc(8, GFP_KERNEL); return 0; });', 'kfree_rcu(p);');
  machine.advance(1_000_000_000);
  expect(leaks()).toEqual([]);
  cycle('module_init(() => { const q = kzalloc(8, GFP_KERNEL); kfree(q); return 0; });', '', 'cat');
  expect(machine.leftovers()).toEqual([]);
});

test('an object that others refer to is no leak, nor what it refers to', () => {
  machine.insmod('test/mm/fixtures/keeper.ts');
  machine.insmod('test/mm/fixtures/giver.ts');
  machine.rmmod('giver');
  expect(leaks()).toEqual(['kmemleak: unreferenced object X (size 16):']);
  machine.rmmod('keeper');
  expect([...leaks()].sort()).toEqual(['kmemleak: unreferenced object X (size 16):', 'kmemleak: unreferenced object X (size 32):', 'kmemleak: unreferenced object X (size 64):']);
});

test('a module that is loaded again does not own what the earlier one lost', () => {
  const source = module('module_init(() => { kmalloc(24, GFP_KERNEL); return 0; });');
  machine.insmod({ name: 'dog', source });
  expect(leaks()).toEqual([]);
  machine.rmmod('dog');
  machine.insmod({ name: 'dog', source });
  expect(machine.kmemleak().split('unreferenced').length - 1).toBe(1);
});

test('kmemleak_not_leak(), kmemleak_no_scan()', () => {
  cycle('module_init(() => { const p = kmalloc(24, GFP_KERNEL)!; kmemleak_not_leak(p); const q = kmalloc(48, GFP_KERNEL)!; store_u32(p, q); return 0; });');
  expect(leaks()).toEqual([]);
  expect(machine.leftovers().map(({ text }) => text).join()).not.toContain('size 24');
  cycle('module_init(() => { const p = kmalloc(24, GFP_KERNEL)!; kmemleak_not_leak(p); kmemleak_no_scan(p); store_u32(p, kmalloc(96, GFP_KERNEL)!); return 0; });', '', 'cat');
  expect(leaks()).toEqual(['kmemleak: unreferenced object X (size 96):']);
});

test('/proc/allocinfo', () => {
  machine.insmod({ name: 'dog', source: module('module_init(() => { for (let i = 0; i < 3; i++) kmalloc(100, GFP_KERNEL);\nkmalloc(5000, GFP_KERNEL); return 0; });') });
  const lines = machine.run(() => show_allocinfo()).split('\n');
  expect(lines[0]).toBe('allocinfo - version: 1.0');
  expect(lines[1]).toBe('#     <size>  <calls> <tag info>');
  expect(lines[2]).toMatch(/^ {8}5000 {8}1 .*:\d+ \[dog\] func:/);
  expect(lines[3]).toMatch(/^ {9}300 {8}3 .*:\d+ \[dog\] func:/);
});
