/** Modules of several files, modules that use each other's symbols, and what is kept between loads. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { site_count } from '../../kernel/arch/site.js';
import { LoadError, Loader, UnknownSymbol } from '../../runtime/loader/index.js';
import { HEADERS, loader, Recorder } from './machine.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringzero-loader-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Writes files; `report` is put in scope on their first line. */
function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `import { report } from 'ringzero/linux/test'; ${text}`);
  }
}

function runFile(name: string, symbols: Record<string, unknown> = {}): unknown[] {
  const values: unknown[] = [];
  const recorder = new Recorder({ test: { report: (value: unknown) => values.push(value) }, slab: { kmalloc: () => 64 }, module: { MODULE_LICENSE: () => 0 } }, symbols);
  loader.load(join(folder, name)).instantiate(recorder.env);
  expect(recorder.depth).toBe(0);
  return values;
}

function runFiles(files: Record<string, string>, symbols: Record<string, unknown> = {}): unknown[] {
  write(files);
  return runFile(Object.keys(files)[0]!, symbols);
}

describe('several files, one module', () => {
  test.each(['./util.js', './util.ts', './util'])('%s', (specifier) => {
    expect(runFiles({ 'dog.ts': `import { bark } from '${specifier}'; report(bark())`, 'util.ts': 'export function bark() { return 1 }' })).toEqual([1]);
  });

  test('a folder\'s index', () => {
    expect(runFiles({ 'dog.ts': 'import { a } from "./lib"; report(a)', 'lib/index.ts': 'export const a = 1' })).toEqual([1]);
  });

  test('a file runs once, before its importers', () => {
    expect(runFiles({
      'dog.ts': 'import "./a.js"; import "./b.js"; report("dog")',
      'a.ts': 'import "./c.js"; report("a")',
      'b.ts': 'import "./c.js"; report("b")',
      'c.ts': 'report("c")',
    })).toEqual(['c', 'a', 'b', 'dog']);
  });

  test('every form of export', () => {
    expect(runFiles({
      'dog.ts': `
        import def, { a, b, c, f, C, E, x, y, renamed, inner, ns, star, F, type T } from './all.js';
        import * as all from './all.js';
        report([def, a, b, c, f(), new C().k, E.A, x, y, renamed, inner, ns.inner, star, F.B]); report(Object.keys(all).sort().join(' ')); report(1 as T)`,
      'all.ts': `
        export const a = 1; export let b = 2, c = 3; export function f() { return 4 } export class C { k = 5 } export enum E { A = 6 }
        export const { x, z: [y] } = { x: 7, z: [8] }; const r = 9; export { r as renamed }; export default 10 + 1;
        export { inner } from './inner.js'; export * as ns from './inner.js'; export * from './star.js';
        export type T = number; export interface I {} interface J {} export type { J }; export { type J as K }; export const enum F { B = 12 }`,
      'inner.ts': 'export const inner = 13',
      'star.ts': 'export const star = 14; export const a = "hidden by the file\'s own"; export default 0',
    })).toEqual([[11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 13, 14, 12], 'C E F a b c default f inner ns renamed star x y', 1]);
  });

  test.each([
    ['function f() { return 1 }', 1],
    ['function () { return 1 }', 1],
  ])('export default %s is hoisted', (text, value) => {
    expect(runFiles({ 'dog.ts': 'import f from "./f.js"; report(f())', 'f.ts': `export default ${text}` })).toEqual([value]);
  });

  test('export default class', () => {
    expect(runFiles({ 'dog.ts': 'import C from "./c.js"; report(new C().x)', 'c.ts': 'export default class { x = 1 }' })).toEqual([1]);
  });

  test('bindings are live', () => {
    expect(runFiles({
      'dog.ts': 'import { n, bump, n as m } from "./n.js"; report(n); bump(); report(n); report({ m })',
      'n.ts': 'export let n = 1; export function bump() { n++ }',
    })).toEqual([1, 2, { m: 2 }]);
  });

  test('an import that is exported again', () => {
    expect(runFiles({
      'dog.ts': 'import { x, k } from "./b.js"; report(x + k())',
      'b.ts': 'import { x } from "./a.js"; import { kmalloc } from "ringzero/linux/slab"; export { x, kmalloc as k }',
      'a.ts': 'export const x = 1',
    })).toEqual([65]);
  });

  test('headers can be exported on', () => {
    expect(runFiles({
      'dog.ts': 'import { kmalloc, k2 } from "./b.js"; report(kmalloc() + k2())',
      'b.ts': 'export * from "ringzero/linux/slab"; export { kmalloc as k2 } from "ringzero/linux/slab"',
    })).toEqual([128]);
  });

  test('cycles: functions are there before bodies run', () => {
    expect(runFiles({
      'dog.ts': 'import { even } from "./even.js"; report(even(10)); report(even(7))',
      'even.ts': 'import { odd } from "./odd.js"; export function even(n: number): boolean { return n === 0 || odd(n - 1) } report("even")',
      'odd.ts': 'import { even } from "./even.js"; export function odd(n: number): boolean { return n !== 0 && even(n - 1) } report(even(0)) // at the end',
    })).toEqual([true, 'even', true, false]);
  });

  test('cycles: a value that has no value yet', () => {
    expect(() => runFiles({
      'dog.ts': 'import { b } from "./b.js"; export const a = 1; report(b)',
      'b.ts': 'import { a } from "./dog.js"; export const b = a + 1',
    })).toThrow(ReferenceError);
  });

  test('a file that imports itself', () => {
    expect(runFiles({ 'dog.ts': 'import * as self from "./dog.js"; export const a = 1; report(self.a); report(self.f()); export function f() { return 2 }' })).toEqual([1, 2]);
  });

  test('a name that the file does not export', () => {
    write({ 'dog.ts': 'import { brak } from "./util.js"; brak()', 'util.ts': 'export function bark() {}' });
    expect(() => loader.load(join(folder, 'dog.ts'))).toThrow('\'./util.js\' has no export \'brak\'; did you mean \'bark\'?');
  });

  test('a type that is imported without saying so', () => {
    expect(runFiles({ 'dog.ts': 'import { Dog, x } from "./util.js"; const d: Dog = 1; export { Dog }; report(d + x)', 'util.ts': 'export type Dog = number; export const x = 1' })).toEqual([2]);
  });

  test('a file that is no code', () => {
    write({ 'dog.ts': 'import data from "./data.json"; report(data)', 'data.json': '' });
    expect(() => loader.load(join(folder, 'dog.ts'))).toThrow('\'./data.json\' is not a TypeScript file');
  });

  test('defaults pass through', () => {
    expect(runFiles({
      'dog.ts': 'import d, * as all from "./b.js"; import { e } from "./b.js"; report([d.x, e.y, all.e.y])',
      'b.ts': 'export * as default from "./a.js"; export { default as e } from "./a.js"',
      'a.ts': 'export const x = 1; class A { static y = 2 } export default class extends A {}; ',
    })).toEqual([[1, 2, 2]]);
  });

  test('an error in another file names that file', () => {
    write({ 'dog.ts': 'import "./util.js"', 'util.ts': '\nlet x = ;' });
    expect(() => loader.load(join(folder, 'dog.ts'))).toThrow(/util\.ts:2:9: /);
  });
});

