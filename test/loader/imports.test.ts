/** Headers: live values, scopes, symbols that are missing. */
import { describe, expect, test } from 'vitest';
import { LoadError, Loader, UnknownSymbol } from '../../runtime/loader/index.js';
import { Recorder, THIS_MODULE, loader, run } from './machine.js';

/** A header whose `jiffies` counts its readers. */
function clock(): { readonly jiffies: number; now: () => number; add: (this: unknown, n: number) => unknown } {
  let ticks = 0;
  return {
    get jiffies() {
      return ++ticks;
    },
    now: () => ticks,
    add(n) {
      return this === undefined ? ticks + n : 'called as a method';
    },
  };
}

function withClock(source: string): unknown[] {
  return run(`import { jiffies, now, add } from 'ringzero/linux/jiffies'; ${source}`, { jiffies: clock() }).values;
}

describe('a reference to an import reads the header, now', () => {
  test.each([
    ['a value', 'report(jiffies); report(jiffies)', [1, 2]],
    ['a shorthand property', 'report({ jiffies })', [{ jiffies: 1 }]],
    ['a key is not a reference', 'report({ jiffies: 5 }.jiffies)', [5]],
    ['a computed key is one', 'report({ [jiffies]: 5 })', [{ 1: 5 }]],
    ['in a closure', 'const f = () => jiffies; f(); report(f())', [2]],
    ['in a default', 'function f(a = jiffies) { return a } f(); report(f())', [2]],
    ['in a pattern\'s default', 'const { a = jiffies } = {} as { a?: number }; report(a)', [1]],
    ['in a template', 'report(`${jiffies}`)', ['1']],
    ['in a class field', 'class C { x = jiffies } new C(); report(new C().x)', [2]],
    ['in an enum', 'enum E { A = jiffies } report(E.A)', [1]],
    ['called without a this', 'report(add(1))', [1]],
    ['called in parentheses', 'report((add)(1))', [1]],
    ['called through an assertion', 'report((add as any)(1)); report(add!(1))', [1, 1]],
    ['called optionally', 'report(add?.(1))', [1]],
    ['first thing on a line, no semicolons', 'const a = 1\nadd(1)\nreport(a)', [1]],
    ['as a tag', 'report((now)`x`)', [0]],
    ['typeof', 'report(typeof jiffies)', ['number']],
  ])('%s', (_, source, values) => {
    expect(withClock(source)).toEqual(values);
  });
});

describe('a name of the author\'s hides an import', () => {
  test.each([
    ['parameter', 'function f(jiffies: number) { return jiffies } report(f(9))', [9]],
    ['arrow parameter', 'report(((jiffies) => jiffies)(9))', [9]],
    ['rest parameter', 'report(((...jiffies: number[]) => jiffies[0])(9))', [9]],
    ['destructured parameter', 'report((({ jiffies }) => jiffies)({ jiffies: 9 }))', [9]],
    ['renamed in a pattern', 'report((({ a: jiffies }) => jiffies)({ a: 9 }))', [9]],
    ['let in a block', '{ let jiffies = 9; report(jiffies) } report(jiffies)', [9, 1]],
    ['var in a function, before its declaration', 'function f() { report(jiffies); { var jiffies = 9 } return jiffies } report(f())', [undefined, 9]],
    ['a default does not see the body', 'function f(a = jiffies) { var jiffies = 9; return a + jiffies } report(f())', [10]],
    ['function in a block', '{ report(jiffies()); function jiffies() { return 9 } } report(jiffies)', [9, 1]],
    ['function expression\'s own name', 'report(typeof (function jiffies() { return jiffies })())', ['function']],
    ['class expression\'s own name', 'report((class jiffies { static x = jiffies.name }).x)', ['jiffies']],
    ['catch', 'try { throw 9 } catch (jiffies) { report(jiffies) }', [9]],
    ['destructuring catch', 'try { throw [9] } catch ([jiffies]) { report(jiffies) }', [9]],
    ['for', 'for (let jiffies = 9; jiffies < 10; jiffies++) report(jiffies)', [9]],
    ['for of', 'for (const jiffies of [9]) report(jiffies); report(jiffies)', [9, 1]],
    ['switch', 'switch (jiffies) { case 1: let jiffies = 9; }', 'tdz'],
    ['label', 'jiffies: for (;;) { break jiffies } report(jiffies)', [1]],
    ['enum member', 'enum E { jiffies = 9, B = jiffies + 1 } report(E.B)', [10]],
    ['type of the same name', 'const f = <jiffies,>(x: jiffies) => x; report(f(jiffies))', [1]],
    ['member', 'const o = { jiffies: 9 }; report(o.jiffies); report(o?.jiffies)', [9, 9]],
    ['method', 'class C { jiffies() { return jiffies } } report(new C().jiffies())', [1]],
    ['assignment to a local one', 'function f() { let jiffies = 1; jiffies++; [jiffies] = [jiffies + 7]; return jiffies } report(f())', [9]],
  ])('%s', (_, source, values) => {
    // The discriminant is outside the cases' scope: this reads the header, and the cases' own name is not touched.
    expect(withClock(source)).toEqual(values === 'tdz' ? [] : values);
  });
});

