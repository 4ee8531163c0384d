// scenario: free_err_ptr
// family: free
// context: process
// what: kfree(ERR_PTR(-ENOMEM))
import { ERR_PTR } from 'ringzero/linux/err';
import { ENOMEM } from 'ringzero/linux/errno';
import { kfree } from 'ringzero/linux/slab';
import { type Ptr } from 'ringzero/linux/types';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  const orc_sink = ERR_PTR(-ENOMEM) as number as Ptr;
  kfree(orc_sink);
  return 0;
}

ORACLE_MODULE(run);
