/**
 * Instrumented code does what plain code does: TypeScript's own emit, run without points, is the reference for the
 * loader's own stripping of types and for its rewriting of statements.
 */
import { compileFunction } from 'node:vm';
import fc from 'fast-check';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { run } from './machine.js';

function plain(source: string): unknown[] {
  const values: unknown[] = [];
  const { outputText: code } = ts.transpileModule(source, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } });
  const body = compileFunction(`"use strict";${code.replace(/export \{\};?/, '')}`, ['report']) as (report: (value: unknown) => void) => void;
  body((value) => { values.push(value); });
  return values;
}

const SNIPPETS: Record<string, string> = {
  'arrows': 'const f = () => ({ a: 1 }); const g = (x: number) => (x, x + 1); const h = () => () => [1]; report([f(), g(1), h()()])',
  'arrow over lines': 'const f = (\n a: number,\n): number =>\n  a +\n  1\nreport(f(1))',
  'arrow with a comment': 'const f = (/* ) */ a /* : */ : number /* => */) /* x */ : number => /* y */ a // z\nreport(f(1))',
  'return type over lines': 'const f = (a: number)\n: {\n  b: number\n} => ({ b: a }); report(f(1))',
  'type parameters over lines': 'function mk() { return <\nT\n,>\n(x: T) => x }\nreport(mk()(1))',
  'assertion after return': 'function f(a: unknown) { return <\nnumber>a } report(f(1)); function g() { throw <any>2 } try { g() } catch (e) { report(e) }',
  'no semicolons at all': 'let a = 1 as number\n;[a] = [2]\nlet b = a!\n+1\nreport(b)\ntype T = 1\n;(function () { report(2) })()',
  'a type between statements': 'const f = (x: number) => x\ntype T = number\n;(report)(f(1))',
  'as at the end of a line': 'const a = [1] as any\n;[0].forEach((x) => report(a[x]))',
  'as in expressions': 'const a: any = 1; report((a as number) + 1); report(a as number + 1 as any); report(`${a as number}`); report(a satisfies any)',
  'non-null': 'const o: any = { a: { b: [1] } }; report(o!.a!.b![0]!); o!.a!.c = 2; report(o); let n: any = 1; n!++; report(n)',
  'generics': 'const id = <T,>(x: T): T => x; class Box<T> { constructor(readonly v: T) {} } report(id<number>(1)); report(new Box<number>(2).v); const f = id<string>; report(f("3"))',
  'overloads': 'function f(a: number): number;\nfunction f(a: string): string;\nfunction f(a: any) { return a } report(f(1)); class C { m(a: number): void; m(a: any) { report(a) } } new C().m(2)',
  'this parameter': 'function f(this: any, a: number) { return a } report(f.call(null, 1)); function g(this: any) { return this } report(g.call(2)); function h(this: any,) { return this } report(h.call(3))',
  'optional parameters': 'function f(a?: number, { b }: { b?: number } = {}, ...c: number[]) { return [a, b, c] } report(f()); report(f(1, { b: 2 }, 3))',
  'definite assignment': 'let x!: number; x = 1; report(x); class C { y!: number; z?: string; "q"?: number; ["r"]?: 1 } report(Object.keys(new C()))',
  'abstract classes': 'abstract class A { abstract f(): number; abstract x: number; protected g() { return this.f() } static readonly s = 1; [k: string]: any } class B extends A { x = 2; override f() { return 3 } public override g() { return super.g() } } report([new B().g(), A.s, new B().x])',
  'implements': 'interface I { a: number } interface J {} class C implements I, J { a = 1 } class D<T> extends C implements I { b = 2 } report([new C(), new D<number>()].map((o) => ({ ...o })))',
  'declare': 'declare let q: number; declare function f(): void; declare class K {} declare enum E { A } class C { declare d: number; e = 1 } report(Object.keys(new C()))',
  'parameter properties': 'class A { constructor(public a: number, private b = 2, readonly c?: number) { report(this.b) } } report({ ...new A(1) }); class B extends A { d = 4; constructor(public e: number) { super(1); report(this.d + this.e) } } report(new B(5).e)',
  'enums': 'enum E { A, B, C = 5, D, Q = C | 8, F = "s", "g h" = 3, I = E.A, J = "x".length } report({ ...E }); enum S { X = "x", Y = "y" } report({ ...S }); report(E.D + E["g h"]); const enum K { A = 1, B = A << 2, C = A | B } report(K.C); { enum L { Z } report(L[0]) }',
  'merged enums': 'enum M { A } enum M { B = 1 } report({ ...M })',
  'enum with comments': 'enum E { // first\n A, /* , */ B = /* = */ 4 /* x */, // last\n } report(E.B)',
  'hoisting': 'report(f()); function f() { return g(); function g() { return 1 } }',
  'temporal dead zone': 'try { x } catch (e) { report((e as Error).name) } let x = 1; try { (() => { y; const y = 1 })() } catch (e) { report((e as Error).name) }',
  'closures in loops': 'const fs: (() => number)[] = []; for (let i = 0; i < 3; i++) fs.push(() => i); for (const j of [7, 8]) fs.push(() => j); report(fs.map((f) => f()))',
  'loop with closures in its head': 'const fs: any[] = []; for (let i = 0, f = () => i; i < 2; i++) fs.push(f); report(fs.map((f) => f()))',
  'labels': 'let n = 0; a: for (;;) { b: while (true) { do { if (++n > 3) break a; if (n > 1) continue a; continue b } while (true) } } report(n); c: { break c }',
  'switch': 'function f(x: number) { const r = []; switch (x) { case 1: r.push(1); case 2: { r.push(2); break } default: r.push(3); case 4: let y = 4; r.push(y) } return r } report([1, 2, 3, 4].map(f))',
  'completion of try': 'function f(n: number) { for (;;) { try { if (n) return 1; break } finally { if (n > 1) continue; report("f") } } return 0 } report(f(0)); report(f(1))',
  'getters and setters': 'const o = { _x: 1, get x() { return this._x }, set x(v) { this._x = v * 2 } }; o.x = 3; report(o.x); class C { static #p = 1; static get p() { return C.#p } static set p(v) { C.#p = v } } C.p++; report(C.p)',
  'classes': 'class A { x = this.f(); f() { return 1 } } class B extends A { y = super.f() + 1; override f() { return 5 } constructor() { super(); report(this.x) } } report({ ...new B() }); report(new (class { constructor(public z = 1) {} })().z)',
  'a constructor that returns': 'class A { constructor() { return { a: 1 } as any } } class B extends A { b = 2 } report(new B())',
  'new.target': 'class A { t; constructor() { this.t = new.target === B } } class B extends A {} report([new A().t, new B().t]); function F(this: any) { return new.target } report((F as any)())',
  'arguments': 'function f() { return [...arguments, (() => arguments.length)()] } report((f as any)(1, 2))',
  'this': 'const o = { f() { return (() => this)() }, g: function () { return this } }; report(o.f() === o); report(o.g() === o); report((0, o.f)() === undefined)',
  'destructuring': 'const { a, b: { c = 2, ...d } = {} as any, ...e } = { a: 1, b: { x: 3 }, f: 4 } as any; const [g, , h = 5, ...i] = [6, 7, undefined, 8]; report([a, c, d, e, g, h, i]); let j: any, k: any; [j, k] = [1, 2]; ({ j, k = 9 } = { j: k }); report([j, k])',
  'optional chaining': 'const o: any = null; report(o?.a.b.c); report(o?.[1]); report(o?.f(1)); report((o as any)?.x!.y)',
  'unbraced nests': 'for (const a of [1, 2]) if (a > 1) for (const b in { x: 1 }) while (true) { report([a, b]); break } else do report(a); while (false)',
  'comma and in': 'for (var i = 0, j = 3; i < j; i++, j--); report([i, j]); for (const k in (0, { p: 1 }), { q: 2 }) report(k); report("a" in { a: 1 })',
  'regular expressions': 'const a = 4, g = 2; report(a! / 2 / g); report(/[/]"/.test("/\\""))',
  'strings that look like code': 'report("a as b; $p(1)"); report(`x\n${`y${1 as number}`}\nz`); report(String.raw`\\n`)',
  'tagged templates': 'const t = <T,>(s: TemplateStringsArray, ...v: T[]) => s.raw.join("|") + v.join(); report(t<number>`a${1}b`)',
  'function names': 'const f = () => 1, g = function () {}, h = (() => 1) as any; report([f.name, g.name, h.name, (class K {}).name, ({ m() {} }).m.name])',
  'unicode': 'const größe = "😀"; report(größe as string); const f = (ä: string): string => ä + größe; report(f("é"))',
  'line ends': 'const a = 1\r\nlet b: number\r\n  = 2\r\nreport(a\r\n + b)',
  'assertion functions': 'function check(x: unknown): asserts x is number { if (typeof x !== "number") throw x } const isN = (x: unknown): x is number => typeof x === "number"; check(1); report(isN(1))',
  'function types': 'const f: (a: number, b?: () => void) => number = (a) => a; type C = new (...a: any[]) => object; let c: C | undefined; report(f(1)); report(c)',
  'errors': 'function f(): never { throw new RangeError("r") } try { f() } catch ({ message, name }: any) { report([message, name]) } finally { report("f") }',
  'accessors by name': 'class C { static get = 1; set = 2; static static = 3; async = 4; readonly readonly = 5; declare = 6; private abstract = 7 } report({ ...new C(), g: C.get, s: C.static })',
  'numbers of arguments': 'report([((a: number, b = 1, ...c: number[]) => a).length, (function (this: any, a: number) {}).length])',
  'void and sequence arrows': 'const f = () => void 0; const g = (): [number] => [1]; const h = () => { }; report([f(), g(), h()])',
  'recursion': 'const fib = (n: number): number => n < 2 ? n : fib(n - 1) + fib(n - 2); report(fib(12))',
  'iterators': 'class R { constructor(private n: number) {} [Symbol.iterator]() { let i = 0; const n = this.n; return { next: () => ({ done: i >= n, value: i++ }), return: () => { report("closed"); return {} as any } } } } for (const x of new R(3)) { if (x === 1) break; report(x) }',
};

