/**
 * Linux 73f7b171b7c0 ("Bluetooth: btsdio: fix use after free bug in btsdio_remove due to race condition"): the work that
 * a send has scheduled still runs when remove frees the device that it uses. The fix is cancel_work_sync().
 */
import { ENOMEM } from 'ringzero/linux/errno';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';
import { type PtrTo, sizeof, struct, u32 } from 'ringzero/linux/types';
import { cancel_work_sync, DECLARE_WORK, schedule_work } from 'ringzero/linux/workqueue';

const fixed = module_param('fixed', bool, false, 0);
const hci_dev = struct('hci_dev', { byte_tx: u32 });
let hdev: PtrTo<typeof hci_dev> | null = null;

const btsdio_work = DECLARE_WORK(() => {
  if (hdev === null) return;
  const stat = hci_dev.at(hdev);
  stat.byte_tx = stat.byte_tx + 1;
});

module_init(() => {
  hdev = kzalloc(sizeof(hci_dev), GFP_KERNEL);
  if (hdev === null) return -ENOMEM;
  schedule_work(btsdio_work);
  return 0;
});
module_exit(() => {
  if (fixed.value) cancel_work_sync(btsdio_work);
  kfree(hdev);
  // So that the module's own memory outlives the work, as a device's does.
  cancel_work_sync(btsdio_work);
});
MODULE_LICENSE('GPL');
