/** Entries and exits of functions: names, balance, exceptions. */
import { describe, expect, test } from 'vitest';
import { Recorder, loader, run } from './machine.js';

function entries(source: string): string[] {
  return run(source).log.filter((entry) => entry.startsWith('>')).map((entry) => entry.slice(1));
}

describe('functions have the names that V8 gives them', () => {
  test.each([
    ['function f() {} f()', 'f'],
    ['const f = function () {}; f()', 'f'],
    ['const f = function g() {}; f()', 'g'],
    ['const f = () => 1; f()', 'f'],
    ['let f; f = () => 1; f()', 'f'],
    ['let f: (() => number) | undefined; f ??= (() => 1) as () => number; f()', 'f'],
    ['const o: any = {}; o.probe = () => 1; o.probe()', 'probe'],
    ['const o = { probe: () => 1 }; o.probe()', 'probe'],
    ['const o = { probe() {} }; o.probe()', 'probe'],
    ['const o = { "a b"() {} }; o["a b"]()', 'a b'],
    ['const k = "x"; const o = { [k]() {} }; o[k]()', '<anonymous>'],
    ['const o = { get x() { return 1 } }; o.x', 'get x'],
    ['const o = { set x(v: number) {} }; o.x = 1', 'set x'],
    ['class C { m() {} } new C().m()', 'm'],
    ['class C { static m() {} } C.m()', 'm'],
    ['class C { #m() {} n = this.#m() } new C()', '#m'],
    ['class C { m = () => 1 } new C().m()', 'm'],
    ['class C { constructor() {} } new C()', 'C'],
    ['const D = class { constructor() {} }; new D()', 'D'],
    ['(() => 1)()', '<anonymous>'],
    ['(function () {})()', '<anonymous>'],
    ['const { f = () => 1 } = {} as any; f()', 'f'],
    ['[1].map((x) => x)', '<anonymous>'],
    ['export default function () {}; [].forEach.call([1], () => 1)', '<anonymous>'],
  ])('%s', (source, name) => {
    expect(entries(source)).toEqual([name]);
  });
});

describe('every entry has its exit', () => {
  test.each([
    ['return', 'function f() { return 1 } report(f())', [1]],
    ['falling off the end', 'function f(): void {} report(f())', [undefined]],
    ['an exception', 'function f(): never { throw 7 } try { f() } catch (e) { report(e) }', [7]],
    ['an exception of an expression', 'const f = (): number => { throw 7 }; const g = () => f() + 1; try { g() } catch (e) { report(e) }', [7]],
    ['return over finally', 'function f() { try { return 1 } finally { report(0) } } report(f())', [0, 1]],
    ['finally that returns', 'function f() { try { throw 1 } finally { return 2 } } report(f())', [2]],
    ['constructors', 'class A { constructor() { throw 3 } } class B extends A { constructor() { super() } } try { new B() } catch (e) { report(e) }', [3]],
    ['a getter that throws', 'const o = { get x(): number { throw 4 } }; try { o.x } catch (e) { report(e) }', [4]],
    ['recursion', 'const fac = (n: number): number => n < 2 ? 1 : n * fac(n - 1); report(fac(5))', [120]],
  ])('%s', (_, source, values) => {
    const outcome = run(source);
    expect(outcome.values).toEqual(values);
    expect(outcome.recorder.depth).toBe(0);
    const { log } = outcome;
    expect(log.filter((entry) => entry === '<').length).toBe(log.filter((entry) => entry.startsWith('>')).length);
  });

  test('an error that leaves the module passes through note_throw, innermost function first', () => {
    const recorder = new Recorder();
    const depths: number[] = [];
    const image = loader.loadSource('thrower', 'const f = () => { throw new TypeError("x") };\nfunction g() { f() }\ng()');
    const env = { ...recorder.env, runtime: { ...recorder.env.runtime, note_throw: (error: unknown) => {
      depths.push(recorder.depth);
      return error;
    } } };
    expect(() => { image.instantiate(env); }).toThrow(TypeError);
    expect(depths).toEqual([3, 2, 1]);
    expect(recorder.depth).toBe(0);
  });

  test('what note_throw returns is thrown', () => {
    const recorder = new Recorder();
    const image = loader.loadSource('rethrower', 'throw 1');
    const runtime = { ...recorder.env.runtime, note_throw: () => new RangeError('mapped') };
    expect(() => { image.instantiate({ ...recorder.env, runtime }); }).toThrow(RangeError);
  });
});

test('a default parameter runs before the entry', () => {
  const { log } = run('function d() { return 1 }\nfunction f(a = d()) { return a }\nf()');
  expect(log).toEqual(['3', '>d', '1:d', '<', '>f', '2:f', '<']);
});

test('directives stay first in their functions', () => {
  const { values } = run('function f(this: unknown) { "use strict"\n return this } report(f())');
  expect(values).toEqual([undefined]);
});
