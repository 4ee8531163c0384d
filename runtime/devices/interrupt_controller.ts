/**
 * The interrupt controller: latches edges, follows levels, masks, and routes each line to one CPU.
 * Modelled on the 8259A's request and mask registers (Intel 8259A data sheet, order number 231468), one set a CPU.
 */
import { arch } from '../../kernel/arch/arch.js';
import { type Cpu, IRQ_LINES, NR_CPUS } from '../../kernel/arch/cpu.js';
import { type IrqChip, NR_IRQS } from '../../kernel/arch/irqchip.js';

/** Words of one bit a line: two. */
const WORDS = NR_IRQS / 32;

/** CPU 0 serves every line. */
const ROUTED_AT_BOOT: readonly number[] = Array.from({ length: WORDS * NR_CPUS }, (_, word) => (word < WORDS ? -1 : 0));

/** Its registers are arrays, not typed ones: those cost ten times as much to make, and every machine has these. */
export class InterruptController implements IrqChip {
  /** A latched edge. */
  private readonly latched = [0, 0];
  /** The line is held up. */
  private readonly high = [0, 0];
  /** The line works by level: it is pending for as long as it is high. */
  private readonly by_level = [0, 0];
  private readonly masked = [-1, -1];
  /** Which lines each CPU serves, WORDS a CPU. */
  private readonly routed = ROUTED_AT_BOOT.slice();
  private readonly cpus: readonly Cpu[];

  constructor(cpus: readonly Cpu[]) {
    this.cpus = cpus;
  }

  irq_mask(irq: number): void {
    this.masked[irq >> 5]! |= 1 << (irq & 31);
  }

  irq_unmask(irq: number): void {
    this.masked[irq >> 5]! &= ~(1 << (irq & 31));
    this.signal(irq);
  }

  irq_ack(irq: number): void {
    this.latched[irq >> 5]! &= ~(1 << (irq & 31));
  }

  irq_set_affinity(irq: number, cpu: number): void {
    for (let i = 0; i < NR_CPUS; i++) this.routed[i * WORDS + (irq >> 5)]! &= ~(1 << (irq & 31));
    this.routed[cpu * WORDS + (irq >> 5)]! |= 1 << (irq & 31);
    this.signal(irq);
  }

  irq_set_level(irq: number, level: boolean): void {
    if (level) this.by_level[irq >> 5]! |= 1 << (irq & 31);
    else this.by_level[irq >> 5]! &= ~(1 << (irq & 31));
  }

  irq_raise(irq: number): void {
    const word = irq >> 5;
    const bit = 1 << (irq & 31);
    if ((this.by_level[word]! & bit) !== 0) this.high[word]! |= bit;
    else this.latched[word]! |= bit;
    this.signal(irq);
  }

  irq_lower(irq: number): void {
    this.high[irq >> 5]! &= ~(1 << (irq & 31));
  }

  irq_is_pending(irq: number): boolean {
    return ((this.latched[irq >> 5]! | this.high[irq >> 5]!) & (1 << (irq & 31))) !== 0;
  }

  irq_clear_pending(irq: number): void {
    this.irq_ack(irq);
    this.irq_lower(irq);
  }

  next_pending(cpu: Cpu): number {
    const base = cpu.id * WORDS;
    for (let word = 0; word < WORDS; word++) {
      const pending = (this.latched[word]! | this.high[word]!) & ~this.masked[word]! & this.routed[base + word]!;
      // The lowest number is served first, as on the 8259A.
      if (pending !== 0) return word * 32 + 31 - Math.clz32(pending & -pending);
    }
    return -1;
  }

  /** Tells the CPU that serves the line, if the line now waits for it. */
  private signal(irq: number): void {
    const word = irq >> 5;
    const bit = 1 << (irq & 31);
    if (((this.latched[word]! | this.high[word]!) & ~this.masked[word]! & bit) === 0) return;
    for (const cpu of this.cpus) {
      if ((this.routed[cpu.id * WORDS + word]! & bit) === 0) continue;
      cpu.irq_pending |= IRQ_LINES;
      arch.notify(cpu);
      return;
    }
  }
}
