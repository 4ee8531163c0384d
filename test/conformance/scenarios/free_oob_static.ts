// scenario: free_oob_static
// family: free
// context: process
// what: read past the end of a static array of the module
import { array, char, DEFINE_STATIC, load_s8 } from 'ringzero/linux/types';
import { ORACLE_MODULE, orc_zero, say } from './oracle.js';

const b = DEFINE_STATIC(array(char, 60), 'b');

function run(): number {
  say('byte %d', load_s8(b + 61 + orc_zero));
  return 0;
}

ORACLE_MODULE(run);
