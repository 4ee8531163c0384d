/** Where the preemption points are. A log entry is the line of a point; `line:fn` inside a function. */
import { describe, expect, test } from 'vitest';
import { run } from './machine.js';

/** The points of a text, without entries and exits. The text starts at line 1. */
function points(source: string): string {
  return run(source).log.filter((entry) => /^\d/.test(entry)).join(' ');
}

/** As {@link points}, in a function that is called once; its own lines start at 2. */
function pointsInside(body: string): string {
  return run(`function f(): unknown {\n${body}\nreturn 0; } f();`).log.filter((entry) => entry.endsWith(':f')).map((entry) => entry.slice(0, -2)).join(' ');
}

describe('each statement has one point, in order', () => {
  test.each([
    ['a list', 'let a = 1;\na++;\na += 2', '1 2 3'],
    ['two on a line', 'let a = 1; a++;', '1 1'],
    ['no semicolons', 'let a = 1\na++\na = 2\n', '1 2 3'],
    ['a bare block', '{\nreport(1);\n}', '2'],
    ['empty statements', ';;\nreport(1);;', '2'],
    ['declarations have none', 'function f() {}\nclass C {}\ninterface I {}\ntype T = 1\nenum E { A }\ndeclare const d: number\nreport(E.A)', '7'],
    ['directives have none', '"use strict";\nreport(1)', '2'],
    ['exports', 'export const a = 1\nexport function f() {}\nexport { a as b }\nexport default a', '1 4'],
    ['a statement over several lines', 'report(\n1,\n);\nreport(2)', '1 4'],
    ['try, catch and finally', 'try {\nreport(1);\nthrow 1;\n} catch {\nreport(2)\n} finally {\nreport(3)\n}', '2 3 5 7'],
    ['static blocks', 'class C { static {\nreport(1)\n} }', '2:<static_initializer>'],
    ['a debugger statement', 'debugger\nreport(1)', '1 2'],
  ])('%s', (_, source, expected) => {
    expect(points(source.replace('"use strict";', ''))).toBe(expected);
  });

  test.each([
    ['taken', 'if (true)\nreport(1)\nelse\nreport(2)', '2 3 6'],
    ['not taken', 'if (false)\nreport(1)\nelse\nreport(2)', '2 5 6'],
    ['else if', 'if (false)\nreport(1)\nelse if (true)\nreport(2)\nelse\nreport(3)', '2 4 5 8'],
    ['dangling else', 'if (true)\nif (false)\nreport(1)\nelse\nreport(2)', '2 3 6 7'],
    ['empty bodies', 'if (true);\nelse;\n', '2 5'],
    ['return', 'if (true)\nreturn 1', '2 3'],
  ])('if without braces: %s', (_, body, expected) => {
    expect(pointsInside(body)).toBe(expected);
  });

  test.each([
    ['switch', 'switch (2) {\ncase 1:\nreport(1);\ncase 2:\nreport(2);\ndefault:\nreport(3);\nbreak;\n}', '2 6 8 9 11'],
    ['switch with a declaration', 'switch (1) {\ncase 1: let a = 1;\nreport(a);\n}', '2 3 4 6'],
    ['labels', 'outer: for (const a of [1, 2])\nfor (;;)\nif (a === 1) continue outer;\nelse break outer;', '2 2 3 4 4 2 3 4 5 6'],
    ['a labelled block', 'done: {\nreport(1);\nif (true) break done;\nreport(2);\n}', '3 4 4 7'],
  ])('%s', (_, body, expected) => {
    expect(pointsInside(body)).toBe(expected);
  });
});

