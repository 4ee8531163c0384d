/** The plugin: what it makes of a test file, and what vitest makes of that. */
import { spawnSync } from 'node:child_process';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type PluginOptions, ringzero } from 'ringzero/vitest/plugin';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import type { HostLook } from '../../runtime/machine/host_variables.js';
import { effectsOfDoes, type Position, type Variable } from '../../runtime/vitest/positions.js';

const PATH = '/project/my.test.ts';

function transform(source: string, path = PATH, options: PluginOptions = {}): { code: string; map: string } | null {
  return ringzero(options).transform(source, path);
}

interface Ran {
  readonly exports: Record<string, unknown>;
  /** `line:fn` of each point, `>fn` and `<` of entries and exits. */
  readonly log: string[];
}

/** Runs a test file the way vitest does: with points first, without types then. */
async function run(source: string, path = PATH, variables: (block: number, look: HostLook) => void = () => undefined): Promise<Ran> {
  const { code } = transform(source, path)!;
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, useDefineForClassFields: false, jsx: ts.JsxEmit.React, jsxFactory: 'h' };
  const { outputText } = ts.transpileModule(code, { compilerOptions, fileName: path });
  const log: string[] = [];
  const points = (_file: string, _text: string, positions: readonly Position[]): object => ({
    statement: (site: number) => log.push(`${positions[site]![0]}:${positions[site]![2]}`),
    within: (value: unknown) => value,
    increment: (value: number) => value + 1,
    decrement: (value: number) => value - 1,
    propertyKey: (key: unknown) => key,
    enter: (site: number) => log.push(`>${positions[site]![2]}`),
    leave: () => log.push('<'),
    note_throw: () => log.push('!'),
    variables,
  });
  const exports: Record<string, unknown> = {};
  // What the test wants to run is a text.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  await new Function('exports', 'require', `${outputText}\nreturn exports.done;`)(exports, () => ({ points }));
  return { exports, log };
}

describe('which files', () => {
  test.each(['a.test.ts', 'a.spec.ts', 'a.test.js', 'a.test.mts', 'a.spec.mjs', 'a.test.cts', 'a.spec.cjs', 'a.test.tsx', 'a.spec.jsx'])('%s has points', (name) => {
    expect(transform('f();', `/project/${name}`)).not.toBeNull();
  });

  test.each(['/project/a.ts', '/project/test.ts', '/project/a.test.ts.snap', '/project/node_modules/a/a.test.ts', '/project/a.test.ts?raw'])('%s has none', (path) => {
    expect(transform('f();', path)).toBeNull();
  });

  test('what include and exclude name', () => {
    const options = { include: /\.(?:test|helper)\.ts$/, exclude: 'legacy' };
    expect(transform('f();', '/project/a.helper.ts', options)).not.toBeNull();
    expect(transform('f();', '/project/legacy/a.test.ts', options)).toBeNull();
  });

  test('one that cannot be parsed says where', () => {
    expect(() => transform('const a = ;')).toThrow(/my\.test\.ts:1/);
  });
});