/** Statements that are taken apart, for a point between reading and writing. */
const SPLIT: Record<string, string> = {
  'what a statement gives': 'let n = 1; const f = () => n; report([n++, ++n, n--, --n, n += 2, n -= 1, n = n + f(), n **= 2, f()])',
  'big integers, strings and nothing': 'let n: any = 1n; const f = () => n; report(String(n++)); report(String(++n)); n = "5"; report([n++, n]); n = undefined; report([n++, n]); n = null; report([--n, f()]); n = "a"; report(n += 1)',
  'objects that become numbers': 'let n: any = { valueOf() { report("asked"); return 4 } }; const f = () => n; report([n++, f()])',
  'the object and the key are evaluated once': 'const log: string[] = []; const o: any = { k: 1 }; const at = () => { log.push("o"); return o }; const key = () => { log.push("k"); return "k" }; const rhs = () => { log.push("r"); return 2 }; report([at()[key()]++, ++at()[key()], at()[key()] += rhs(), at()[key()] ??= rhs(), at().k--, o.k]); report(log)',
  'a key that is an object is asked once': 'let asked = 0; const k: any = { toString() { asked++; return "x" } }; const o: any = { x: 1 }; o[k]++; report([o.x, asked]); o[k] += 1; report([o.x, asked]); const s = Symbol("s"); o[s] = 1; o[s]++; report(o[s]); const l = [1, 2]; let i = 0; const f = () => i; l[i++]!++; report([l, i, l[f()]!--, l])',
  'getters and setters': 'const log: string[] = []; const o = { v: 1, get x() { log.push("get"); return this.v }, set x(v) { log.push("set" + v); this.v = v * 10 } }; report([o.x++, ++o.x, o.x += 1, o.x]); report(log)',
  'private and inherited': 'class A { #n = 1; static #s = 5; get p() { return this.#n } m(a: A) { return [this.#n++, a.#n--, (a as A).#n++, A.#s++, ++A.#s, this.#n += 2] } self() { return this } t() { return [this.self().#n++, this.#n] } } report(new A().m(new A())); report(new A().t()); class P { get q() { return 3 } set q(v) { report(v) } } class Q extends P { up() { super.q++; return [super.q++, ++super.q, super.q += 1] } } report(new Q().up())',
  'types and parentheses': 'let n: any = 1; const o: any = { n: 1, l: [1], d: { n: 1 } }; const f = () => n; (n as number)++; n!++; (<any>n)++; (o.n as number)++; o.n!++; (<number>o.n)++; o.l[0]!++; ++(o.d!.n as number); (o.d).n++; report([f(), o, (n! as any) += 1, n satisfies any])',
  'this and arguments': 'function f(this: any, a: any) { const g = () => this; this.n++; arguments[0].n++; return [this.n++, g().n, a.n, arguments[0].n--] } report((f as any).call({ n: 1 }, { n: 5 }))',
  'constants and dead zones': 'const c: any = 1; const tries = [() => { (c as any)++ }, () => { (c as any) += 1 }, () => { (late as any)++ }, () => { (nothing() as any).x++ }, () => { (null as any)[{ toString() { report("asked"); return "k" } } as any]++ }]; const nothing = () => undefined; for (const t of tries) try { t() } catch (e) { report((e as Error).name) } let late = 1; late++; report(late)',
  'names of functions': 'let f: any, g: any = null, h: any = 0; const use = () => [f, g, h]; f = () => 1; g ??= () => 2; h ||= function () {}; report(use().map((x: any) => x.name)); let k: any = 1; const l = () => k; k &&= class {}; report(k.name); let n = 0; const m = () => n; n = 1, f = () => n; report([f.name, m()])',
  'short circuits': 'let n: any = 0, m: any = null; const log: any[] = []; const f = (v: any) => { log.push(v); return v }; const g = () => [n, m]; n ||= f(1); n &&= f(2); m ??= f(3); n ||= f(4); m ??= f(5); n && (m = f(6)); n || (m = f(7)); n = n > 1 ? m : f(8); m = m?.x ?? n; report([g(), log])',
  'destructuring': 'let a = 1, b = 2; const o: any = { c: 3, l: [0, 0] }; const f = () => [a, b]; [a, b] = [b, a]; report(f()); ({ a, c: o.l[a], d: b = a++ } = { a: b, c: o.c++, d: undefined as any }); report([f(), o]); [a = b++, ...o.l] = [undefined as any, a, b]; report([f(), o]); const s = { a, b }; report({ ...s, a: a++, b })',
  'chains': 'let o: any = { a: { b: 1, f() { return this.b } } }; let n: any = 0; const g = () => [o, n]; n = o?.a.b; n += o.a?.f(); n = o?.x?.y.z; n = o.a?.["b"] + n; report(n); delete o?.a.b; n = o.a?.f?.(n); report([Object.keys(o.a), ...g().slice(1)])',
  'calls keep their this': 'const o: any = { n: 1, add(v: number) { this.n += v; return this } }; let n = 1; const g = () => n; report(o.add(n++).add(n).n); const l = [1]; l.push(n++, n, ...[n++]); report([l, g()]); let f: any = function (this: any) { return this }; const h = () => { f = f }; n = f(n++) === undefined ? 1 : 2; h(); report(n)',
  'in the heads of loops': 'let n = 0, m = 0; const g = () => [n, m]; for (n = 3; n-- > m; m++) report(n); while (n++ < 3); do m += n; while (m++ < 9); for (n of [m++, m]) report(n); switch (n++) { case m--: report(1); break; case n++: report(2) } report(g()); if (n++) report(n)',
  'defaults and fields': 'let n = 0; const g = () => n; const f = (a = n++, { b = n++ } = {}) => [a, b, n++]; report(f()); class C { a = n++; static s = n++; [`k${n++}`] = ++n; } report([{ ...new C() }, C.s, g()])',
  'no semicolons': 'let n = 0\nconst g = () => n\nn++\nn\n++\nn\nreport(g())\nconst o = { n }\no.n++\n;[n] = [o.n]\nreport(-n--)\nreport(typeof n++ + n++ ** 2)\nfunction f() { return n++ }\nreport([f(), g()])',
};

