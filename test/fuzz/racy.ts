/**
 * A driver that checks and then acts: two that close at once free its buffer twice, and an interrupt that comes in
 * the middle of closing writes to it when it is gone. An open that finds no memory for its second half keeps the first.
 */
import { EBUSY, ENOMEM } from 'ringzero/linux/errno';
import { free_irq, IRQ_HANDLED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { EXPORT_SYMBOL, module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import { GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';
import { type PtrTo, sizeof, struct, u32 } from 'ringzero/linux/types';

const buffer = struct('buffer', { seen: u32 });

let first: PtrTo<typeof buffer> | null = null;
let second: PtrTo<typeof buffer> | null = null;

function racy_open(): number {
  if (first !== null) return -EBUSY;
  const a = kzalloc(sizeof(buffer), GFP_KERNEL);
  const b = kzalloc(sizeof(buffer), GFP_KERNEL);
  if (a === null || b === null) return -ENOMEM;
  first = a;
  second = b;
  return 0;
}

function racy_close(): void {
  const a = first;
  if (a === null) return;
  kfree(a);
  kfree(second);
  first = null;
}

function interrupt(): irqreturn_t {
  if (first !== null) buffer.at(first).seen++;
  return IRQ_HANDLED;
}

module_init(() => request_irq(9, interrupt, 0, 'racy', null));
module_exit(() => {
  free_irq(9, null);
  racy_close();
});
EXPORT_SYMBOL(racy_open);
EXPORT_SYMBOL(racy_close);
MODULE_LICENSE('GPL');
