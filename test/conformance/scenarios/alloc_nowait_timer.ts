// scenario: alloc_nowait_timer
// family: alloc-context
// context: softirq (timer)
// what: kmalloc(64, GFP_NOWAIT) in context: softirq (timer)
import { GFP_NOWAIT, kfree, kmalloc } from 'ringzero/linux/slab';
import { type Ptr } from 'ringzero/linux/types';
import { ORACLE_MODULE, orc_in_timer, say } from './oracle.js';

let p: Ptr | null = null;

function f(): void {
  p = kmalloc(64, GFP_NOWAIT);
}

function run(): number {
  const r = orc_in_timer(f);
  say('p %s', p !== null ? 'ok' : 'NULL');
  kfree(p);
  return r;
}

ORACLE_MODULE(run);
