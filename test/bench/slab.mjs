/**
 * The cost of what stands beside kmalloc(): slab caches, vmalloc(), per-CPU numbers, pools; kmalloc() in the same run.
 */
import { boot, headers, set_this_cpu, task_struct } from '../../build/bench/test/bench/common/internals.js';
import { bench, do_not_optimize, group, run } from './common/measure.mjs';

const { GFP_KERNEL, kfree, kmalloc, kmem_cache_alloc, kmem_cache_create, kmem_cache_free, SLAB_POISON, SLAB_RED_ZONE } = headers.slab;
const { vfree, vmalloc } = headers.vmalloc;
const { DEFINE_PER_CPU, this_cpu_add, this_cpu_inc, this_cpu_read } = headers.percpu;
const { mempool_alloc, mempool_create_kmalloc_pool, mempool_free } = headers.mempool;
const { device, dma_map_single, dma_mapping_error, DMA_TO_DEVICE, dma_unmap_single } = headers['dma-mapping'];
const { load_u32, store_u32, u32 } = headers.types;

// A machine's CPU is borrowed: mitata calls from outside of run().
const machine = boot({ cpus: 1 });
const [cpu] = machine.kernel.arch.cpus;
const task = new task_struct(1, 'bench', 0, () => 0);
task.__state = 0;
cpu.current = task;
cpu.preempt_count = 0;
cpu.irqs_off = 0;
set_this_cpu(cpu);
machine.kernel.arch.look_around = (which) => {
  which.fuel = 1_000_000_000;
};

const OPS = 1000;
/** Mitata shows the time of OPS operations: microseconds read as nanoseconds each. */
const each = (name, body) => bench(`${name} x${OPS}`, body);

const cache = kmem_cache_create('bench-64', 64, 64, 0, null);
const odd = kmem_cache_create('bench-100', 100, 0, 0, null);
const checked = kmem_cache_create('bench-debug', 64, 64, SLAB_POISON | SLAB_RED_ZONE, null);
const pool = mempool_create_kmalloc_pool(4, 64);
const hits = DEFINE_PER_CPU('hits', u32);
const area = vmalloc(8192);
const object = kmalloc(64, GFP_KERNEL);
const dev = new device('0000:00:03.0', 'bench');

group('pairs of 64 bytes', () => {
  each('kmalloc+kfree', () => {
    for (let i = 0; i < OPS; i++) kfree(kmalloc(64, GFP_KERNEL));
  });
  each('kmem_cache_alloc+free', () => {
    for (let i = 0; i < OPS; i++) kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
  });
  each('kmem_cache_alloc+free of 100 bytes', () => {
    for (let i = 0; i < OPS; i++) kmem_cache_free(odd, kmem_cache_alloc(odd, GFP_KERNEL));
  });
  each('the same with SLAB_POISON and SLAB_RED_ZONE', () => {
    for (let i = 0; i < OPS; i++) kmem_cache_free(checked, kmem_cache_alloc(checked, GFP_KERNEL));
  });
  each('mempool_alloc+free', () => {
    for (let i = 0; i < OPS; i++) mempool_free(mempool_alloc(pool, GFP_KERNEL), pool);
  });
});

group('areas', () => {
  each('vmalloc+vfree 8192', () => {
    for (let i = 0; i < OPS; i++) vfree(vmalloc(8192));
  });
  each('load_u32 of lowmem', () => {
    let sum = 0;
    for (let i = 0; i < OPS; i++) sum = (sum + load_u32(object)) | 0;
    return do_not_optimize(sum);
  });
  each('load_u32 of an area', () => {
    let sum = 0;
    for (let i = 0; i < OPS; i++) sum = (sum + load_u32(area)) | 0;
    return do_not_optimize(sum);
  });
  each('store_u32 to an area', () => {
    for (let i = 0; i < OPS; i++) store_u32(area, i);
  });
});

group('per-CPU numbers', () => {
  each('this_cpu_inc', () => {
    for (let i = 0; i < OPS; i++) this_cpu_inc(hits);
  });
  each('this_cpu_add', () => {
    for (let i = 0; i < OPS; i++) this_cpu_add(hits, 3);
  });
  each('this_cpu_read', () => {
    let sum = 0;
    for (let i = 0; i < OPS; i++) sum = (sum + this_cpu_read(hits)) | 0;
    return do_not_optimize(sum);
  });
});

group('DMA', () => {
  each('dma_map_single, dma_mapping_error, dma_unmap_single of 64 bytes', () => {
    for (let i = 0; i < OPS; i++) {
      const addr = dma_map_single(dev, object, 64, DMA_TO_DEVICE);
      dma_mapping_error(dev, addr);
      dma_unmap_single(dev, addr, 64, DMA_TO_DEVICE);
    }
  });
});

await run();
process.exit(0);
