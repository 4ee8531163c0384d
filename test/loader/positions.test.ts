/** Errors of running module code, seen through V8's stacks: the author's file, line and column. */
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { mapStack, originalPosition } from '../../runtime/loader/index.js';
import { loader, Recorder } from './machine.js';

function stackOf(name: string, source: string): string {
  try {
    loader.loadSource(name, source).instantiate(new Recorder().env);
  } catch (error) {
    if (error instanceof Error) return error.stack ?? '';
  }
  throw new Error('nothing was thrown');
}

const SOURCE = `const probe = (a: number, b: { x?: number } | null): number => {
  const c = a as number; if (c > 0) return (b as { x: number }).x;
  return 0;
};

function init(): void {
    for (const i of [1]) probe(i, null);
}
init();
`;

test('lines need no map, columns have one', () => {
  const stack = stackOf('thrower', SOURCE);
  const path = resolve('thrower.ts');
  const frames = mapStack(stack).split('\n').filter((line) => line.includes(path));
  expect(frames.map((frame) => frame.trim())).toEqual([
    `at probe (${path}:2:65)`,
    `at init (${path}:7:26)`,
    `at ${path}:9:1`,
  ]);
  const raw = /:2:(\d+)\)/.exec(stack);
  expect(originalPosition(path, 2, Number(raw?.[1]))).toEqual({ file: path, line: 2, column: 65 });
});

test('other files\' positions stay as they are', () => {
  const stack = `Error: x\n    at f (${resolve('other.ts')}:1:2)\n    at node:internal/main:3:4`;
  expect(mapStack(stack)).toBe(stack);
  expect(originalPosition('/other.ts', 5, 6)).toEqual({ file: '/other.ts', line: 5, column: 6 });
});