describe('where the points are', () => {
  test.each([
    ['statements of functions', 'function f() {\nlet a = 1\na++\nreturn a\n}\nf()', '>f 2:f 3:f 4:f <'],
    ['the top level has none', 'let a = 1;\nif (a) a++;\nfor (;;) break;\nclass C { static { a++ } }', ''],
    ['an arrow with an expression', 'const f = (n: number): number =>\n(n + 1);\nf(1)', '>f 2:f <'],
    ['an arrow that gives an object', 'const f = () => ({ a: 1 });\nif (f().a !== 1) throw f', '>f 1:f <'],
    ['an arrow of an arrow', 'const f = () => () => 1;\nf()()', '>f 1:f < ><anonymous> 1:<anonymous> <'],
    ['a directive stays one', 'function f() {\n"use strict"\nreturn this\n}\nf.call(undefined)', '>f 3:f <'],
    ['an error', 'function f() {\nthrow 1\n}\ntry { f() } catch {}', '>f 2:f ! <'],
    ['async functions have none, what is in them has', 'async function f() {\nawait 1\nif (1) await 2\nfor await (const a of [1]) g(a)\nreturn g(3)\n}\nfunction g(n: number) {\nreturn n\n}\nexport const done = f()', '>g 8:g < >g 8:g <'],
    ['async arrows', 'export const done = (async () => { await 1; [1].map((n) => n) })()', '><anonymous> 1:<anonymous> <'],
    ['async methods', 'const o = { async f() { await 1; return 1 }, g() { return 2 } }; o.g();\nexport const done = o.f()', '>g 1:g <'],
    ['generators', 'function* f() {\nyield 1\nyield* [2].map((n) => n)\n}\n[...f()]', '><anonymous> 3:<anonymous> <'],
    ['async generators', 'async function* f() {\nyield 1\n}\nexport const done = (async () => { for await (const a of f()) a })()', ''],
    ['methods and accessors', 'class C {\nget a() { return 1 }\nstatic m() { return 2 }\n#p = () => 3\nq() { return this.#p() }\n}\nnew C().a; C.m(); new C().q()', '>get a 2:get a < >m 3:m < >q 5:q >#p 4:#p < <'],
    ['default exports', 'export default () => 1;\n(exports as any).default()', '>default 1:default <'],
    ['a default function', 'export default function () {\nreturn 1\n}\n(exports as any).default()', '>default 2:default <'],
    ['comments between', 'function /* a */ f(/* b */) /* c */ { // d\n/* e */ return 1 // f\n}\nf()', '>f 2:f <'],
    ['enums', 'enum E { A, B = A + 2 }\nfunction f() {\nenum F { C }\nreturn E.B + F.C\n}\nif (f() !== 2) throw f', '>f 4:f <'],
    ['types', 'type T = number\ninterface I { a: T }\ndeclare const d: T\nabstract class A { abstract m(): void; declare x: T }\nfunction f(a: string): void\nfunction f(a: T): void\nfunction f(a: unknown): asserts a is I {\ntype U = T\nlet u = a as U\nlet v = u!\nu = <U>v satisfies U\n}\nf(1)', '>f 9:f 10:f 11:f <'],
    ['namespaces', 'namespace N { export const f = () => 1 }\nN.f()', '>f 1:f <'],
    ['no semicolons', 'function f() {\nlet a = [1]\nlet b = a\n;[b] = [a]\nif (a) a\nelse b\nreturn\n}\nf()', '>f 2:f 3:f 4:f 5:f 5:f 7:f <'],
    ['dollar signs of the author', 'const $p = 1, $e = 2, $$ = 3, $l = 4;\nfunction f() {\nreturn $p + $e + $$ + $l\n}\nif (f() !== 10) throw f', '>f 3:f <'],
  ])('%s', async (_, source, log) => {
    expect((await run(source)).log.join(' ')).toBe(log);
  });

  test('JSX is no code but for what is in its braces', async () => {
    const source = 'const h = (tag: string, _: unknown, ...inner: unknown[]): unknown => [tag, ...inner];\nfunction f(list: string[]) {\nreturn <ul>{list.map((item) =>\n<li>{item}; return</li>)}</ul>\n}\nexport const a = f(["b"])';
    const { exports, log } = await run(source, '/project/my.test.tsx');
    expect(exports['a']).toEqual(['ul', [['li', 'b', '; return']]]);
    expect(log.join(' ')).toBe('>f 3:f ><anonymous> 4:<anonymous> >h 1:h < < >h 1:h < <');
    // Where there is no JSX a type assertion is none.
    expect((await run('export const b = <number>1')).exports['b']).toBe(1);
  });

  test('a constructor has them', async () => {
    const { exports, log } = await run('class A {\nconstructor(readonly a: number, b = 2) {\nthis.a += b\n}\n}\nexport const a = new A(1)');
    expect(exports['a']).toEqual({ a: 3 });
    expect(log).toEqual(['>A', '3:A', '<']);
  });

  test('after super(), for what is put behind it stays there', async () => {
    const { exports, log } = await run(
      'class A { constructor(readonly a: number) {} }\nclass B extends A {\nc = this.a\nconstructor(a: number, readonly b = () => 4) {\nconst one = 1\nsuper(a + one)\nthis.c++\n}\n}\nexport const b = new B(1)',
    );
    expect(exports['b']).toMatchObject({ a: 2, c: 3 });
    expect(log).toEqual(['>A', '<', '>B', '7:B', '<']);
  });

  test('super() inside another statement is left where it is', async () => {
    const { exports, log } = await run('class A {}\nclass B extends A {\nconstructor() {\nif (true) super()\n}\n}\nexport const ok = new B() instanceof B');
    expect(exports['ok']).toBe(true);
    expect(log).toEqual(['>B', '4:B', '4:B', '<']);
  });
});

