/**
 * Linux 0b37a83a91e8 ("thermal: rcar: Fix race condition between init and interrupt"): the handler runs while the base
 * address of the registers is still NULL.
 */
import { ENOMEM } from 'ringzero/linux/errno';
import { free_irq, IRQ_HANDLED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';
import { type PtrTo, ptr_to, sizeof, struct, u32 } from 'ringzero/linux/types';

const fixed = module_param('fixed', bool, false, 0);
const registers = struct('registers', { status: u32 });
const rcar_thermal_common = struct('rcar_thermal_common', { base: ptr_to(registers) });
let common: PtrTo<typeof rcar_thermal_common> | null = null;
let base: PtrTo<typeof registers> | null = null;

function rcar_thermal_irq(_irq: number, c: PtrTo<typeof rcar_thermal_common>): irqreturn_t {
  registers.at(rcar_thermal_common.at(c).base!).status = 0;
  return IRQ_HANDLED;
}

module_init(() => {
  common = kzalloc(sizeof(rcar_thermal_common), GFP_KERNEL);
  base = kzalloc(sizeof(registers), GFP_KERNEL);
  if (common === null || base === null) return -ENOMEM;
  if (fixed.value) rcar_thermal_common.at(common).base = base;
  const err = request_irq(5, rcar_thermal_irq, 0, 'rcar_thermal', common);
  rcar_thermal_common.at(common).base = base;
  return err;
});
module_exit(() => {
  if (common === null) return;
  free_irq(5, common);
  kfree(base);
  kfree(common);
});
MODULE_LICENSE('GPL');
