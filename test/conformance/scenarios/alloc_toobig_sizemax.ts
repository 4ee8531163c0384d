// scenario: alloc_toobig_sizemax
// family: alloc
// context: process
// what: kmalloc(SIZE_MAX/2, GFP_KERNEL)
import { ENOMEM } from 'ringzero/linux/errno';
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { ORACLE_MODULE, orc_zero, say } from './oracle.js';

const SIZE_MAX = 0xffff_ffff;

function run(): number {
  const p = kmalloc(Math.floor(SIZE_MAX / 2) + orc_zero, GFP_KERNEL);
  say('p %s', p !== null ? 'ok' : 'NULL');
  kfree(p);
  return p !== null ? 0 : -ENOMEM;
}

ORACLE_MODULE(run);