/** What the plugin writes into a file: its places and its variables. */
function written(source: string): [Position[], Variable[]] {
  const { code } = transform(source)!;
  const [, , positions, variables] = JSON.parse(`[${/=\$+points\((".*?\])\);function/.exec(code)![1]!}]`) as [string, string, Position[], Variable[]];
  return [positions, variables];
}

describe('what explorations are told of statements', () => {
  /** `line: variables read > written` of those that are plain; `-` of others. */
  function told(source: string): string {
    const [positions, variables] = written(source);
    const names = (numbers: readonly number[]): string => numbers.map((number) => variables[number]!.name).join(',');
    const all = positions.flatMap(([line, , , does]) => {
      if (does === undefined) return [];
      const { plain, ends, reads, writes, behindReads, behindWrites } = effectsOfDoes(does, variables.map((_, number) => number));
      return `${line}:${plain || ends ? `${names([...reads, ...behindReads])}>${names([...writes, ...behindWrites])}` : '-'}`;
    });
    return all.join(' ');
  }

  test.each([
    ['variables that functions share', 'let a = 0;\nlet b = 0;\nfunction f() {\na = b;\nb++;\nf();\n}', '4:b>a 5:b>b 6:>'],
    ['calls of headers', 'import { kfree as free } from "ringzero/linux/slab";\nlet a = 0;\nfunction f() {\nfree(a);\na++;\n}', '4:a> 5:a>a'],
    ['not what others export', 'import { kfree } from "./mine.js";\nlet a = 0;\nfunction f() {\nkfree(a);\na++;\nf();\n}', '4:- 5:a>a 6:>'],
    ['not variables that are exported', 'export let a = 0;\nlet b = 0;\nexport { b as c };\nfunction f() {\na++;\nb++;\nf();\n}', '5:- 6:- 7:>'],
    ['not those of an async function, a generator, a constructor that waits for super()', 'let a = 0;\nlet b = 0;\nlet c = 0;\nasync function g() { a++ }\nfunction* h() { b++ }\nclass D extends E { constructor() { super(); c++ } }\nfunction f() {\na++;\nb++;\nc++;\nf();\n}', '8:- 9:- 10:- 11:>'],
    ['nor a call of such a one', 'async function g() {}\nfunction* h() {}\nfunction f() {\ng();\nh();\nf();\nf();\n}', '4:- 5:- 6:> 7:>'],
    ['nor the last one before something is disposed of', 'let a = 0;\nfunction f() {\nusing b = g();\na++;\na;\n}', '3:- 4:a>a 5:-'],
  ])('%s', (_, source, expected) => {
    expect(told(source)).toBe(expected);
  });
});

