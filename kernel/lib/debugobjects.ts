/** Reports about the life of kernel objects. Follows lib/debugobjects.c, debug_print_object(). */
import { this_cpu } from '../arch/cpu.js';
import { kernel } from '../current.js';
import { report } from '../debug/report.js';

/** `what` is the operation that found the object in the wrong `state`; `hint` is the function it stands for. */
export function debug_print_object(what: string, state: 'active' | 'not available', type: string, hint: unknown): void {
  const name = typeof hint === 'function' ? kernel.symbol_of(hint) : '0x0';
  report('object-state', `ODEBUG: ${what} ${state} (active state 0) object type: ${type} hint: ${name}\n` +
    `WARNING: CPU: ${this_cpu.id} PID: ${this_cpu.current.pid} at lib/debugobjects.c:515 debug_print_object`);
}
