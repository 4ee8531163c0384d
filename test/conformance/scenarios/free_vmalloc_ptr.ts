// scenario: free_vmalloc_ptr
// family: free
// context: process
// what: kfree of a vmalloc address
import { kfree } from 'ringzero/linux/slab';
import { vmalloc } from 'ringzero/linux/vmalloc';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  const orc_sink = vmalloc(4096);
  kfree(orc_sink);
  return 0;
}

ORACLE_MODULE(run);