describe('which variables reports see', () => {
  /** `line:name, line:name.property` of what has a point and speaks of them, and the blocks that declare them. */
  function seen(source: string): string {
    const [positions, variables] = written(source);
    const blocks: number[] = [];
    const mentions = positions.flatMap(([line, , , , all = []]) =>
      all.flatMap(({ variable, property }) => {
        const { name, block } = variables[variable]!;
        if (block === null) return [];
        // By the order in which they are mentioned.
        if (!blocks.includes(block)) blocks.push(block);
        return `${line}:${name}${blocks.indexOf(block)}${property === null ? '' : `.${property}`}`;
      }),
    );
    return mentions.join(' ');
  }

  test.each([
    ['of the file', 'let a = 0;\nfunction f() {\na++;\n}', '3:a0'],
    ['of a function around', 'test("", () => {\nlet a = 0;\nconst f = () => {\nreturn a;\n};\na = 1;\n});', '4:a0 6:a0'],
    ['parameters', 'function f(a: number, { b, c: [d] }: T) {\nreturn () => {\na = b = d++\n}\n}', '3:a0 3:b0 3:d0'],
    ['of a block in a function, and of that', 'function f() {\nlet a = 0;\nif (a) {\nlet b = 0;\ng(() => { a++; b++; });\nreturn b + a\n}\n}', '3:a0 5:a0 5:b1 6:b1 6:a0'],
    ['var is the function\'s', 'function f() {\n{\nvar a = 0;\n}\nreturn () => a\n}', '5:a0'],
    ['the nearest of one name', 'let a = 0;\nfunction f() {\nlet a = 1;\nreturn () => a++\n}\nfunction g() {\na++\n}', '4:a0 7:a1'],
    ['an async function\'s', 'async function f() {\nlet a = 0;\nawait 1;\nreturn () => {\na++;\n}\n}', '5:a0'],
    ['properties of what never changes', 'const a = { b: 0 };\nfunction f() {\na.b = a.c.d + a?.e\n}', '3:a0.b 3:a0.c 3:a0.e'],
    ['what a compound statement asks itself', 'let a = 0;\nfunction f() {\nif (a) return;\nwhile (a > 1) f();\ndo f(); while (a > 2);\nfor (let i = a; i < a; i++) f();\nfor (const b of [a]) f();\nswitch (a) { case 1: f() }\nreturn () => a++;\n}', '3:a0 4:a0 5:a0 6:a0 7:a0 8:a0 9:a0'],
    ['each once', 'let a = 0;\nfunction f() {\na += a * a\n}', '3:a0'],
    ['none that nobody else uses', 'function f() {\nlet a = 0;\na++;\nconst b = {};\nreturn a + b.c\n}', ''],
    ['none that never changes', 'const a = 0;\nfunction f() {\nreturn a\n}', ''],
    ['none of a loop, or of what was caught', 'function f() {\nfor (let i = 0; i < 2; i++) g(() => i);\ntry { f() } catch (e) { e = 1; g(() => e) }\n}', ''],
    ['no functions, classes, enums, imports', 'import { a } from "a";\nenum E { A }\nclass C { static b = 1 }\nfunction g() {}\nfunction f() {\na.b = E.A + C.b;\nreturn g\n}', '6:C0.b'],
    ['what a function inside a statement says is its own', 'let a = 0;\nfunction f() {\nreturn [1].map((n) =>\nn + a++)\n}', '4:a0'],
  ])('%s', (_, source, expected) => {
    expect(seen(source)).toBe(expected);
  });

  test('are told by looks, which change nothing of the code', async () => {
    const looks: [number, (index: number) => unknown][] = [];
    const source =
      'let a = 1;\nexport function f(b: number) {\n"use strict"\nlet c = 3;\n{ let d = 4; g(() => a + b++ + c++ + d++) }\nreturn a\n}\n' +
      'class B {}\nclass A extends B { constructor(public b: number) { super(); g(() => b++) } }\n' +
      'function g(h: () => number) { return h() + a++ }\nexport const made = [f(2), new A(5).b, f(2)];';
    const { exports } = await run(source, PATH, (block, look) => looks.push([block, look]));
    expect(exports['made']).toEqual([2, 5, 4]);
    const told = looks.map(([block, look]) => `${block}:${Array.from({ length: 5 }, (_, index) => String(look(index))).join()}`);
    // The file's, the function's and its block's: each knows its own. A constructor that waits for super() has none.
    expect(told).toEqual(['0:4,undefined,undefined,undefined,undefined', '1:undefined,3,4,undefined,undefined', '2:undefined,undefined,undefined,5,undefined', '1:undefined,3,4,undefined,undefined', '2:undefined,undefined,undefined,5,undefined']);
  });
});

