// node pair.mjs FOLDER: prints the ns of a kmalloc() and kfree() of 64 bytes, of the bundle in that folder, and of @thi.ng/malloc;
// the best of many turns that alternate.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MemPool } from '@thi.ng/malloc';
import { count } from './measure.mjs';

const { Cpu, DEFAULT_PAGES, headers, Mm, set_arch, set_mm, set_this_cpu, task_struct } = await import(pathToFileURL(join(process.argv[2], 'test/bench/common/internals.js')).href);
const { GFP_KERNEL, kfree, kmalloc } = headers.slab;

const task = new task_struct(1, 'bench', 0, () => 0);
task.__state = 0;
const cpu = new Cpu(0, task);
set_this_cpu(cpu);
set_arch({
  cpus: [cpu],
  look_around: (which) => {
    which.fuel = 1_000_000_000;
  },
});
set_mm(new Mm({ cpus: 1, ...DEFAULT_PAGES }));
const pool = new MemPool({ size: 1 << 24 });

const PAIRS = 100_000;
const bodies = [
  () => {
    for (let i = 0; i < PAIRS; i++) kfree(kmalloc(64, GFP_KERNEL));
  },
  () => {
    for (let i = 0; i < PAIRS; i++) pool.free(pool.malloc(64));
  },
];
const best = [Infinity, Infinity];
for (let turn = 0; turn < count(150, 4); turn++) {
  bodies.forEach((body, i) => {
    const begin = process.hrtime.bigint();
    body();
    best[i] = Math.min(best[i], Number(process.hrtime.bigint() - begin) / PAIRS);
  });
}
console.log(best.join(' '));
