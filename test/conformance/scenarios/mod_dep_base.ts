import { EXPORT_SYMBOL, module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';

export function mod_dep_value(): number {
  return 42;
}

EXPORT_SYMBOL(mod_dep_value);
module_init(() => 0);
module_exit(() => undefined);
MODULE_LICENSE('Dual MIT/GPL');