describe('other modules', () => {
  const base = { 'base/base.ts': 'import { MODULE_LICENSE } from "ringzero/linux/module"; MODULE_LICENSE("GPL"); export function bark() { return "the file" } report("never")' };

  test('are not run: their symbols are the kernel\'s', () => {
    const files = { 'user.ts': 'import { bark, type T } from "./base/base.js"; report(bark())', ...base };
    expect(runFiles(files, { bark: () => 'the symbol' })).toEqual(['the symbol']);
    expect(loader.load(join(folder, 'user.ts'))).toMatchObject({
      dependencies: [{ module: 'base', path: join(folder, 'base/base.ts'), symbols: ['bark'] }],
      files: [join(folder, 'user.ts')],
    });
  });

  test('a symbol that nobody exports', () => {
    write({ 'user.ts': 'import { bark } from "./base/base.js"; bark()', ...base });
    expect(() => runFile('user.ts')).toThrow(new UnknownSymbol('bark'));
  });

  test('an import that is never used is no dependency', () => {
    write({ 'user.ts': 'import { bark } from "./base/base.js"; let b: typeof bark', ...base });
    expect(loader.load(join(folder, 'user.ts')).dependencies).toEqual([]);
  });

  test.each(['import * as b from "./base/base.js"; b.bark()', 'import b from "./base/base.js"; b()', 'export * from "./base/base.js"'])('%s', (text) => {
    write({ 'user.ts': text, ...base });
    expect(() => loader.load(join(folder, 'user.ts'))).toThrow('is the module base: import the symbols that it exports by name');
  });

  test('a file may import its own main file', () => {
    write({
      'dog.ts': 'import { MODULE_LICENSE } from "ringzero/linux/module"; import { f } from "./f.js"; MODULE_LICENSE("GPL"); export const x = 1; report(f())',
      'f.ts': 'import { x } from "./dog.js"; export const f = () => x',
    });
    expect(loader.load(join(folder, 'dog.ts')).dependencies).toEqual([]);
    expect(runFile('dog.ts')).toEqual([1]);
  });
});

