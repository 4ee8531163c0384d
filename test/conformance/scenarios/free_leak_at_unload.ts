// scenario: free_leak_at_unload
// family: free
// context: process
// what: object kept in a module variable and never freed: leaks when the module goes
import { GFP_KERNEL, kmalloc } from 'ringzero/linux/slab';
import { type Ptr } from 'ringzero/linux/types';
import { ORACLE_MODULE } from './oracle.js';

export let keep: Ptr | null = null;

function run(): number {
  keep = kmalloc(96, GFP_KERNEL);
  return 0;
}

ORACLE_MODULE(run);
