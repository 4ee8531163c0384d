/** /proc/interrupts. Follows kernel/irq/proc.c, show_interrupts(), and arch/x86/kernel/irq.c, arch_show_interrupts(). */
import { arch } from '../arch/arch.js';
import { kernel } from '../current.js';
import type { irq_desc } from './irqdesc.js';

/** Columns that the number of a line takes. */
const PREC = 3;

/** A heading with the CPUs, then a line for each interrupt that somebody handles or that has come in. Context: any. */
export function show_interrupts(): string {
  const lines = [' '.repeat(PREC + 8) + arch.cpus.map((cpu) => `CPU${String(cpu.id).padEnd(8)}`).join('').trimEnd()];
  for (const desc of kernel.irq.descs) {
    if (desc === null) continue;
    if (desc.actions.length > 0 || desc.kstat_irqs.some((count) => count > 0)) lines.push(row(String(desc.irq), desc.kstat_irqs, describe(desc)));
  }
  lines.push(row('LOC', kernel.irq.local_timer, '  Local timer interrupts'));
  lines.push(row('RES', kernel.irq.reschedule, '  Rescheduling interrupts'));
  lines.push(row('CAL', kernel.irq.call_function, '  Function call interrupts'));
  return lines.join('\n');
}

function row(name: string, counts: ArrayLike<number>, what: string): string {
  return `${name.padStart(PREC)}: ${arch.cpus.map((cpu) => `${String(counts[cpu.id]).padStart(10)} `).join('')}${what}`;
}

/** The machine's own controller is an 8259A, which Linux calls XT-PIC. */
function describe(desc: irq_desc): string {
  const chip = (desc.domain === null ? 'XT-PIC' : desc.domain.name).padStart(8);
  const actions = desc.actions.map((action) => action.name).join(', ');
  return ` ${chip} ${String(desc.hwirq).padStart(PREC)}-${(desc.level ? 'level' : 'edge').padEnd(8)}  ${actions}`.trimEnd();
}
