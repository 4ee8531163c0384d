/** Before the tests: the program that some of them start is built, if it is older than its sources. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const PROGRAM = join(root, 'dist/runtime/cli/main.js');
/** Whose tests start it. */
const STARTERS = ['test/cli', 'test/machine'];

function newest(folder: string): number {
  let time = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && entry.name.endsWith('.ts')) time = Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return time;
}

export default function build(): void {
  // A run of other tests alone has no need of the program.
  const named = process.argv.slice(2).filter((word) => word.includes('test/'));
  if (named.length > 0 && !named.some((word) => STARTERS.some((folder) => word.includes(folder)))) return;
  const sources = Math.max(newest(join(root, 'kernel')), newest(join(root, 'runtime')));
  if (existsSync(PROGRAM) && statSync(PROGRAM).mtimeMs > sources) return;
  const { stdout, stderr } = spawnSync(process.execPath, ['bundle.mjs'], { cwd: root, encoding: 'utf8' });
  if (!existsSync(PROGRAM) || statSync(PROGRAM).mtimeMs <= sources) throw new Error(`the program could not be built:\n${stdout}${stderr}`);
}
