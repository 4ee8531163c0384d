/** Every header by its name: what the loader resolves `ringzero/linux/NAME` to. */
import * as atomic from './linux/atomic.js';
import * as bitops from './linux/bitops.js';
import * as bits from './linux/bits.js';
import * as blkdev from './linux/blkdev.js';
import * as bottom_half from './linux/bottom_half.js';
import * as bug from './linux/bug.js';
import * as completion from './linux/completion.js';
import * as container_of from './linux/container_of.js';
import * as delay from './linux/delay.js';
import * as dma_mapping from './linux/dma-mapping.js';
import * as dmapool from './linux/dmapool.js';
import * as err from './linux/err.js';
import * as errno from './linux/errno.js';
import * as fault_inject from './linux/fault-inject.js';
import * as gfp from './linux/gfp.js';
import * as hardirq from './linux/hardirq.js';
import * as highmem from './linux/highmem.js';
import * as hrtimer from './linux/hrtimer.js';
import * as interrupt from './linux/interrupt.js';
import * as io from './linux/io.js';
import * as irq from './linux/irq.js';
import * as irq_sim from './linux/irq_sim.js';
import * as irqdomain from './linux/irqdomain.js';
import * as irqflags from './linux/irqflags.js';
import * as irqreturn from './linux/irqreturn.js';
import * as jiffies from './linux/jiffies.js';
import * as kernel from './linux/kernel.js';
import * as kmemleak from './linux/kmemleak.js';
import * as kthread from './linux/kthread.js';
import * as ktime from './linux/ktime.js';
import * as list from './linux/list.js';
import * as lockdep from './linux/lockdep.js';
import * as mempool from './linux/mempool.js';
import * as mm from './linux/mm.js';
import * as module from './linux/module.js';
import * as mutex from './linux/mutex.js';
import * as pagemap from './linux/pagemap.js';
import * as percpu from './linux/percpu.js';
import * as preempt from './linux/preempt.js';
import * as printk from './linux/printk.js';
import * as processor from './linux/processor.js';
import * as random from './linux/random.js';
import * as rcupdate from './linux/rcupdate.js';
import * as refcount from './linux/refcount.js';
import * as rwlock from './linux/rwlock.js';
import * as rwsem from './linux/rwsem.js';
import * as sched from './linux/sched.js';
import * as sched_mm from './linux/sched_mm.js';
import * as semaphore from './linux/semaphore.js';
import * as serial_reg from './linux/serial_reg.js';
import * as shrinker from './linux/shrinker.js';
import * as slab from './linux/slab.js';
import * as smp from './linux/smp.js';
import * as spinlock from './linux/spinlock.js';
import * as string from './linux/string.js';
import * as timer from './linux/timer.js';
import * as types from './linux/types.js';
import * as vmalloc from './linux/vmalloc.js';
import * as wait from './linux/wait.js';
import * as workqueue from './linux/workqueue.js';
import * as writeback from './linux/writeback.js';

export const headers: Readonly<Record<string, object>> = {
  atomic,
  bitops,
  bits,
  bottom_half,
  bug,
  completion,
  container_of,
  delay,
  'dma-mapping': dma_mapping,
  dmapool,
  err,
  errno,
  'fault-inject': fault_inject,
  blkdev,
  gfp,
  hardirq,
  highmem,
  hrtimer,
  interrupt,
  io,
  irq,
  irq_sim,
  irqdomain,
  irqflags,
  irqreturn,
  jiffies,
  kernel,
  kmemleak,
  kthread,
  ktime,
  list,
  lockdep,
  mempool,
  mm,
  module,
  mutex,
  pagemap,
  percpu,
  preempt,
  printk,
  processor,
  random,
  rcupdate,
  refcount,
  rwlock,
  rwsem,
  sched,
  sched_mm,
  semaphore,
  serial_reg,
  shrinker,
  slab,
  smp,
  spinlock,
  string,
  timer,
  types,
  vmalloc,
  wait,
  workqueue,
  writeback,
};
