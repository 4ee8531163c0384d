// scenario: alloc_kernel_tasklet
// family: alloc-context
// context: softirq (tasklet)
// what: kmalloc(64, GFP_KERNEL) in context: softirq (tasklet)
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { type Ptr } from 'ringzero/linux/types';
import { ORACLE_MODULE, orc_in_tasklet, say } from './oracle.js';

let p: Ptr | null = null;

function f(): void {
  p = kmalloc(64, GFP_KERNEL);
}

function run(): number {
  const r = orc_in_tasklet(f);
  say('p %s', p !== null ? 'ok' : 'NULL');
  kfree(p);
  return r;
}

ORACLE_MODULE(run);
