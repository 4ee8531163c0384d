/**
 * The machine's disk, and its driver: one request at a time, each takes some milliseconds of virtual time, and the
 * end of each is an interrupt. Modelled on a PIO-less ATA disk behind the primary channel (line 14).
 *
 * It is built when somebody opens it first, and has its interrupt line while it is open. Data is moved when the request ends, as DMA would have by then.
 */
import { arch } from '../../arch/arch.js';
import { IRQ_HANDLED, type irqreturn_t } from '../../include/linux/irqreturn.js';
import { free_irq, request_irq } from '../../irq/manage.js';
import { PAGE_SHIFT } from '../../mm/layout.js';
import { page_to_pfn } from '../../mm/pages/page.js';
import { u8 } from '../../mm/ram.js';
import { throttle } from '../../mm/reclaim/vmscan.js';
import { type bio, gendisk, REQ_OP_WRITE, SECTOR_SHIFT, SECTOR_SIZE } from './block_device.js';
import { bio_endio } from './bio.js';

/** Line of the primary ATA channel of a PC. */
export const SDA_IRQ = 14;
/** A seek and half a turn. */
const REQUEST_NS = 4_000_000;
/** And so much for each sector. */
const SECTOR_NS = 10_000;
/** 16 MiB. */
const CAPACITY_SECTORS = 32_768;

export class Sda {
  readonly disk: gendisk;
  /** Sectors that have been written. */
  private readonly sectors = new Map<number, Uint8Array>();
  private readonly queue: bio[] = [];
  /** Done, and its interrupt on its way. */
  private done: bio | null = null;

  constructor() {
    this.disk = new gendisk();
    this.disk.disk_name = 'sda';
    this.disk.capacity = CAPACITY_SECTORS;
    this.disk.fops = { submit_bio: (request) => this.submit(request) };
  }

  /** Takes the line. Returns 0, or -EBUSY where somebody else has it. Context: process, may sleep. */
  open(): number {
    return request_irq(SDA_IRQ, () => this.interrupt(), 0, 'sda', this);
  }

  /** Gives the line back once nothing is in flight; what was written stays. Context: process, may sleep. */
  close(): void {
    while (this.queue.length > 0) throttle(1, 'the last request to sda');
    free_irq(SDA_IRQ, this);
  }

  private submit(request: bio): void {
    this.queue.push(request);
    if (this.queue.length === 1) this.start();
  }

  private start(): void {
    const [request] = this.queue;
    const sectors = request!.bi_io_vec.reduce((sum, vec) => sum + vec.bv_len, 0) >>> SECTOR_SHIFT;
    arch.schedule_event(arch.now() + REQUEST_NS + sectors * SECTOR_NS, () => {
      transfer(request!, this.sectors);
      this.done = request!;
      arch.irqchip.irq_raise(SDA_IRQ);
    });
  }

  private interrupt(): irqreturn_t {
    const request = this.done;
    if (request === null) return IRQ_HANDLED;
    this.done = null;
    this.queue.shift();
    if (this.queue.length > 0) this.start();
    bio_endio(request);
    return IRQ_HANDLED;
  }
}

/** Moves a request's data. */
function transfer(request: bio, sectors: Map<number, Uint8Array>): void {
  let sector = request.bi_sector;
  for (const { bv_page, bv_len, bv_offset } of request.bi_io_vec) {
    const start = (page_to_pfn(bv_page) << PAGE_SHIFT) + bv_offset;
    for (let at = start; at < start + bv_len; at += SECTOR_SIZE, sector++) {
      const end = Math.min(at + SECTOR_SIZE, start + bv_len);
      if (request.bi_opf === REQ_OP_WRITE) sectors.set(sector, u8.slice(at, end));
      else {
        u8.fill(0, at, end);
        u8.set((sectors.get(sector) ?? new Uint8Array(0)).subarray(0, end - at), at);
      }
    }
  }
}
