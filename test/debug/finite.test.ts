import { afterEach, expect, test } from 'vitest';
import { boot, type Machine } from '../../runtime/index.js';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

const HEAD = `import { MODULE_LICENSE, module_exit, module_init } from 'ringzero/linux/module';
import { ATOMIC_INIT, atomic_add, atomic_read, atomic_set } from 'ringzero/linux/atomic';
import { msleep } from 'ringzero/linux/delay';
import { pr_info } from 'ringzero/linux/printk';
import { kfree, kmalloc, GFP_KERNEL } from 'ringzero/linux/slab';
import { DEFINE_TIMER, mod_timer } from 'ringzero/linux/timer';
import { s8, sizeof, struct, u16, u32 } from 'ringzero/linux/types';
MODULE_LICENSE('GPL');
const dog = struct('dog', { weight: u32, legs: u16, tail: s8 });
const count = ATOMIC_INIT(0);
const timer = DEFINE_TIMER('timer', () => undefined);
const none = 0;
module_exit(() => undefined);
module_init(() => {
  const rex = dog.at(kmalloc(sizeof(dog), GFP_KERNEL)!);
`;

function load(body: string): readonly string[] {
  machine = boot({ rules: { kmemleak: 'off' } });
  try {
    machine.insmod({ name: 'm', source: `${HEAD}${body}\npr_info('went on');\nreturn 0;\n});` });
  } catch {
    // The log has it.
  }
  return machine.log();
}

test.each([
  ['rex.weight = 5 / none;', 'dog.weight is to be Infinity'],
  ['rex.legs = 0 / none;', 'dog.legs is to be NaN'],
  ['rex.tail = -1 / none;', 'dog.tail is to be -Infinity'],
  ['atomic_set(count, 1 / none);', 'an atomic value is to be Infinity'],
  ['atomic_add(0 / none, count);', 'what is added to an atomic value is to be NaN'],
  ['mod_timer(timer, 1 / none);', 'the time at which a timer expires is to be Infinity'],
  ['msleep(1 / none);', 'msleep: msecs is to be Infinity'],
])('%s is a division by zero', (statement, said) => {
  const log = load(statement);
  expect(log[1]).toBe('divide error: 0000 [#1] PREEMPT SMP');
  expect(log[2]).toBe('  --> m.ts:16:1');
  expect(log.join('\n')).toContain(said);
  expect(log).not.toContain('went on');
});

test('of a fraction the whole part is kept, and what is wide is cut', () => {
  const log = load(`rex.weight = 7 / 2; rex.legs = 65537; rex.tail = 200; atomic_set(count, -7 / 2); atomic_add(1e10, count);
pr_info('%d %d %d %d', rex.weight, rex.legs, rex.tail, atomic_read(count));
rex.weight = 0xffffffff;
pr_info('%u', rex.weight);`);
  expect(log.slice(1)).toEqual(['3 1 -56 1410065405', '4294967295', 'went on']);
});
