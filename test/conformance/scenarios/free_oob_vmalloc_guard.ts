// scenario: free_oob_vmalloc_guard
// family: free
// context: process
// what: read of the byte behind the last page of a vmalloc area (guard page)
import { load_s8 } from 'ringzero/linux/types';
import { vfree, vmalloc } from 'ringzero/linux/vmalloc';
import { ORACLE_MODULE, orc_zero, say } from './oracle.js';

function run(): number {
  const p = vmalloc(4000)!;
  say('byte %d', load_s8(p + 4096 + orc_zero));
  vfree(p);
  return 0;
}

ORACLE_MODULE(run);
