/** The tests that fuzzing writes fail for as long as the bug is there, and pass when it has gone. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { type Crash, fuzz, type FuzzOptions, type FuzzTarget } from 'ringzero';
import { calls } from './handles.fuzz.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const node = (...argv: string[]): { readonly status: number | null; readonly output: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd: root, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' } });
  return { status, output: `${stdout}\n${stderr}` };
};
const vitest = (folder: string): ReturnType<typeof node> =>
  node(join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', root, '--config', join(root, 'test/fuzz/fixtures/vitest.config.ts'), '--dir', folder, '--reporter', 'default');

// In the repository: here the written tests find what they import.
mkdirSync(join(root, 'test/fuzz/written'), { recursive: true });
const folder = mkdtempSync(join(root, 'test/fuzz/written/'));
afterAll(() => {
  rmSync(join(root, 'test/fuzz/written'), { recursive: true });
});

/** Drivers of which copies are mended. */
const copy = (name: string): string => {
  const file = join(folder, name);
  writeFileSync(file, readFileSync(join(root, 'test/fuzz', name)));
  return file;
};
const handles = copy('handles.ts');
const racy = copy('racy.ts');

const found: { readonly crash: Crash; readonly file: string }[] = [];
function find(options: FuzzOptions, target: string | FuzzTarget): void {
  for (const crash of fuzz(options, target).crashes) {
    const file = join(folder, `${found.length}.spec.ts`);
    writeFileSync(file, crash.test);
    found.push({ crash, file });
  }
}
find({ executions: 1500, rules: { warn: 'panic' } }, { modules: [{ module: racy }] });
find({ executions: 1000, seed: 1 }, { modules: [{ module: handles }], calls, source: 'test/fuzz/handles.fuzz.ts' });

describe('a test that fuzzing has written', () => {
  test('is there for a schedule, for an interrupt, for a failing allocation, for calls of code of their own', () => {
    const all = found.map(({ crash }) => crash.test).join('\n');
    for (const part of ["replay('rz2.", 'machine.arm(9)', 'machine.failslab(', 'machine.callTogether(', "host.calls['open']!.run!(machine", 'Uint8Array.of(', "rules: { warn: 'panic' }"]) expect(all).toContain(part);
  });

  test('is TypeScript', () => {
    const config = join(folder, 'tsconfig.json');
    // Unused imports, too, are errors.
    writeFileSync(config, JSON.stringify({ extends: '../../../../tsconfig.json', compilerOptions: { rootDir: root }, include: ['*.spec.ts'] }));
    expect(node(join(root, 'node_modules/typescript/bin/tsc'), '-p', config)).toEqual({ status: 0, output: '\n' });
  });

  test('fails with the crash that it is for', () => {
    const { status, output } = vitest(folder);
    expect(status).toBe(1);
    for (const { crash, file } of found) {
      const name = file.slice(root.length);
      const from = output.lastIndexOf(`FAIL  ${name}`);
      expect(from, name).toBeGreaterThan(0);
      const failure = output.slice(from, output.indexOf('⎯⎯⎯⎯[', from));
      // Not only in its name.
      expect(failure.slice(failure.indexOf('\n')), name).toContain(crash.headline);
      for (const frame of crash.frames) expect(failure).toContain(frame);
    }
    expect(output).toContain(`Tests  ${found.length} failed (${found.length})`);
  });

  test('that needs a schedule does not pass because the driver has changed', () => {
    const text = readFileSync(racy, 'utf8');
    writeFileSync(racy, `${text}// edited\n`);
    const { output } = vitest(folder);
    writeFileSync(racy, text);
    expect(output).toContain(`Tests  ${found.length} failed (${found.length})`);
    expect(output).toContain('ReplayError: the replay token does not fit: the module racy has changed');
  });

  test('passes once the driver is mended, if it needs no schedule', () => {
    const edit = (file: string, from: string, to: string): void => {
      const text = readFileSync(file, 'utf8');
      expect(text).toContain(from);
      writeFileSync(file, text.replace(from, to));
    };
    edit(handles, 'SIZE + 1', 'SIZE');
    edit(racy, 'return -ENOMEM;', '{\n    kfree(a);\n    kfree(b);\n    return -ENOMEM;\n  }');
    for (const { crash, file } of found) if (crash.token !== undefined) rmSync(file);
    const plain = found.filter(({ crash }) => crash.token === undefined).length;
    const { status, output } = vitest(folder);
    expect(output).toContain(`Tests  ${plain} passed (${plain})`);
    expect(status).toBe(0);
  });
});
