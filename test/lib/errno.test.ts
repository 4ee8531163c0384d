import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as errno from '../../kernel/include/linux/errno.js';
import { ERR_PTR, IS_ERR, IS_ERR_OR_NULL, MAX_ERRNO, PTR_ERR, PTR_ERR_OR_ZERO } from '../../kernel/include/linux/err.js';
import type { ErrPtr } from '../../kernel/include/linux/err.js';
import { errname } from '../../kernel/lib/errno.js';

describe('errname', () => {
  test.each([
    [-1, '-EPERM'],
    [-22, '-EINVAL'],
    [22, 'EINVAL'],
    [-11, '-EAGAIN'],
    [-35, '-EDEADLK'],
    [-133, '-EHWPOISON'],
    [-512, '-ERESTARTSYS'],
    [-517, '-EPROBE_DEFER'],
    [-524, '-ENOTSUPP'],
  ])('%d is %s', (err, name) => {
    expect(errname(err)).toBe(name);
  });

  test.each([0, 41, 58, -134, -511, -520, -4095])('%d has no name', (err) => {
    expect(errname(err)).toBeNull();
  });

  test('every constant but an alias is found by its value', () => {
    const aliases = ['EWOULDBLOCK', 'EDEADLOCK'];
    for (const [name, value] of Object.entries(errno)) {
      if (!aliases.includes(name)) expect(errname(-value)).toBe(`-${name}`);
    }
  });
});

describe('error pointers', () => {
  test('hold the word that a register would', () => {
    expect(ERR_PTR(-errno.ENOMEM)).toBe(0xfffffff4);
    expect(PTR_ERR(ERR_PTR(-errno.ENOMEM))).toBe(-errno.ENOMEM);
  });

  test('every error number survives the way there and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_ERRNO }), (err) => {
        expect(IS_ERR(ERR_PTR(-err))).toBe(true);
        expect(PTR_ERR(ERR_PTR(-err))).toBe(-err);
        expect(PTR_ERR_OR_ZERO(ERR_PTR(-err))).toBe(-err);
      }),
    );
  });

  test.each([
    ['NULL', null, false, true],
    ['undefined', undefined, false, true],
    ['0', 0, false, true],
    ['ERR_PTR(0)', ERR_PTR(0), false, true],
    ['a lowmem address', 0x40001000, false, false],
    ['the last address that is none', 2 ** 32 - MAX_ERRNO - 1, false, false],
    ['the first error', 2 ** 32 - MAX_ERRNO, true, true],
    ['a negative error number', -12, true, true],
    ['a task_struct', { pid: 1 }, false, false],
    ['a string', 'dog', false, false],
  ])('%s', (_, ptr, is_err, is_err_or_null) => {
    expect(IS_ERR(ptr)).toBe(is_err);
    expect(IS_ERR_OR_NULL(ptr)).toBe(is_err_or_null);
    expect(PTR_ERR_OR_ZERO(ptr) < 0).toBe(is_err);
  });

  test('IS_ERR tells the compiler which it is', () => {
    const run = (): { pid: number } | ErrPtr => ({ pid: 7 });
    const task = run();
    expect(IS_ERR(task) ? PTR_ERR(task) : task.pid).toBe(7);
  });
});
