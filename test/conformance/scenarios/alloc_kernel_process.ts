// scenario: alloc_kernel_process
// family: alloc-context
// context: process
// what: kmalloc(64, GFP_KERNEL) in context: process
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { ORACLE_MODULE, say } from './oracle.js';

function run(): number {
  const p = kmalloc(64, GFP_KERNEL);
  say('p %s', p !== null ? 'ok' : 'NULL');
  kfree(p);
  return 0;
}

ORACLE_MODULE(run);