describe('a statement that writes what others may touch has a point between its accesses', () => {
  /** Its evaluation alone: `.` for each point within, and what it calls. */
  const within = (statement: string): string => {
    const { log } = run(`let n = 0, m = 0, f = null;
const o = { n: 0, m: 0, deep: { n: 0 } }, a = [0, 1];
const i = () => { n = 1; m = 1; f = null; };
function g(v = 0) { return v; }
function go(p: any) { let own = 0; const mine = [1];
${statement}
return own; }
go(o);`);
    const from = log.findIndex((entry) => entry === '6:go');
    return log.slice(from + 1, log.lastIndexOf('7:go')).join(' ');
  };

  test.each([
    ['n++', '.'],
    ['--n', '.'],
    ['own = n++', '.'],
    ['n += 1', '.'],
    ['n += m', '. .'],
    ['n = n + 1', '.'],
    ['n = n + m', '. .'],
    ['m = n', '.'],
    ['n ||= 1', '.'],
    ['n &&= 1', ''],
    ['f ??= () => 1', '.'],
    ['n || (n = 1)', '.'],
    ['n && (n = 1)', ''],
    ['n = n > 3 ? 0 : n', '. .'],
    ['own = n, n = own + 1', '.'],
    ['n = Math.max(n, 1)', '.'],
    ['n = m = 1', '.'],
    ['[n, m] = [m, n]', '. .'],
    ['o.n++', '.'],
    ['o.n += 1', '.'],
    ['o.deep.n++', '. .'],
    ['p.n++', '.'],
    ['a[0]++', '.'],
    ['a[own++]++', '.'],
    ['a[n++]++', '. . .'],
    ['a.push(n)', '.'],
    ['n = g(own)', '>g 4:g < .'],
    ['n = p?.n', '.'],
    ['own = g(n++)', '. >g 4:g <'],
    // Others cannot come in between to any effect.
    ['own++', ''],
    ['n = own', ''],
    ['own = n + m', ''],
    ['mine[0]++', ''],
    ['const fresh = { n: 0 }; fresh.n++', '6:go'],
    ['own = p.n + p.m', ''],
  ])('%s', (statement, expected) => {
    expect(within(statement)).toBe(expected);
  });
});

describe('each turn of a loop has a point', () => {
  test.each([
    ['while: before each evaluation of the condition', 'let n = 2;\nwhile (n--)\nreport(n)', '2 3 4 3 4 3 5'],
    ['while with nothing in it', 'let n = 2;\nwhile (n--);', '2 3 3 3 4'],
    ['while with a block', 'let n = 1;\nwhile (n--) {\nreport(n);\n}', '2 3 4 3 6'],
    ['while over several lines', 'let n = 1;\nwhile (\nn--\n);', '2 3 3 6'],
    ['do: before each evaluation of the condition', 'let n = 1;\ndo {\nreport(n);\n} while (n--);', '2 4 5 4 5 6'],
    ['do without braces', 'let n = 1;\ndo report(n); while (n--)', '2 3 3 3 3 4'],
    ['for: before it and before each update', 'for (let i = 0; i < 2; i++)\nreport(i)', '2 3 2 3 2 4'],
    ['for without an update', 'let i = 0;\nfor (; i < 2;)\ni++', '2 3 4 3 4 3 5'],
    ['for without anything', 'let i = 0;\nfor (;;) { if (i++) break; }', '2 3 3 3 3 3 4'],
    ['for with nothing in it, and a comment', 'let i = 0;\nfor (; i++ < 1; /* ; ) */);', '2 3 3 4'],
    ['continue goes through the update', 'for (let i = 0;\n i < 2;\n i++) { continue; }', '2 4 4 4 4 5'],
    ['for of', 'for (const x of [1, 2])\nreport(x)', '2 2 3 2 3 4'],
    ['for of with nothing in it', 'for (const x of [1, 2]);', '2 2 2 3'],
    ['for of with a block', 'for (const x of [1]) {\nreport(x);\n}', '2 2 3 5'],
    ['for in', 'for (const k in { a: 1 })\nreport(k)', '2 2 3 4'],
  ])('%s', (_, body, expected) => {
    expect(pointsInside(body)).toBe(expected);
  });
});

describe('positions are the author\'s', () => {
  test('columns', () => {
    const { recorder } = run('\n  let a = <number>1; if (a)  report(a as number);\n\tconst b = (): number => a;\n b();');
    expect(recorder.columns).toEqual([3, 22, 30, 2, 2, 26]);
  });

  test('types over several lines move nothing', () => {
    expect(points('type A =\n| 1\n| 2;\nconst f = (a: {\nb: number;\n}): {\nc: number\n} => ({\nc: report(a.b) as\nunknown as number });\nf({ b: 1 })')).toBe('4 11 8:f');
  });

  test('an import over several lines moves nothing', () => {
    expect(points('import {\n  report as r,\n  type X,\n} from \'ringzero/linux/test\';\nr(1)')).toBe('5');
  });

  test('every kind of line end counts', () => {
    expect(points('report(1)\r\nreport(2)\rreport(3)\u2028report(4)')).toBe('1 2 3 4');
  });
});
