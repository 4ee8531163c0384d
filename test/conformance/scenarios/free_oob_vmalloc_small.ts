// scenario: free_oob_vmalloc_small
// family: free
// context: process
// what: vmalloc(100), read of byte 2000 (same page)
import { load_s8 } from 'ringzero/linux/types';
import { vfree, vmalloc } from 'ringzero/linux/vmalloc';
import { ORACLE_MODULE, orc_zero, say } from './oracle.js';

function run(): number {
  const p = vmalloc(100 + orc_zero)!;
  say('byte %d', load_s8(p + 2000 + orc_zero));
  vfree(p);
  return 0;
}

ORACLE_MODULE(run);
