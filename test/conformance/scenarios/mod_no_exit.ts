// scenario: mod_no_exit
// family: module
// context: rmmod
// what: module without exit function cannot be unloaded
import { module_init, MODULE_LICENSE } from 'ringzero/linux/module';

function i(): number {
  return 0;
}

module_init(i);
MODULE_LICENSE('Dual MIT/GPL');
