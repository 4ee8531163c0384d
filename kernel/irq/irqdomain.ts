/** Domains: numbers of lines as a controller counts them, and as the kernel does. Follows kernel/irq/irqdomain.c. */
import { arch } from '../arch/arch.js';
import { NR_IRQS } from '../arch/irqchip.js';
import { point } from '../arch/point.js';
import { kernel } from '../current.js';
import { report } from '../debug/report.js';
import { mask_irq } from './chip.js';
import { synchronize_irq } from './enable.js';
import { irq_desc } from './irqdesc.js';

/** The lines below belong to the machine's own devices, as those of a PC's I/O APIC do. */
const FIRST_DYNAMIC_IRQ = 24;

/** Follows struct irq_domain. */
export class irq_domain {
  readonly name: string;
  /** Lines it has. */
  readonly size: number;
  /** The kernel's number of each line; 0 where it has none. */
  readonly revmap: Int32Array;

  constructor(name: string, size: number) {
    this.name = name;
    this.size = size;
    this.revmap = new Int32Array(size);
  }
}

/**
 * The kernel's number of line `hwirq` of a domain, given to it at the first call: the lowest free one from 24 up.
 * Returns 0 where there is no such line or no number is left. Context: process, may sleep.
 */
export function irq_create_mapping(domain: irq_domain | null, hwirq: number): number {
  point();
  if (domain === null) {
    report('irq', `irq_create_mapping(, ${hwirq.toString(16)}) called with NULL domain`);
    return 0;
  }
  if (!(hwirq >= 0 && hwirq < domain.size)) {
    report('irq', `error: hwirq 0x${hwirq.toString(16)} is too large for ${domain.name}`);
    return 0;
  }
  const mapped = domain.revmap[hwirq]!;
  if (mapped !== 0) return mapped;
  const { descs } = kernel.irq;
  for (let irq = FIRST_DYNAMIC_IRQ; irq < NR_IRQS; irq++) {
    const taken = descs[irq] ?? null;
    if (taken !== null && (taken.domain !== null || taken.actions.length > 0)) continue;
    if (taken !== null) reset_line(taken);
    const desc = (descs[irq] = new irq_desc(irq, (1 << arch.cpus.length) - 1, domain, hwirq));
    kernel.registrations.add('mapping', desc, `${irq} (line ${hwirq} of ${domain.name})`);
    domain.revmap[hwirq] = irq;
    return irq;
  }
  return 0;
}

/** The kernel's number of a domain's line, or 0. Context: any. */
export function irq_find_mapping(domain: irq_domain, hwirq: number): number {
  point();
  return domain.revmap[hwirq] ?? 0;
}

/** The number is free again. Its handlers should be gone by then. Context: process, may sleep. */
export function irq_dispose_mapping(virq: number): void {
  const desc = kernel.irq.descs[virq];
  const domain = desc?.domain ?? null;
  if (desc === undefined || desc === null || domain === null) {
    point();
    return;
  }
  synchronize_irq(virq);
  const [left] = desc.actions;
  if (left !== undefined) report('irq', `remove_proc_entry: removing non-empty directory 'irq/${virq}', leaking at least '${left.name}'`);
  domain.revmap[desc.hwirq] = 0;
  reset_line(desc);
  kernel.registrations.remove(desc);
  kernel.irq.descs[virq] = null;
}

/** The line is as it was before anybody used it. */
function reset_line(desc: irq_desc): void {
  mask_irq(desc);
  arch.irqchip.irq_clear_pending(desc.irq);
  arch.irqchip.irq_set_level(desc.irq, false);
}
