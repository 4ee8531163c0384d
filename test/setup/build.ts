/** Before the tests: the program that some of them start is built, if it is older than its sources. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const PROGRAM = join(root, 'dist/runtime/cli/main.js');

function newest(folder: string): number {
  let time = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && entry.name.endsWith('.ts')) time = Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return time;
}

export default function build(): void {
  const sources = Math.max(newest(join(root, 'kernel')), newest(join(root, 'runtime')), statSync(join(root, 'bundle.mjs')).mtimeMs);
  if (existsSync(PROGRAM) && statSync(PROGRAM).mtimeMs > sources) return;
  const { stdout, stderr } = spawnSync(process.execPath, ['bundle.mjs'], { cwd: root, encoding: 'utf8' });
  if (!existsSync(PROGRAM) || statSync(PROGRAM).mtimeMs <= sources) throw new Error(`the program could not be built:\n${stdout}${stderr}`);
}
