// scenario: free_page_kfree
// family: free
// context: process
// what: kfree of a __get_free_page address
import { __get_free_page, GFP_KERNEL, kfree } from 'ringzero/linux/slab';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  const orc_sink = __get_free_page(GFP_KERNEL);
  kfree(orc_sink);
  return 0;
}

ORACLE_MODULE(run);