test.each(Object.entries(SPLIT))('taken apart: %s', (_, source) => {
  const outcome = run(source);
  expect(outcome.values).toEqual(plain(source));
  expect(outcome.log).toContain('.');
  expect(outcome.recorder.depth).toBe(0);
});

describe('snippets mean the same', () => {
  test.each(Object.entries(SNIPPETS))('%s', (_, source) => {
    const outcome = run(source);
    expect(outcome.values).toEqual(plain(source));
    expect(outcome.values.length).toBeGreaterThan(0);
    expect(outcome.recorder.depth).toBe(0);
  });
});

/** Random programs: nested control flow over one counter that ends every loop, with throws at all depths. */
const program = fc.letrec<{ statement: string; block: string }>((tie) => ({
  block: fc.array(tie('statement'), { maxLength: 3 }).map((lines) => lines.join('\n')),
  statement: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'nesting' },
    fc.constantFrom('r(1)', '{ let v = n; r(v) }', 'var w = n', 'if (n > 5) r(n)', 'r(n as number)\n', ';', 'r(((x: number) => x + 1)(n))', 'interface T { a: 1 }'),
    fc.constantFrom('if (n === 3) return n', 'if (n === 2) throw n', 'throw new Error("x")', 'return'),
    tie('block').map((b) => `{ ${b} }`),
    fc.tuple(tie('block'), tie('block')).map(([a, b]) => `if (--n % 2) { ${a} } else { ${b} }`),
    tie('statement').map((s) => `if (--n % 3) { ${s} } else r(0)`),
    tie('block').map((b) => `while (n-- > 0) { ${b} }`),
    tie('block').map((b) => `do { ${b} } while (n-- > 0)`),
    tie('block').map((b) => `for (let i = 0; i < 2 && n-- > 0; i++) { ${b}; if (i) continue }`),
    tie('block').map((b) => `L${b.length}: for (const x of [n, 2]) { r(x); for (;;) { if (n-- < 0) break L${b.length}; ${b} } }`),
    fc.tuple(tie('block'), tie('block')).map(([a, b]) => `try { ${a} } catch (e) { r(String(e)); ${b} }`),
    fc.tuple(tie('block'), tie('block')).map(([a, b]) => `try { ${a} } finally { r("f"); ${b} }`),
    tie('block').map((b) => `switch (n % 3) { case 0: ${b}\n case 1: r("one"); break; default: r("d") }`),
    tie('block').map((b) => `r((() => { ${b} })())`),
    tie('block').map((b) => `r(new (class { v: unknown = n; constructor() { r(this.v); (() => { ${b} })() } get w() { return 1 } })().w)`),
  ),
}));

test('random programs mean the same, and every entry has its exit', () => {
  fc.assert(
    fc.property(program.block, (block) => {
      const source = `let n = 8, left = 200; const r = (x: unknown) => { if (left-- < 0) throw "enough"; report(x) };\nfunction f() { ${block} }\ntry { report(f()) } catch (e) { report(String(e)) }`;
      const outcome = run(source);
      expect(outcome.values).toEqual(plain(source));
      expect(outcome.recorder.depth).toBe(0);
    }),
    { numRuns: 300, seed: 1 },
  );
});
