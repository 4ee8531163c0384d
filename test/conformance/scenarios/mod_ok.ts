// scenario: mod_ok
// family: module
// context: insmod/rmmod
// what: module that loads and unloads
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  return 0;
}

ORACLE_MODULE(run);
