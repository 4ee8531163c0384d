// scenario: free_wild_canonical
// family: free
// context: process
// what: kfree of an unmapped user-like address
import { kfree } from 'ringzero/linux/slab';
import { type Ptr } from 'ringzero/linux/types';
import { ORACLE_MODULE, orc_zero } from './oracle.js';

function run(): number {
  kfree((0x12345678 + orc_zero) as Ptr);
  return 0;
}

ORACLE_MODULE(run);
