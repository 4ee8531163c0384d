// scenario: mod_init_positive
// family: module
// context: insmod
// what: init returns 1
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  return 1;
}

ORACLE_MODULE(run);
