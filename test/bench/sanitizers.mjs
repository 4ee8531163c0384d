/**
 * What the sanitizers cost, within one run: KASAN's quarantine and KMSAN on and off, per kmalloc/kfree pair, per
 * checked access, and in memory per object. The figures are the best of several rounds.
 */


import { Cpu, DEFAULT_PAGES, enable_kmsan, enable_quarantine, headers, Mm, set_arch, set_mm, set_this_cpu, task_struct } from '../../build/bench/test/bench/common/internals.js';
import { count } from './common/measure.mjs';

const { GFP_KERNEL, kfree, kmalloc } = headers.slab;
const { load_u32, store_u32 } = headers.types;

const task = new task_struct(1, 'bench', 0, () => 0);
task.__state = 0;
const cpu = new Cpu(0, new task_struct(0, 'swapper/0', 0, () => 0));
cpu.current = task;
set_this_cpu(cpu);
set_arch({
  cpus: [cpu],
  look_around: (which) => {
    which.fuel = 1_000_000_000;
  },
});

const modes = [
  ['lean', []],
  ['kasan', [enable_quarantine]],
  ['kasan + kmsan', [enable_quarantine, enable_kmsan]],
].map(([name, enable]) => {
  const mm = new Mm({ cpus: 1, ...DEFAULT_PAGES });
  set_mm(mm);
  for (const each of enable) each(mm);
  return { name, mm };
});

const OPS = count(200_000, 2000);
const ROUNDS = count(12, 2);
const works = [
  ...[16, 64, 256, 1024].map((size) => [
    `kmalloc+kfree ${size}`,
    () => {
      for (let i = 0; i < OPS; i++) kfree(kmalloc(size, GFP_KERNEL));
    },
  ]),
  [
    'store_u32',
    (p) => {
      for (let i = 0; i < OPS; i++) store_u32(p + 4, i);
    },
  ],
  [
    'load_u32',
    (p) => {
      let sum = 0;
      for (let i = 0; i < OPS; i++) sum = (sum + load_u32(p + 4)) | 0;
      return sum;
    },
  ],
  [
    'kmalloc, 16 words written and read, kfree',
    () => {
      for (let i = 0; i < OPS / 10; i++) {
        const p = kmalloc(64, GFP_KERNEL);
        for (let at = 0; at < 64; at += 4) store_u32(p + at, at);
        for (let at = 0; at < 64; at += 4) load_u32(p + at);
        kfree(p);
      }
    },
    10,
  ],
];

const best = works.map(() => modes.map(() => Infinity));
for (let round = 0; round < ROUNDS; round++) {
  modes.forEach(({ mm }, m) => {
    set_mm(mm);
    const p = kmalloc(64, GFP_KERNEL);
    store_u32(p + 4, 1);
    works.forEach(([, work, share = 1], w) => {
      const start = process.hrtime.bigint();
      work(p);
      best[w][m] = Math.min(best[w][m], (Number(process.hrtime.bigint() - start) * share) / OPS);
    });
    kfree(p);
  });
}
const cell = (text) => String(text).padStart(16);
console.log(`${'ns each'.padEnd(42)}${modes.map(({ name }) => cell(name)).join('')}`);
works.forEach(([name], w) => {
  const lean = best[w][0];
  console.log(`${name.padEnd(42)}${best[w].map((ns, m) => cell(m === 0 ? ns.toFixed(1) : `${ns.toFixed(1)} (x${(ns / lean).toFixed(2)})`)).join('')}`);
});

// Beside the object and its redzone, which lie in RAM: shadow, one byte for 8; record, 32 bytes for each 16 of RAM.
console.log(`\nmemory per object (bytes)${cell('object+redzone')}${cell('shadow')}${cell('record')}${cell('kmsan bits')}`);
for (const size of [8, 16, 64, 256, 1024, 4096]) {
  const [{ mm }] = modes;
  set_mm(mm);
  const p = kmalloc(size, GFP_KERNEL);
  const { stride } = mm.caches.find((cache) => cache !== null && cache.object_size === size);
  kfree(p);
  console.log(`${String(size).padStart(25)}${cell(stride)}${cell(stride / 8)}${cell(32)}${cell(stride / 8)}`);
}
console.log('(records are reserved for every 16 bytes of RAM: 2 bytes a byte, of which an object touches 32)');
