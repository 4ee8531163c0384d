// Runs the benchmarks in this folder, or those named: `npm run bench -- kmalloc irq`. They measure what bundle.mjs makes, built
// anew beside dist. `npm run bench -- --short` runs each for seconds, and fails where one breaks.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../bundle.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const all = readdirSync(here).filter((file) => file.endsWith('.mjs') && file !== 'run.mjs');
const args = process.argv.slice(2);
const short = args.includes('--short');
const wanted = args.filter((arg) => arg !== '--short').map((name) => `${name}.mjs`);
const unknown = wanted.filter((file) => !all.includes(file));
if (unknown.length > 0) {
  console.error(`no such benchmark: ${unknown.join(', ')}. There are: ${all.map((file) => file.slice(0, -4)).join(', ')}`);
  process.exit(2);
}
// A campaign's workers run what is shipped.
await bundle(join(here, '../../dist'));
await bundle(join(here, '../../build/bench'), ['test/bench/common/internals.ts']);
const env = short ? { ...process.env, RINGZERO_BENCH: 'short' } : process.env;
const failed = [];
for (const file of wanted.length > 0 ? wanted : all) {
  console.log(`\n== ${file.slice(0, -4)}`);
  const { status } = spawnSync(process.execPath, ['--expose-gc', join(here, file)], { stdio: 'inherit', env });
  if (status !== 0) failed.push(file.slice(0, -4));
}
if (failed.length > 0) {
  console.error(`\nfailed: ${failed.join(', ')}`);
  process.exit(1);
}
