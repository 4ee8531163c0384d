/** Coverage and watch mode of vitest, for modules that tests load. */
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { IstanbulFile } from '../../runtime/loader/coverage.js';

const ROOT = fileURLToPath(new URL('fixtures/covered', import.meta.url));
const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
const ENV = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };

function temporary(parent: string): string {
  const folder = mkdtempSync(parent);
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** `line:count` of each. */
function shown({ statementMap, fnMap, branchMap, s, f, b }: IstanbulFile): Record<string, string> {
  return {
    statements: Object.keys(s).map((id) => `${statementMap[id]!.start.line}:${s[id]!}`).join(' '),
    functions: Object.keys(f).map((id) => `${fnMap[id]!.name}:${f[id]!}`).join(' '),
    branches: Object.keys(b).map((id) => `${branchMap[id]!.loc.start.line}:${branchMap[id]!.type}:${b[id]!.join('/')}`).join(' '),
  };
}

describe.each(['v8', 'istanbul'])('coverage of %s', (provider) => {
  test('has what ran of the modules, by statements, functions and branches', () => {
    const reports = temporary(join(tmpdir(), 'ringzero-coverage-'));
    const { stdout, stderr } = spawnSync(process.execPath, [VITEST, 'run', '--coverage', '--root', ROOT], { encoding: 'utf8', env: { ...ENV, PROVIDER: provider, REPORTS: reports } });
    expect(`${stdout}\n${stderr}`).toContain('2 passed');
    const report = JSON.parse(readFileSync(join(reports, 'coverage-final.json'), 'utf8')) as Record<string, IstanbulFile>;
    expect(shown(report[join(ROOT, 'driver.ts')]!)).toEqual({
      statements: '5:1 8:1 8:0 9:1 10:0 11:0 12:1 13:1 13:3 14:1 17:1 18:1 19:0 21:1 23:0 27:1 27:0 27:1 30:0 30:0 34:1 35:1 36:1 36:0 37:1 40:1 41:1 41:1 42:1',
      functions: 'set:1 kind:1 hook:0 named:1 never:0 start:1 <anonymous>:1',
      branches: '7:default-arg:1 8:if:0/1 9:if:0/1 9:binary-expr:1/1/0 13:cond-expr:1/2 18:switch:0/1/0 27:default-arg:1 36:if:0/1',
    });
    expect(shown(report[join(ROOT, 'size.ts')]!)).toEqual({ statements: '1:1 1:2', functions: 'size:2', branches: '1:binary-expr:2/0' });
  });
});

test('in watch mode the tests run again that load what changes, and no others', async () => {
  // Beside the fixture: its configuration names the repository's files.
  const folder = temporary(join(ROOT, '..', 'watched-'));
  cpSync(ROOT, folder, { recursive: true });
  const child = spawn(process.execPath, [VITEST, 'watch', '--root', folder], { env: { ...ENV, CI: '' }, stdio: ['pipe', 'pipe', 'pipe'] });
  onTestFinished(() => {
    child.kill();
  });
  let text = '';
  const until = (pattern: RegExp): Promise<string> => new Promise((resolve) => {
    const look = (): void => {
      if (!pattern.test(text)) return;
      child.stdout.off('data', look);
      resolve(text);
      text = '';
    };
    child.stdout.on('data', look);
    look();
  });
  child.stdout.on('data', (piece: Buffer) => {
    text += piece.toString();
  });
  const ran = async (): Promise<string[]> => [...(await until(/Waiting for file changes/)).matchAll(/✓ (\w+)\.spec\.ts/g)].map(([, name]) => name!).sort();

  expect(await ran()).toEqual(['driver', 'other']);
  appendFileSync(join(folder, 'other.ts'), '// edited\n');
  expect(await ran()).toEqual(['other']);
  appendFileSync(join(folder, 'size.ts'), '// edited\n');
  expect(await ran()).toEqual(['driver']);
});
