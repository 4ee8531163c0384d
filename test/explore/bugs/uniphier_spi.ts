/**
 * Linux f3ad1c87d820 ("spi: uniphier: Fix completion initialization order before devm_request_irq()"): the interrupt
 * may come at once, and complete() then gets a completion that was never made.
 */
import { complete, completion, init_completion } from 'ringzero/linux/completion';
import { ENOMEM } from 'ringzero/linux/errno';
import { free_irq, IRQ_HANDLED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { type PtrTo, sizeof, struct } from 'ringzero/linux/types';

const fixed = module_param('fixed', bool, false, 0);
const priv_data = struct('uniphier_priv', { xfer_done: completion });
let priv: PtrTo<typeof priv_data> | null = null;

function interrupt(_irq: number, p: PtrTo<typeof priv_data>): irqreturn_t {
  complete(priv_data.at(p).xfer_done);
  return IRQ_HANDLED;
}

module_init(() => {
  priv = kmalloc(sizeof(priv_data), GFP_KERNEL);
  if (priv === null) return -ENOMEM;
  if (fixed.value) init_completion(priv_data.at(priv).xfer_done);
  const err = request_irq(5, interrupt, 0, 'uniphier', priv);
  if (!fixed.value) init_completion(priv_data.at(priv).xfer_done);
  if (err !== 0) kfree(priv);
  return err;
});
module_exit(() => {
  if (priv === null) return;
  free_irq(5, priv);
  kfree(priv);
});
MODULE_LICENSE('GPL');
