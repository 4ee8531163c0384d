/** A driver whose calls take what an earlier one gave, a length and bytes. */
import { EINVAL, ENOMEM } from 'ringzero/linux/errno';
import { EXPORT_SYMBOL, module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import { GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';
import { memcpy } from 'ringzero/linux/string';
import type { Ptr } from 'ringzero/linux/types';

const SIZE = 8;
let page: Ptr | null = null;

/** Returns a handle, or a negative errno. */
function handles_open(): number {
  page ??= kzalloc(SIZE, GFP_KERNEL);
  return page === null ? -ENOMEM : 1234;
}

/** Copies `length` bytes of `from`: one too many is let through. */
function handles_write(handle: number, from: Ptr, length: number): number {
  if (handle !== 1234 || page === null || length < 0 || length > SIZE + 1) return -EINVAL;
  memcpy(page, from, length);
  return length;
}

module_init(() => 0);
module_exit(() => {
  kfree(page);
});
EXPORT_SYMBOL(handles_open);
EXPORT_SYMBOL(handles_write);
MODULE_LICENSE('GPL');
