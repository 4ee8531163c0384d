/** WARN() of the memory manager's own code. Linux: include/asm-generic/bug.h, kernel/panic.c, __warn(). */
import { this_cpu } from '../arch/cpu.js';
import { report, type Print } from '../debug/report.js';
import { mm } from './mm.js';

/** `where` is Linux 6.1's file and line, `fn` the function that warns. Context: any. */
export function warn_at(where: string, fn: string, body?: (print: Print) => void): void {
  report('warn', `WARNING: CPU: ${this_cpu.id} PID: ${this_cpu.current.pid} at ${where} ${fn}`, body);
}

/** As WARN_ON_ONCE(): once a boot. */
export function warn_once_at(where: string, fn: string, body?: (print: Print) => void): void {
  if (mm.once(where)) warn_at(where, fn, body);
}
