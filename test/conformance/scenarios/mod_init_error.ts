// scenario: mod_init_error
// family: module
// context: insmod
// what: init returns -ENODEV
import { ENODEV } from 'ringzero/linux/errno';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  return -ENODEV;
}

ORACLE_MODULE(run);
