// scenario: mod_init_warn
// family: module
// context: insmod
// what: WARN_ON(1) in init, init goes on
import { WARN_ON } from 'ringzero/linux/bug';
import { ORACLE_MODULE, orc_zero } from './oracle.js';

function run(): number {
  WARN_ON(orc_zero === 0);
  return 0;
}

ORACLE_MODULE(run);
