// scenario: alloc_dma32_newslab
// family: alloc
// context: process
// what: kmalloc(2048, GFP_KERNEL|__GFP_DMA32) 128 times
import { __GFP_DMA32, GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { type Ptr } from 'ringzero/linux/types';
import { ORACLE_MODULE } from './oracle.js';

const orc_sink: (Ptr | null)[] = [];

function run(): number {
  for (let i = 0; i < 128; i++) orc_sink[i] = kmalloc(2048, GFP_KERNEL | __GFP_DMA32);
  for (let i = 0; i < 128; i++) kfree(orc_sink[i]!);
  return 0;
}

ORACLE_MODULE(run);
