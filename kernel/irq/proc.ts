/** /proc/interrupts. Follows kernel/irq/proc.c, show_interrupts(). */
import { arch } from '../arch/arch.js';
import { kernel } from '../current.js';

/** A heading with the CPUs, then a line for each interrupt line that somebody handles or that has been raised. */
export function show_interrupts(): string {
  const counts = (of: (cpu: number) => string): string => arch.cpus.map((cpu) => of(cpu.id).padStart(10)).join(' ');
  const lines = [`     ${counts((cpu) => `CPU${cpu}`)}`];
  for (const desc of kernel.irq.descs) {
    if (desc === null) continue;
    const raised = arch.cpus.some((cpu) => desc.kstat_irqs[cpu.id] !== 0);
    if (desc.actions.length === 0 && !raised) continue;
    const names = desc.actions.map((action) => action.name).join(', ');
    const row = counts((cpu) => String(desc.kstat_irqs[cpu]!));
    lines.push(`${String(desc.irq).padStart(3)}: ${row}  ${'i8259'.padEnd(6)} ${String(desc.hwirq).padStart(3)}-${(desc.level ? 'level' : 'edge').padEnd(6)} ${names}`.trimEnd());
  }
  return lines.join('\n');
}
