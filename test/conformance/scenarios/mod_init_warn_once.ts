// scenario: mod_init_warn_once
// family: module
// context: insmod
// what: WARN_ON_ONCE hit three times: one report
import { WARN_ON_ONCE } from 'ringzero/linux/bug';
import { ORACLE_MODULE, orc_zero } from './oracle.js';

function run(): number {
  for (let i = 0; i < 3; i++) WARN_ON_ONCE(orc_zero === 0);
  return 0;
}

ORACLE_MODULE(run);
