/** failEach() on small modules with the classic mistakes of error paths. */
import { describe, expect, test } from 'vitest';
import { failEach, FailEachError } from 'ringzero/vitest';

const source = (init: string, rest = ''): string => `
import { ENOMEM } from 'ringzero/linux/errno';
import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import { GFP_KERNEL, __GFP_NOWARN, __get_free_page, free_page, kfree, kmalloc, kzalloc } from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { load_u32, store_u32, type Ptr } from 'ringzero/linux/types';
export const unused = { kzalloc, load_u32, store_u32, ENOMEM, GFP_KERNEL, __GFP_NOWARN, __get_free_page, free_page, spin_lock, spin_unlock };
const lock = DEFINE_SPINLOCK('lock');
export { lock };
let a: Ptr | null = null;
let b: Ptr | null = null;
${rest}
function dog_init(): number {
${init}
}
function dog_exit(): void {
  kfree(b);
  kfree(a);
}
module_init(dog_init);
module_exit(dog_exit);
MODULE_LICENSE('GPL');
export { kmalloc };
`;

/** What failEach() says of a module that is loaded and unloaded. */
function verdict(init: string, rest?: string): FailEachError | number {
  try {
    return failEach(({ machine }) => {
      machine.insmod({ name: 'dog', source: source(init, rest) });
      machine.rmmod('dog');
    });
  } catch (error) {
    if (error instanceof FailEachError) return error;
    throw error;
  }
}

const good = `
  a = kmalloc(64, GFP_KERNEL);
  if (a === null) return -ENOMEM;
  b = kmalloc(20000, GFP_KERNEL);
  if (b === null) {
    kfree(a);
    return -ENOMEM;
  }
  return 0;`;

test('a module that cleans up passes, slab objects and pages counted as one', () => {
  expect(verdict(good)).toBe(2);
});

describe('mistakes', () => {
  test.each<[string, string, string, number, string]>([
    ['a leak on the second error path', good.replace('    kfree(a);\n', ''), 'leak', 2, 'unreferenced object'],
    ['no check', good.replace('if (a === null) return -ENOMEM;', 'store_u32(a as Ptr, 1);'), 'panic', 1, 'BUG: KASAN: null-ptr-deref in dog_init'],
    ['a JavaScript error', good.replace('if (b === null) {', "if (b === null) {\n    (undefined as unknown as string).length;"), 'oops', 2, 'TypeError'],
    ['success', good.replace('return -ENOMEM;\n  }', 'return 0;\n  }').replace('    kfree(a);\n', ''), 'success', 2, 'insmod dog returned 0'],
    ['a lock', good.replace('if (a === null) return -ENOMEM;', 'spin_lock(lock);\n  if (a === null) return -ENOMEM;\n  spin_unlock(lock);'), 'lock', 1, ''],
    ['a double free', good.replace('    kfree(a);\n', '    kfree(a);\n    kfree(a);\n'), 'panic', 2, 'double-free'],
  ])('%s', (_, init, fault, nth, text) => {
    const found = verdict(init);
    expect(found).toBeInstanceOf(FailEachError);
    const error = found as FailEachError;
    expect([error.fault, error.nth]).toEqual([fault, nth]);
    expect(error.message).toContain(text);
    expect(error.message).toContain(`when allocation ${nth} fails`);
    expect(error.stackOfFailure[0]).toMatch(/^dog_init {2}.*:\d+:\d+ \[dog\]$/);
  });
});

test('what may fail says so: __GFP_NOWARN, or the test', () => {
  const init = '  a = kmalloc(64, GFP_KERNEL | __GFP_NOWARN);\n  return 0;';
  expect(verdict(init)).toBe(1);
  const loud = source(init.replace(' | __GFP_NOWARN', ''));
  const load = (optional: () => boolean): number => failEach(({ machine }) => { machine.insmod({ name: 'dog', source: loud }); }, { optional });
  expect(load(() => true)).toBe(1);
  expect(() => load(() => false)).toThrow('insmod claims success');
});

test('a scenario that is wrong by itself, and one whose expectations fail', () => {
  expect(() => failEach(({ machine }) => { machine.insmod({ name: 'dog', source: source('  return -ENOMEM;') }); })).toThrow('although nothing fails');
  let runs = 0;
  expect(() => failEach(({ machine, fail }) => {
    runs++;
    expect(fail.happened).toBe(false);
    machine.insmod({ name: 'dog', source: source('  a = kmalloc(64, GFP_KERNEL | __GFP_NOWARN);\n  return 0;') });
    expect(fail.happened, 'nothing may fail').toBe(false);
  })).toThrow("the scenario's own check fails");
  expect(runs).toBe(2);
});
