/** Headers that Linux has and ringzero does not. */
import { expect, test } from 'vitest';
import { headers } from '../../kernel/include/headers.js';
import { toldOf } from '../../runtime/loader/linux_headers.js';

test('none of those said to be missing is there, and each that is named is', () => {
  const { linux, ours } = toldOf();
  expect(linux.filter((name) => Object.hasOwn(headers, name))).toEqual([]);
  expect(ours.filter((name) => !Object.hasOwn(headers, name))).toEqual([]);
  expect(linux.filter((name, i) => linux.indexOf(name) !== i)).toEqual([]);
});
