// scenario: sleep_vmalloc_hardirq
// family: sleep
// context: hardirq
// what: vmalloc in a hardirq handler
import { vfree, vmalloc } from 'ringzero/linux/vmalloc';
import { orc_in_hardirq, ORACLE_MODULE } from './oracle.js';

function f(): void {
  vfree(vmalloc(8192));
}

function run(): number {
  return orc_in_hardirq(f);
}

ORACLE_MODULE(run);
