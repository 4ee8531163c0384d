import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { authorsWords } from '../../runtime/loader/authors_words.js';

/** What V8 says of code as the loader writes it, with a point behind the value that `$w` is given. */
function said(code: string): string {
  try {
    runInNewContext(`const $w = (v) => v, n = 3, a = [1], o = null; ${code}`);
  } catch (error) {
    return authorsWords((error as Error).message);
  }
  throw new Error(`nothing was thrown by ${code}`);
}

test.each([
  ['$w(n)()', '(...) is not a function'],
  ['$w(a).b()', '(...).b is not a function'],
  ['$w(a).slice(1).b()', '(...).slice(...).b is not a function'],
  ['a[$w(0)]()', 'a[(...)] is not a function'],
  ['new ($w(n))', '(...) is not a constructor'],
  ['const { x } = $w(o)', "Cannot destructure property 'x' of '(...)' as it is null."],
  ['for (const x of $w(n));', '(...) is not iterable'],
  ['a[0] += n($w(1))', 'n is not a function'],
  ['$w(o).n', "Cannot read properties of null (reading 'n')"],
])('%s: %s', (code, words) => {
  expect(said(code)).toBe(words);
});
