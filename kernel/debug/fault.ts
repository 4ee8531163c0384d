/** Faults that the processor itself would find. Follows arch/x86/mm/fault.c, page_fault_oops(), and kernel/traps.c. */
import { set_overflow_handler } from '../arch/callstack.js';
import { this_cpu } from '../arch/cpu.js';
import { kernel } from '../current.js';
import { in_interrupt } from '../include/linux/preempt.js';
import { make_task_dead } from './oops.js';
import { panic, type Print, report, TAINT_DIE } from './report.js';

/** A call through a pointer that leads to no function; `why`: what is to be said beside it. Context: any; never returns. */
export function instruction_fetch_fault(address: number, why?: string): never {
  return die(`${unmapped(address)}\n#PF: supervisor instruction fetch in kernel mode\n#PF: error_code(0x0010) - not-present page`, why);
}

/** An access to an address that no page is mapped at; `why` says who was led there by what. Context: any; never returns. */
export function page_fault(address: number, write: boolean, why?: string): never {
  return die(`${unmapped(address)}\n#PF: supervisor ${write ? 'write' : 'read'} access in kernel mode\n#PF: error_code(0x000${write ? 2 : 0}) - not-present page`, why);
}

function unmapped(address: number): string {
  const hex = (address >>> 0).toString(16).padStart(8, '0');
  return `BUG: ${address >>> 0 < 4096 ? 'kernel NULL pointer dereference,' : 'unable to handle page fault for'} address: ${hex}`;
}

/** BUG(), of a module or in the kernel's own code; `where` is its file and line. Follows handle_bug(). Context: any; never returns. */
export function kernel_bug(where: string): never {
  return die(`kernel BUG at ${where}!`);
}

/** An integer was divided by zero. Follows arch/x86/kernel/traps.c, exc_divide_error(). Context: any; never returns. */
export function divide_error(why?: string): never {
  return die(`divide error: 0000 [#${kernel.oops_count + 1}] PREEMPT SMP`, why);
}

/**
 * A machine stack has no room for a call. The exception has a stack of its own, and counts as an interrupt: nothing is
 * left to kill. Follows arch/x86/kernel/traps.c, handle_stack_overflow(). Context: any; never returns.
 */
export function stack_overflow(on_irq_stack: boolean, why?: string): never {
  const headline = `BUG: ${on_irq_stack ? 'IRQ' : 'TASK'} stack guard page was hit\nstack guard page: 0000 [#${++kernel.oops_count}] PREEMPT SMP`;
  report('oops', headline, body(why));
  kernel.taint |= TAINT_DIE;
  panic('Fatal exception in interrupt');
}

set_overflow_handler(stack_overflow);

/** The task ends where it stands; where there is none, the machine. Context: any; never returns. */
export function die(headline: string, why?: string): never {
  kernel.oops_count++;
  report('oops', headline, body(why));
  kernel.taint |= TAINT_DIE;
  if (in_interrupt() !== 0 || this_cpu.current === this_cpu.idle) panic('Fatal exception in interrupt');
  make_task_dead();
}

function body(why: string | undefined): ((print: Print) => void) | undefined {
  if (why === undefined) return undefined;
  return (print) => {
    print(why);
  };
}
