// scenario: alloc_kernel_timer
// family: alloc-context
// context: softirq (timer)
// what: kmalloc(64, GFP_KERNEL) in context: softirq (timer)
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { type Ptr } from 'ringzero/linux/types';
import { ORACLE_MODULE, orc_in_timer, say } from './oracle.js';

let p: Ptr | null = null;

function f(): void {
  p = kmalloc(64, GFP_KERNEL);
}

function run(): number {
  const r = orc_in_timer(f);
  say('p %s', p !== null ? 'ok' : 'NULL');
  kfree(p);
  return r;
}

ORACLE_MODULE(run);
