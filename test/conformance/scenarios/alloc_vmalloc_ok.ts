// scenario: alloc_vmalloc_ok
// family: alloc
// context: process
// what: vmalloc + vfree in process context
import { memset } from 'ringzero/linux/string';
import { vfree, vmalloc } from 'ringzero/linux/vmalloc';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  const p = vmalloc(65536)!;
  memset(p, 1, 65536);
  vfree(p);
  return 0;
}

ORACLE_MODULE(run);
