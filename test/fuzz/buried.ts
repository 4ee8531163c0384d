/**
 * A driver with a bug behind four calls: the device has to be unlocked with the right codes, in their order, before
 * it can be closed while its buffer is in use.
 */
import { EINVAL, EPERM } from 'ringzero/linux/errno';
import { EXPORT_SYMBOL, module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import { GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';
import { type PtrTo, sizeof, struct, u32 } from 'ringzero/linux/types';

const device = struct('device', { writes: u32, last: u32 });

let dev: PtrTo<typeof device> | null = null;
let state = 0;
const steps = { first: 0, second: 0, third: 0 };

const CODES = [7, 64, 255, 16];

function buried_command(code: number): number {
  if (state === CODES.length) return -EPERM;
  if (code !== CODES[state]) return -EINVAL;
  switch (++state) {
    case 1:
      steps.first++;
      break;
    case 2:
      steps.second++;
      break;
    case 3:
      steps.third++;
      break;
    default:
      // The buffer goes, the pointer to it stays.
      kfree(dev);
  }
  return 0;
}

function buried_write(value: number): number {
  if (dev === null) return -EPERM;
  const d = device.at(dev);
  d.writes++;
  d.last = value;
  return 4;
}

module_init(() => {
  dev = kzalloc(sizeof(device), GFP_KERNEL);
  return dev === null ? -EPERM : 0;
});
module_exit(() => {
  if (state !== CODES.length) kfree(dev);
});
EXPORT_SYMBOL(buried_command);
EXPORT_SYMBOL(buried_write);
MODULE_LICENSE('GPL');
