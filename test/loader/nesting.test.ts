import { expect, test } from 'vitest';
import { SourceFile } from '../../runtime/loader/parse.js';

const KINDS: Readonly<Record<string, (n: number) => string>> = {
  parentheses: (n) => `const a = ${'('.repeat(n)}1${')'.repeat(n)};`,
  arrays: (n) => `const a = ${'['.repeat(n)}${']'.repeat(n)};`,
  sums: (n) => `const a = 1${' + 1'.repeat(n)};`,
  'else if': (n) => `let a; if (a) {}${' else if (a) {}'.repeat(n)}`,
  conditions: (n) => `const a = 1${' ? 1 : 1'.repeat(n)};`,
  prefixes: (n) => `const a = ${'!'.repeat(n)}1;`,
  arrows: (n) => `const a = ${'b => '.repeat(n)}1;`,
  members: (n) => `let a: any; const b = () => a${'.b'.repeat(n)};`,
  calls: (n) => `let a: any; const b = () => a${'()'.repeat(n)};`,
  templates: (n) => `const a = ${'`${'.repeat(n)}1${'}`'.repeat(n)};`,
  blocks: (n) => `${'{'.repeat(n)}${'}'.repeat(n)}`,
  functions: (n) => `${'function f() {'.repeat(n)}${'}'.repeat(n)}`,
  types: (n) => `type B<T> = T; let a: ${'B<'.repeat(n)}any${'>'.repeat(n)};`,
};
const parse = (text: string): SourceFile => new SourceFile('/m.ts', text);

test.each(Object.keys(KINDS))('%s', (kind) => {
  expect(() => parse(KINDS[kind]!(150))).not.toThrow();
  for (const n of [3000, 100_000]) expect(() => parse(KINDS[kind]!(n))).toThrow(/^\/m\.ts:\d+:\d+: the source is nested too deep here/);
});

test('brackets in texts, comments, expressions and templates do not count', () => {
  const brackets = '('.repeat(1000);
  for (const text of [`'${brackets}'`, `"\\"${brackets}"`, `\`${brackets}\``, `/[${brackets}/]/`, `1 // ${brackets}`, `/* ${brackets} */ 1`]) expect(() => parse(`const a = ${text}\n`)).not.toThrow();
});

test('what follows each other is not nested', () => {
  const lines = (line: string): string => Array.from({ length: 5000 }, (_, i) => line.replaceAll('N', String(i))).join('\n');
  for (const line of ['const aN = -N', 'f(N)', 'function gN(): void {}', 'if (f) {} else f(N)', 'f(-N);']) expect(() => parse(`declare const f: any;\n${lines(line)}`)).not.toThrow();
  expect(() => parse(`const a = [${'-1, '.repeat(20_000)}]`)).not.toThrow();
});
