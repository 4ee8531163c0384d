// scenario: alloc_user_threadirq
// family: alloc-context
// context: threaded irq
// what: kmalloc(64, GFP_USER) in context: threaded irq
import { GFP_USER, kfree, kmalloc } from 'ringzero/linux/slab';
import { type Ptr } from 'ringzero/linux/types';
import { ORACLE_MODULE, orc_in_threadirq, say } from './oracle.js';

let p: Ptr | null = null;

function f(): void {
  p = kmalloc(64, GFP_USER);
}

function run(): number {
  const r = orc_in_threadirq(f);
  say('p %s', p !== null ? 'ok' : 'NULL');
  kfree(p);
  return r;
}

ORACLE_MODULE(run);
