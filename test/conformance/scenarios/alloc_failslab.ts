// scenario: alloc_failslab
// family: alloc
// context: process
// what: fault injection: the next kmalloc of this task fails
import { ENOMEM } from 'ringzero/linux/errno';
import { current } from 'ringzero/linux/sched';
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { ORACLE_MODULE, say } from './oracle.js';

function run(): number {
  current.make_it_fail = 1;
  const p = kmalloc(64, GFP_KERNEL);
  current.make_it_fail = 0;
  say('p %s', p !== null ? 'ok' : 'NULL');
  kfree(p);
  return p !== null ? 0 : -ENOMEM;
}

ORACLE_MODULE(run);
