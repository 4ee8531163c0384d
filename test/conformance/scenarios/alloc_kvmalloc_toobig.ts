// scenario: alloc_kvmalloc_toobig
// family: alloc
// context: process
// what: kvmalloc(INT_MAX+1UL, GFP_KERNEL)
import { ENOMEM } from 'ringzero/linux/errno';
import { GFP_KERNEL, kvfree, kvmalloc } from 'ringzero/linux/slab';
import { ORACLE_MODULE, orc_zero, say } from './oracle.js';

const INT_MAX = 0x7fff_ffff;

function run(): number {
  const p = kvmalloc(INT_MAX + 1 + orc_zero, GFP_KERNEL);
  say('p %s', p !== null ? 'ok' : 'NULL');
  kvfree(p);
  return p !== null ? 0 : -ENOMEM;
}

ORACLE_MODULE(run);
