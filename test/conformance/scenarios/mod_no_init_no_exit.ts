// scenario: mod_no_init_no_exit
// family: module
// context: rmmod
// what: module with neither init nor exit loads and unloads
import { MODULE_LICENSE } from 'ringzero/linux/module';

MODULE_LICENSE('Dual MIT/GPL');
