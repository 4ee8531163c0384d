/** Every header by its name: what the loader resolves `ringzero/linux/NAME` to. */
import * as bits from './linux/bits.js';
import * as bug from './linux/bug.js';
import * as container_of from './linux/container_of.js';
import * as err from './linux/err.js';
import * as errno from './linux/errno.js';
import * as gfp from './linux/gfp.js';
import * as io from './linux/io.js';
import * as irqflags from './linux/irqflags.js';
import * as irqreturn from './linux/irqreturn.js';
import * as jiffies from './linux/jiffies.js';
import * as kernel from './linux/kernel.js';
import * as mm from './linux/mm.js';
import * as module from './linux/module.js';
import * as preempt from './linux/preempt.js';
import * as printk from './linux/printk.js';
import * as serial_reg from './linux/serial_reg.js';
import * as slab from './linux/slab.js';
import * as string from './linux/string.js';
import * as types from './linux/types.js';

export const headers: Readonly<Record<string, object>> = {
  bits,
  bug,
  container_of,
  err,
  errno,
  gfp,
  io,
  irqflags,
  irqreturn,
  jiffies,
  kernel,
  mm,
  module,
  preempt,
  printk,
  serial_reg,
  slab,
  string,
  types,
};
