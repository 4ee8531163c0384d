/** Faults that the processor itself would find. Follows arch/x86/mm/fault.c, page_fault_oops(), and kernel/traps.c. */
import { this_cpu } from '../arch/cpu.js';
import { kernel } from '../current.js';
import { in_interrupt } from '../include/linux/preempt.js';
import { make_task_dead } from './oops.js';
import { panic, report, TAINT_DIE } from './report.js';

/** A call through a pointer that leads to no function. Context: any; never returns. */
export function instruction_fetch_fault(address: number): never {
  const hex = (address >>> 0).toString(16).padStart(8, '0');
  const what = address >>> 0 < 4096 ? 'kernel NULL pointer dereference,' : 'unable to handle page fault for';
  return die(`BUG: ${what} address: ${hex}\n#PF: supervisor instruction fetch in kernel mode\n#PF: error_code(0x0010) - not-present page`);
}

/** An access to an address that no page is mapped at; `why` says who was led there by what. Context: any; never returns. */
export function page_fault(address: number, write: boolean, why?: string): never {
  const hex = (address >>> 0).toString(16).padStart(8, '0');
  const what = address >>> 0 < 4096 ? 'kernel NULL pointer dereference,' : 'unable to handle page fault for';
  return die(`BUG: ${what} address: ${hex}\n#PF: supervisor ${write ? 'write' : 'read'} access in kernel mode\n#PF: error_code(0x000${write ? 2 : 0}) - not-present page`, why);
}

/** BUG(); `where` is the file and line, of Linux 6.1 for the kernel's own. Follows handle_bug(). Context: any; never returns. */
export function kernel_bug(where: string): never {
  return die(`kernel BUG at ${where}!`);
}

function die(headline: string, why?: string): never {
  kernel.oops_count++;
  report('oops', headline, why === undefined ? undefined : (print) => { print(why); });
  kernel.taint |= TAINT_DIE;
  if (in_interrupt() !== 0 || this_cpu.current === this_cpu.idle) panic('Fatal exception in interrupt');
  make_task_dead();
}
