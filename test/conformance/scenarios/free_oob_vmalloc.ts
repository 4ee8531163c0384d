// scenario: free_oob_vmalloc
// family: free
// context: process
// what: read past the end of a vmalloc area
import { load_s8 } from 'ringzero/linux/types';
import { vfree, vmalloc } from 'ringzero/linux/vmalloc';
import { ORACLE_MODULE, orc_zero, say } from './oracle.js';

function run(): number {
  const p = vmalloc(4000)!;
  say('byte %d', load_s8(p + 4001 + orc_zero));
  vfree(p);
  return 0;
}

ORACLE_MODULE(run);
