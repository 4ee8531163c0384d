// scenario: alloc_nowait_work
// family: alloc-context
// context: workqueue
// what: kmalloc(64, GFP_NOWAIT) in context: workqueue
import { GFP_NOWAIT, kfree, kmalloc } from 'ringzero/linux/slab';
import { type Ptr } from 'ringzero/linux/types';
import { ORACLE_MODULE, orc_in_work, say } from './oracle.js';

let p: Ptr | null = null;

function f(): void {
  p = kmalloc(64, GFP_NOWAIT);
}

function run(): number {
  const r = orc_in_work(f);
  say('p %s', p !== null ? 'ok' : 'NULL');
  kfree(p);
  return r;
}

ORACLE_MODULE(run);