describe('paths', () => {
  test('a module is a file, with or without its extension, or a folder', () => {
    write({ 'a-dog.ts': 'report(1)', 'cat/index.ts': 'report(2)', 'cow/cow.ts': 'report(3)' });
    expect(loader.load(join(folder, 'a-dog'))).toMatchObject({ name: 'a_dog', path: join(folder, 'a-dog.ts') });
    expect(loader.load(join(folder, 'cat'))).toMatchObject({ name: 'cat', path: join(folder, 'cat/index.ts') });
    expect(loader.load(join(folder, 'cow'))).toMatchObject({ name: 'cow', path: join(folder, 'cow/cow.ts') });
    expect(loader.load(join(folder, 'cow/cow.ts')).name).toBe('cow');
  });

  test('no such file', () => {
    const path = join(folder, 'nobody.ts');
    expect(() => loader.load(path)).toThrow(expect.objectContaining({ code: 'ENOENT', message: `${path}: no such file: a module is a file NAME.ts, or a folder with index.ts or NAME.ts` }) as LoadError);
  });
});

describe('images are kept', () => {
  test('the same file is compiled once, for all loaders of the same headers', () => {
    write({ 'dog.ts': 'report(1)' });
    const image = loader.load(join(folder, 'dog.ts'));
    const sites = site_count();
    expect(new Loader(Object.fromEntries(Object.entries(HEADERS).reverse())).load(join(folder, 'dog'))).toBe(image);
    expect(site_count()).toBe(sites);
    expect(new Loader({ ...HEADERS, more: {} }).load(join(folder, 'dog.ts'))).not.toBe(image);
  });

  test('until one of its files changes', () => {
    write({ 'dog.ts': 'import { a } from "./a.js"; report(a)', 'a.ts': 'export const a = 1' });
    expect(runFile('dog.ts')).toEqual([1]);
    write({ 'a.ts': 'export const a = 2' });
    utimesSync(join(folder, 'a.ts'), 1, 1);
    expect(runFile('dog.ts')).toEqual([2]);
    rmSync(join(folder, 'a.ts'));
    expect(() => runFile('dog.ts')).toThrow('no such file');
  });

  test('a text is compiled once', () => {
    expect(loader.loadSource('same', 'let a = 1')).toBe(loader.loadSource('same', 'let a = 1'));
    expect(loader.loadSource('same', 'let a = 2')).not.toBe(loader.loadSource('same', 'let a = 1'));
  });

  test('each instance has state of its own', () => {
    write({ 'dog.ts': 'import { bump } from "./n.js"; report(bump())', 'n.ts': 'let n = 0; export const bump = () => ++n' });
    expect([runFile('dog.ts'), runFile('dog.ts')]).toEqual([[1], [1]]);
  });
});