describe('the text', () => {
  const source = '#!/usr/bin/env node\n// @vitest-environment node\n\'use strict\';\nimport { expect } from \'vitest\';\n\nconst thrower = (what: string): never => { throw new Error(what); };\n\nfunction first<T>(list: readonly T[]): T | undefined {\n\tif (list.length === 0) return undefined;\n\telse return list[0]; }\nexport { first, thrower, expect };\n';
  const { code, map } = transform(source)!;

  test('keeps its lines', () => {
    const lines = code.split('\n');
    expect(lines).toHaveLength(source.split('\n').length);
    expect(lines[1]).toBe('// @vitest-environment node');
    expect(lines[3]).toBe("import { expect } from 'vitest';");
    expect(code).not.toContain('#!/usr/bin/env node\n');
  });

  test('begins with the comments that it began with', () => {
    const jsx = transform('/** @jsxRuntime classic */\n/** @jsx h */\nexport const a = <b/>;\n', '/project/a.test.tsx')!.code;
    expect(jsx).toMatch(/^\/\*\* @jsxRuntime classic \*\/\n\/\*\* @jsx h \*\/\nimport\{points .*export const a = <b\/>;\n$/);
    expect(transform('// nothing else\n')!.code).toMatch(/^import\{points .*\/\/ nothing else\n$/);
  });

  test('is mapped, each word to its own place', () => {
    const lookup = new SourceMap(JSON.parse(map) as SourceMapPayload);
    const lines = source.split('\n');
    let words = 0;
    code.split('\n').forEach((line, at) => {
      // The hashbang is taken out.
      if (at === 0) return;
      // The plugin's head stands before the first statement.
      let from = at === 2 ? line.length - lines[at]!.length : 0;
      for (const { 0: word, index } of lines[at]!.matchAll(/\w+/g)) {
        from = line.indexOf(word, from);
        expect(lookup.findEntry(at, from)).toMatchObject({ originalLine: at, originalColumn: index });
        from += word.length;
        words++;
      }
    });
    expect(words).toBeGreaterThan(30);
  });

  test('names the file and the function of each place', () => {
    const [, positions] = /(\[\[.*?\]\]),\[\]\);function/.exec(code)!;
    expect((JSON.parse(positions!) as Position[]).map(([line, column, fn]) => [line, column, fn])).toEqual([
      [6, 17, 'thrower'], [6, 44, 'thrower'], [8, 1, 'first'], [9, 2, 'first'], [9, 25, 'first'], [10, 7, 'first'],
    ]);
    expect(code).toContain(JSON.stringify(source));
  });
});

describe('a run of vitest', () => {
  const root = fileURLToPath(new URL('fixtures/plugin', import.meta.url));
  const cli = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

  /** What vitest prints. */
  const vitest = (file: string, env: NodeJS.ProcessEnv = {}): string => {
    const { stdout, stderr } = spawnSync(process.execPath, [cli, 'run', '--root', root, '--reporter', 'verbose', file], {
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', ...env },
    });
    return `${stdout}\n${stderr}`;
  };

  test('finds a lost update between two threads of a test file', () => {
    const text = vitest('race');
    expect(text).toContain('× race.spec.ts > two threads');
    expect(text).toMatch(/^CPU 0 +CPU 1$/m);
    expect(text).toMatch(/^race\.spec\.ts:9 {2}const seen = counter; {2}counter=0\nrace\.spec\.ts:10 {2}counter = seen \+ 1; {2}counter=0$/m);
    expect(text).toMatch(/^ +race\.spec\.ts:10 {2}counter = seen \+ 1; {2}counter=1$/m);
    expect(text).toMatch(/passes if the switch from CPU \d to CPU \d at race\.spec\.ts:10 comes 1 step later/);
    // The stacks of the assertions, on the host and inside.
    expect(text).toContain('❯ race.spec.ts:22:21');
    expect(text).toContain('❯ race.spec.ts:27:44');
    expect(text).toMatch(/nothing could interleave: .*machine\.arm\(irq\)\.$/m);
  });

  test('without the plugin does not, and an exploration of nothing says so', () => {
    const text = vitest('race', { BARE: '1' });
    expect(text).toContain('✓ race.spec.ts > two threads');
    expect(text).toContain("Statements of a test file are points only with the plugin of 'ringzero/vitest/plugin'.");
  });

  test('behaves', () => {
    const text = vitest('behaviour');
    expect(text).toMatch(/Tests {2}16 passed \(16\)/);
  });
});
