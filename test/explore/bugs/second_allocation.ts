/**
 * The error path gives back nothing: it leaks, but only when the second allocation fails.
 */
import { ENOMEM } from 'ringzero/linux/errno';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';

const fixed = module_param('fixed', bool, false, 0);
const tx = { buffer: kzalloc(64, GFP_KERNEL) };
const rx = { buffer: tx.buffer === null ? null : kzalloc(64, GFP_KERNEL) };

module_init(() => {
  if (tx.buffer === null) return -ENOMEM;
  if (rx.buffer === null) {
    if (fixed.value) kfree(tx.buffer);
    return -ENOMEM;
  }
  return 0;
});
module_exit(() => {
  kfree(rx.buffer);
  kfree(tx.buffer);
});
MODULE_LICENSE('GPL');
