/** An exit code says whose fault it was. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { PROGRAM } from '../setup/build.js';
import { ringzero, ROOT } from './program.js';

const folder = mkdtempSync(join(tmpdir(), 'ringzero-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const HEAD = `import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
MODULE_LICENSE('GPL');
module_exit(() => undefined);
`;
const module = (name: string, text: string): string => {
  const path = join(folder, `${name}.ts`);
  writeFileSync(path, HEAD + text);
  return path;
};

test.each(['run', 'explore', 'modinfo'])('%s: a module that ends the process is at fault', async (command) => {
  const leaves = `({} as any).constructor.constructor('process.exit(0)')();`;
  const path = module('leaves', command === 'modinfo' ? leaves : `module_init(() => {\n${leaves}\nreturn 0;\n});`);
  const { code, err } = await ringzero([command, path]);
  expect(err).toMatch(/process\.exit\(\)/);
  expect(err).toMatch(/leaves\.ts:[45]:1/);
  expect(err).not.toContain('internal error');
  expect(code).toBe(1);
});

describe.each([['parentheses', `const a = ${'('.repeat(3000)}1${')'.repeat(3000)};`], ['a sum', `const a = 1${' + 1'.repeat(100_000)};`], ['else if', `let a: any; if (a) {}${' else if (a) {}'.repeat(10_000)}`]])('deep source: %s', (_what, text) => {
  test('is told with its place, and briefly', async () => {
    const { code, out, err } = await ringzero(['run', module('deep', text)]);
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toMatch(/deep\.ts:4:\d+: the source is nested too deep here/);
    expect(err.length).toBeLessThan(1000);
  });
});

test('a disk that is full is told once', async () => {
  const { code, stderr } = await new Promise<{ code: number | string | null | undefined; stderr: string }>((resolve) => {
    execFile('sh', ['-c', '"$0" "$1" help run > /dev/full', process.execPath, PROGRAM], { cwd: ROOT }, (error, _out, stderr) => {
      resolve({ code: error?.code, stderr });
    });
  });
  expect(stderr).toBe('ringzero: cannot write to standard output: ENOSPC: no space left on device, write\n');
  expect(code).toBe(2);
});

test('--stack makes a recursion that overflowed fit', async () => {
  const path = module('recursion', `function f(n: number): number { return n === 0 ? 0 : 1 + f(n - 1); }
module_init(() => {
  f(300);
  return 0;
});`);
  expect((await ringzero(['run', path])).code).toBe(1);
  expect((await ringzero(['run', path, '--stack', '32768'])).code).toBe(0);
  const { code, err } = await ringzero(['run', path, '--stack', '1000']);
  expect(err).toContain('--stack must be a whole number from 4096 to 65536');
  expect(code).toBe(2);
});

test('sizes of memory are those that boot', async () => {
  expect((await ringzero(['run', 'modules/hello.ts', '--memory', 'dma=0,normal=992M'])).code).toBe(0);
  const { code, err } = await ringzero(['run', 'modules/hello.ts', '--memory', 'normal=1G']);
  expect(err).toContain('dma and normal together are 4K to 992M');
  expect(code).toBe(2);
});
