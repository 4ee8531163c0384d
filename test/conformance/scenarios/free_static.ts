// scenario: free_static
// family: free
// context: process
// what: kfree of a static object of the module
import { kfree } from 'ringzero/linux/slab';
import { array, char, DEFINE_STATIC } from 'ringzero/linux/types';
import { ORACLE_MODULE } from './oracle.js';

const b = DEFINE_STATIC(array(char, 64), 'b');

function run(): number {
  const orc_sink = b;
  kfree(orc_sink);
  return 0;
}

ORACLE_MODULE(run);