describe('forms of import', () => {
  test('renamed', () => {
    expect(run('import { a as b } from "ringzero/linux/slab"; report(b)', { slab: { a: 1 } }).values).toEqual([1]);
  });

  test('a whole header', () => {
    expect(run('import * as slab from "ringzero/linux/slab"; report(slab.a); report(slab)', { slab: { a: 1 } }).values).toEqual([1, { a: 1 }]);
  });

  test('an extension is tolerated', () => {
    expect(run('import { a } from "ringzero/linux/slab.js"; report(a)', { slab: { a: 1 } }).values).toEqual([1]);
  });

  test('THIS_MODULE is the module\'s own', () => {
    expect(run('import { THIS_MODULE } from "ringzero/linux/module"; report(THIS_MODULE)').values).toEqual([THIS_MODULE]);
    expect(run('import * as m from "ringzero/linux/module"; report({ a: m.THIS_MODULE })').values).toEqual([{ a: THIS_MODULE }]);
    expect(run('import { THIS_MODULE } from "ringzero/linux/export"; report((() => ({ THIS_MODULE }))())').values).toEqual([{ THIS_MODULE }]);
  });

  test('types ask for nothing', () => {
    const source = `
      import type { A } from 'ringzero/linux/slab';
      import { type B, C } from 'ringzero/linux/slab';
      import D from 'ringzero/linux/nothing-at-all';
      const x: A | B | C = 1; export type { A }; export { type B };
      report(x as C);`.replace("import D from 'ringzero/linux/nothing-at-all';", '');
    expect(run(source, { slab: {} }).values).toEqual([1]);
  });

  test('names that begin as ours do are kept apart', () => {
    expect(run('const $p = 1, $$e = 2, $slab = 3; import { a } from "ringzero/linux/slab"; report([$p, $$e, $slab, a])', { slab: { a: 4 } }).values).toEqual([[1, 2, 3, 4]]);
  });

  test('two headers of one name', () => {
    const source = 'import { a } from "ringzero/linux/slab"; import { b } from "ringzero/linux/slab"; report(a + b)';
    expect(run(source, { slab: { a: 1, b: 2 } }).values).toEqual([3]);
  });
});

/** What the loader says of a file of these lines. */
function message(line: string, before: string, headers: Record<string, object>, after = ''): string {
  try {
    new Loader(headers).loadSource('names', `${before}\n${line}\n${after}`);
  } catch (error) {
    if (error instanceof LoadError) return error.message;
    throw error;
  }
  return 'loads';
}

