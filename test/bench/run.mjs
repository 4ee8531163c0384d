// Runs the benchmarks in this folder, or those named: `npm run bench -- kmalloc irq`. Needs `npm run build` first.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../bundle.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const all = readdirSync(here).filter((file) => file.endsWith('.mjs') && file !== 'run.mjs');
const wanted = process.argv.slice(2).map((name) => `${name}.mjs`);
const unknown = wanted.filter((file) => !all.includes(file));
if (unknown.length > 0) {
  console.error(`no such benchmark: ${unknown.join(', ')}. There are: ${all.map((file) => file.slice(0, -4)).join(', ')}`);
  process.exit(2);
}
await bundle(join(here, '../../build/bench'), ['test/bench/common/internals.ts']);
let failed = 0;
for (const file of wanted.length > 0 ? wanted : all) {
  console.log(`\n== ${file.slice(0, -4)}`);
  const { status } = spawnSync(process.execPath, ['--expose-gc', join(here, file)], { stdio: 'inherit' });
  if (status !== 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);
