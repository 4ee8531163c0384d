// scenario: mod_init_oops
// family: module
// context: insmod
// what: NULL dereference in init; then the module cannot go
import { store_u32 } from 'ringzero/linux/types';
import { ORACLE_MODULE, orc_zero } from './oracle.js';

function run(): number {
  store_u32(8 + orc_zero, 1);
  return 0;
}

ORACLE_MODULE(run);
