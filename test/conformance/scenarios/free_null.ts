// scenario: free_null
// family: free
// context: process
// what: kfree(NULL), vfree(NULL), kvfree(NULL)
import { kfree, kvfree } from 'ringzero/linux/slab';
import { vfree } from 'ringzero/linux/vmalloc';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  kfree(null);
  vfree(null);
  kvfree(null);
  return 0;
}

ORACLE_MODULE(run);
