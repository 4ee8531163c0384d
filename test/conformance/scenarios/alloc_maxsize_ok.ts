// scenario: alloc_maxsize_ok
// family: alloc
// context: process
// what: kmalloc(KMALLOC_MAX_SIZE) exactly (4 MiB), GFP_KERNEL
import { GFP_KERNEL, kfree, kmalloc, KMALLOC_MAX_SIZE } from 'ringzero/linux/slab';
import { ORACLE_MODULE, orc_zero, say } from './oracle.js';

function run(): number {
  const p = kmalloc(KMALLOC_MAX_SIZE + orc_zero, GFP_KERNEL);
  say('p %s', p !== null ? 'ok' : 'NULL');
  kfree(p);
  return 0;
}

ORACLE_MODULE(run);
