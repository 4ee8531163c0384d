/**
 * serial: a serial port that echoes. The handler, in hard interrupt context, queues each byte; a thread, in process
 * context, writes it back. Between them: a list under a spinlock, and a wait queue.
 *
 * The handler may not sleep, so it allocates with GFP_ATOMIC, and has to live with being refused.
 *
 *     echo 'hello, driver' | npx ringzero run modules/serial.ts --input -
 */
import { IS_ERR, PTR_ERR } from 'ringzero/linux/err';
import { free_irq, IRQ_HANDLED, IRQ_NONE, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { inb, outb } from 'ringzero/linux/io';
import { kthread_run, kthread_should_stop, kthread_stop } from 'ringzero/linux/kthread';
import { LIST_HEAD, list_add_tail, list_del, list_empty, list_first_entry, list_head } from 'ringzero/linux/list';
import { int, MODULE_DESCRIPTION, module_exit, module_init, MODULE_LICENSE, module_param, MODULE_PARM_DESC } from 'ringzero/linux/module';
import { pr_info } from 'ringzero/linux/printk';
import { cpu_relax } from 'ringzero/linux/processor';
import { type task_struct } from 'ringzero/linux/sched';
import {
  UART_FCR, UART_FCR_ENABLE_FIFO, UART_IER, UART_IER_RDI, UART_LSR, UART_LSR_DR, UART_LSR_THRE, UART_MCR, UART_MCR_OUT2, UART_RX, UART_TX,
} from 'ringzero/linux/serial_reg';
import { GFP_ATOMIC, kfree, kmalloc } from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK, spin_lock, spin_lock_irqsave, spin_unlock, spin_unlock_irqrestore } from 'ringzero/linux/spinlock';
import { type PtrTo, sizeof, struct, u8 } from 'ringzero/linux/types';
import { DECLARE_WAIT_QUEUE_HEAD, wait_event_interruptible, wake_up_interruptible } from 'ringzero/linux/wait';

MODULE_LICENSE('GPL');
MODULE_DESCRIPTION('Echoes what comes in at a serial port');

const port = module_param('port', int, 0x3f8, 0o444);
MODULE_PARM_DESC('port', 'First I/O port of the UART');
const irq = module_param('irq', int, 4, 0o444);
MODULE_PARM_DESC('irq', 'Its interrupt line');

const serial_byte = struct('serial_byte', { list: list_head, c: u8 });
type SerialByte = PtrTo<typeof serial_byte>;

const queue = LIST_HEAD('queue');
const lock = DEFINE_SPINLOCK('lock');
const wait = DECLARE_WAIT_QUEUE_HEAD('wait');
let reader: task_struct | null = null;
let received = 0;
let dropped = 0;

/** The bottom of the driver: takes from the UART what it has, and does as little as possible with it. */
function serial_interrupt(): irqreturn_t {
  if ((inb(port.value + UART_LSR) & UART_LSR_DR) === 0) return IRQ_NONE;
  do {
    const c = inb(port.value + UART_RX);
    received++;
    const node = kmalloc(sizeof(serial_byte), GFP_ATOMIC);
    if (node === null) {
      dropped++;
      continue;
    }
    serial_byte.at(node).c = c;
    spin_lock(lock);
    list_add_tail(serial_byte.at(node).list, queue);
    spin_unlock(lock);
  } while ((inb(port.value + UART_LSR) & UART_LSR_DR) !== 0);
  wake_up_interruptible(wait);
  return IRQ_HANDLED;
}

/** The oldest byte, or null. The handler must not come in between: this is why interrupts are off. */
function serial_take(): SerialByte | null {
  let node: SerialByte | null = null;
  const flags = spin_lock_irqsave(lock);
  if (!list_empty(queue)) {
    node = list_first_entry(queue, serial_byte, 'list');
    list_del(serial_byte.at(node).list);
  }
  spin_unlock_irqrestore(lock, flags);
  return node;
}

/** The top of the driver: it has a task to sleep in. */
function serial_reader(): number {
  while (!kthread_should_stop()) {
    wait_event_interruptible(wait, () => !list_empty(queue) || kthread_should_stop());
    for (let node = serial_take(); node !== null; node = serial_take()) {
      while ((inb(port.value + UART_LSR) & UART_LSR_THRE) === 0) cpu_relax();
      outb(serial_byte.at(node).c, port.value + UART_TX);
      kfree(node);
    }
  }
  return 0;
}

function serial_init(): number {
  const task = kthread_run(serial_reader, null, 'serial');
  if (IS_ERR(task)) return PTR_ERR(task);
  const err = request_irq(irq.value, serial_interrupt, 0, 'serial', null);
  if (err !== 0) {
    kthread_stop(task);
    return err;
  }
  reader = task;
  outb(UART_FCR_ENABLE_FIFO, port.value + UART_FCR);
  outb(UART_MCR_OUT2, port.value + UART_MCR);
  outb(UART_IER_RDI, port.value + UART_IER);
  pr_info('serial: UART at 0x%x, irq %d\n', port.value, irq.value);
  return 0;
}

function serial_exit(): void {
  outb(0, port.value + UART_IER);
  free_irq(irq.value, null);
  if (reader !== null) kthread_stop(reader);
  for (let node = serial_take(); node !== null; node = serial_take()) kfree(node);
  pr_info('serial: %d bytes received, %d dropped\n', received, dropped);
}

module_init(serial_init);
module_exit(serial_exit);