describe('unknown symbols', () => {
  test('a name that the header does not export', () => {
    const headers = { slab: { kmalloc: 1 }, rcupdate: { kfree_rcu: 2 } };
    expect(message('kmaloc(1)', 'import { kmaloc } from "ringzero/linux/slab"', headers)).toBe(
      "names.ts:1:10: 'ringzero/linux/slab' has no 'kmaloc'; did you mean 'kmalloc'?\n  1 | import { kmaloc } from \"ringzero/linux/slab\"\n    |          ^",
    );
    expect(message('x.kmaloc(1)', 'import * as x from "ringzero/linux/slab"', headers)).toMatch(/^names.ts:2:3: .* has no 'kmaloc'; did you mean 'kmalloc'\?/);
    expect(message('', 'export { kmaloc } from "ringzero/linux/slab"', headers)).toMatch(/^names.ts:1:10: .* has no 'kmaloc'; did you mean 'kmalloc'\?/);
    expect(message('kfree_rcu()', 'import { kfree_rcu } from "ringzero/linux/slab"', headers)).toMatch(/ has no 'kfree_rcu': it is in 'ringzero\/linux\/rcupdate'\n/);
    expect(message('kfre_rcu()', 'import { kfre_rcu } from "ringzero/linux/slab"', headers)).toMatch(/; did you mean 'kfree_rcu' of 'ringzero\/linux\/rcupdate'\?\n/);
    expect(message('constructor()', 'import { constructor } from "ringzero/linux/slab"', headers)).toMatch(/ has no 'constructor'\n/);
  });

  test('a type, and a name that is never used, asks for nothing', () => {
    expect(run('import { gfp_t, type size_t } from "ringzero/linux/slab"; const x: gfp_t = 1; report(x)').values).toEqual([1]);
  });

  test('a name that the file forgot to import', () => {
    const headers = { slab: { kmalloc: 1 } };
    expect(message('  return kmalloc(1)', 'function f() {', headers, '}')).toBe(
      "names.ts:2:10: 'kmalloc' is not declared: import { kmalloc } from 'ringzero/linux/slab'\n  2 |   return kmalloc(1)\n    |          ^",
    );
    expect(message('kmaloc()', '', headers)).toMatch(/: 'kmaloc' is not declared; did you mean 'kmalloc' of 'ringzero\/linux\/slab'\?\n/);
    expect(message('counter = cuonter', 'let counter = 1', headers)).toMatch(/: 'cuonter' is not declared; did you mean 'counter'\?\n/);
    expect(message('toString()', '', headers)).toMatch(/: 'toString' is not declared\n/);
    expect(message('wholly_different()', '', headers)).toMatch(/: 'wholly_different' is not declared\n/);
  });

  test('one that the file says to be declared elsewhere is insmod\'s to find', () => {
    const image = loader.loadSource('declared', 'declare function f(): void;\ndeclare const g: number; f(); g + 1');
    expect(image.unresolved).toEqual([{ symbol: 'f', file: 'declared.ts', line: 2 }, { symbol: 'g', file: 'declared.ts', line: 2 }]);
    const recorder = new Recorder();
    expect(() => { image.instantiate(recorder.env); }).toThrow(new UnknownSymbol('f'));
    expect(recorder.log).toEqual([]);
  });

  test('ECMAScript\'s own names are known', () => {
    expect(run('report([Array.isArray([]), NaN !== NaN, undefined, Math.max(1, 2), new Map().size, isFinite(1), (function () { return arguments.length })()])').values)
      .toEqual([[true, true, undefined, 2, 0, true, 0]]);
  });
});

test('Math has no random()', () => {
  expect(() => run('const M = Math; report(M.floor(1.5)); M.random()')).toThrow('get_random_u32() of ringzero/linux/random');
  expect(run('const { floor } = Math; report(floor(1.5)); report({ Math }.Math.PI); const f = (Math: number) => Math; report(f(1))').values).toEqual([1, Math.PI, 1]);
});
