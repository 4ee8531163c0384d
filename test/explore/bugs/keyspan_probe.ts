/**
 * Linux 910c996 upstream, cefb16b7b2d5 in stable ("USB: serial: keyspan: fix memleak on probe errors"): where one of the
 * buffers cannot be had, those before it are forgotten.
 */
import { ENOMEM } from 'ringzero/linux/errno';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';
import type { Ptr } from 'ringzero/linux/types';

const fixed = module_param('fixed', bool, false, 0);
const BUFFERS = 3;
let port: Ptr | null = null;
const in_buffer: Ptr[] = [];

function keyspan_port_probe(): number {
  port = kzalloc(96, GFP_KERNEL);
  if (port === null) return -ENOMEM;
  for (let i = 0; i < BUFFERS; i++) {
    const buffer = kzalloc(64, GFP_KERNEL);
    if (buffer === null) {
      if (fixed.value) for (const earlier of in_buffer) kfree(earlier);
      kfree(port);
      return -ENOMEM;
    }
    in_buffer.push(buffer);
  }
  return 0;
}

module_init(keyspan_port_probe);
module_exit(() => {
  for (const buffer of in_buffer) kfree(buffer);
  kfree(port);
});
MODULE_LICENSE('GPL');
