/**
 * The cost of memory: kmalloc/kfree pairs with every check on, checked accesses, and a machine's memory as a whole;
 * @thi.ng/malloc, which checks nothing, in the same run.
 */
import { MemPool } from '@thi.ng/malloc';
import { Cpu, DEFAULT_PAGES, headers, Mm, point, set_arch, set_mm, set_this_cpu, task_struct } from '../../build/bench/test/bench/common/internals.js';
import { bench, count, do_not_optimize, group, must, run } from './common/measure.mjs';
import { pairParts } from './common/pair_parts.mjs';


const { __get_free_page, free_page, GFP_ATOMIC, GFP_KERNEL, kfree, kmalloc } = headers.slab;
const { load_u8, load_u32, ptr, sizeof, store_u32, struct, u32 } = headers.types;
const { memset } = headers.string;

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

const options = { cpus: 1, ...DEFAULT_PAGES };
const mm = new Mm(options);
set_mm(mm);
const pool = new MemPool({ size: 1 << 24 });

const OPS = 1000;
/** Mitata shows the time of OPS operations: microseconds read as nanoseconds each. */
const each = (name, body) => bench(`${name} x${OPS}`, body);

group('pairs of 64 bytes', () => {
  each('@thi.ng/malloc malloc+free', () => {
    for (let i = 0; i < OPS; i++) pool.free(pool.malloc(64));
  });
  each('kmalloc+kfree GFP_KERNEL', () => {
    for (let i = 0; i < OPS; i++) kfree(kmalloc(64, GFP_KERNEL));
  });
  each('kmalloc+kfree GFP_ATOMIC', () => {
    for (let i = 0; i < OPS; i++) kfree(kmalloc(64, GFP_ATOMIC));
  });
});

group('pairs by size', () => {
  for (const size of [8, 16, 96, 256, 1024, 8192, 32768]) {
    each(`kmalloc+kfree ${size}`, () => {
      for (let i = 0; i < OPS; i++) kfree(kmalloc(size, GFP_KERNEL));
    });
  }
  each('__get_free_page+free_page', () => {
    for (let i = 0; i < OPS; i++) free_page(__get_free_page(GFP_KERNEL));
  });
});

group('batches: 1000 of 64 bytes, then all freed', () => {
  const kept = new Array(OPS).fill(0);
  each('@thi.ng/malloc', () => {
    for (let i = 0; i < OPS; i++) kept[i] = pool.malloc(64);
    for (let i = 0; i < OPS; i++) pool.free(kept[i]);
  });
  each('kmalloc, kfree', () => {
    for (let i = 0; i < OPS; i++) kept[i] = kmalloc(64, GFP_KERNEL);
    for (let i = 0; i < OPS; i++) kfree(kept[i]);
  });
});

group('checked access', () => {
  const dog = struct('dog', { weight: u32, next: ptr });
  const p = kmalloc(sizeof(dog), GFP_KERNEL);
  each('a preemption point', () => {
    for (let i = 0; i < OPS; i++) point();
  });
  each('load_u32', () => {
    let sum = 0;
    for (let i = 0; i < OPS; i++) sum = (sum + load_u32(p)) | 0;
    return do_not_optimize(sum);
  });
  each('store_u32', () => {
    for (let i = 0; i < OPS; i++) store_u32(p, i);
  });
  each('load_u8', () => {
    let sum = 0;
    for (let i = 0; i < OPS; i++) sum = (sum + load_u8(p + (i & 7))) | 0;
    return do_not_optimize(sum);
  });
  each('dog.at(p).weight', () => {
    let sum = 0;
    for (let i = 0; i < OPS; i++) sum = (sum + dog.at(p).weight) | 0;
    return do_not_optimize(sum);
  });
  each('dog.at(p).weight++', () => {
    for (let i = 0; i < OPS; i++) dog.at(p).weight++;
  });
});

group('a machine and its memory', () => {
  bench('boot and release, nothing used', () => {
    const other = new Mm(options);
    set_mm(other);
    other.release();
    set_mm(mm);
  });
  bench('boot, ten objects in three sizes written, release', () => {
    const other = new Mm(options);
    set_mm(other);
    for (let i = 0; i < 10; i++) memset(kmalloc(20 + i * 10, GFP_KERNEL), 1, 20);
    other.release();
    set_mm(mm);
  });
});

await run();

const pairs = count(1_000_000, 100_000);
for (let i = 0; i < pairs; i++) kfree(kmalloc(64, GFP_KERNEL));
const before = process.memoryUsage().heapUsed;
for (let i = 0; i < pairs; i++) kfree(kmalloc(64, GFP_KERNEL));
const bytes = process.memoryUsage().heapUsed - before;
console.log(`\nJavaScript heap per pair: ${(Math.max(0, bytes) / pairs).toFixed(3)} bytes`);
must(bytes < 8 * pairs, 'a pair of kmalloc() and kfree() leaves something on the JavaScript heap');

pairParts();
