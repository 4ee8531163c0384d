import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolder } from '../runtime/make_folder.js';

let root = '';
beforeEach(() => { root = mkdtempSync(join(tmpdir(), 'ringzero-')); });
afterEach(() => { rmSync(root, { recursive: true }); });

test('a folder is made with those above it, and may be there already', () => {
  const deep = join(root, 'a', 'b', 'c');
  makeFolder(deep);
  makeFolder(deep);
  expect(statSync(deep).isDirectory()).toBe(true);
});

test('a file in its place, or above it, is an error', () => {
  const file = join(root, 'file');
  writeFileSync(file, '');
  expect(() => { makeFolder(file); }).toThrow(/EEXIST/);
  expect(() => { makeFolder(join(file, 'x')); }).toThrow(/ENOTDIR/);
});

test.runIf(process.platform === 'linux')('where nothing can be made it is an error, too', () => {
  expect(() => { makeFolder('/proc/none/x'); }).toThrow(/ENOENT/);
});
