// scenario: alloc_dmaonly_timer
// family: alloc-context
// context: softirq (timer)
// what: kmalloc(64, GFP_DMA) in context: softirq (timer)
import { GFP_DMA, kfree, kmalloc } from 'ringzero/linux/slab';
import { type Ptr } from 'ringzero/linux/types';
import { ORACLE_MODULE, orc_in_timer, say } from './oracle.js';

let p: Ptr | null = null;

function f(): void {
  p = kmalloc(64, GFP_DMA);
}

function run(): number {
  const r = orc_in_timer(f);
  say('p %s', p !== null ? 'ok' : 'NULL');
  kfree(p);
  return r;
}

ORACLE_MODULE(run);
