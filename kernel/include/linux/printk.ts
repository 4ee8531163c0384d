/** Follows include/linux/printk.h and kern_levels.h. All may be called from any context. */
import { pc, SITE } from '../../arch/callstack.js';
import { point } from '../../arch/point.js';
import { kernel } from '../../current.js';
import { dump_stack as dump } from '../../debug/report.js';
import { hex_dump_to_buffer } from '../../lib/hexdump.js';
import { load_u8 } from '../../mm/kasan/access.js';
import type { Ptr } from '../../mm/pointer.js';
import { KERN_SOH, LOGLEVEL_WARNING } from '../../printk/levels.js';
import { vprintk } from '../../printk/printk.js';

export const KERN_EMERG = `${KERN_SOH}0`;
export const KERN_ALERT = `${KERN_SOH}1`;
export const KERN_CRIT = `${KERN_SOH}2`;
export const KERN_ERR = `${KERN_SOH}3`;
export const KERN_WARNING = `${KERN_SOH}4`;
export const KERN_NOTICE = `${KERN_SOH}5`;
export const KERN_INFO = `${KERN_SOH}6`;
export const KERN_DEBUG = `${KERN_SOH}7`;

/**
 * Formats and logs a message, which may start with a KERN_ level: `printk(KERN_INFO + 'x is %d\n', x)`.
 * Returns its length. Context: any.
 */
export function printk(fmt: string, ...args: unknown[]): number {
  point();
  return vprintk(fmt, args);
}

function printk_at(level: string, fmt: string, args: readonly unknown[]): number {
  point();
  // A missing format must not turn into the text 'undefined' by being added to the level.
  return vprintk(typeof fmt === 'string' ? level + fmt : fmt, args);
}

export const pr_emerg = (fmt: string, ...args: unknown[]): number => printk_at(KERN_EMERG, fmt, args);
export const pr_alert = (fmt: string, ...args: unknown[]): number => printk_at(KERN_ALERT, fmt, args);
export const pr_crit = (fmt: string, ...args: unknown[]): number => printk_at(KERN_CRIT, fmt, args);
export const pr_err = (fmt: string, ...args: unknown[]): number => printk_at(KERN_ERR, fmt, args);
export const pr_warn = (fmt: string, ...args: unknown[]): number => printk_at(KERN_WARNING, fmt, args);
export const pr_notice = (fmt: string, ...args: unknown[]): number => printk_at(KERN_NOTICE, fmt, args);
export const pr_info = (fmt: string, ...args: unknown[]): number => printk_at(KERN_INFO, fmt, args);
export const pr_debug = (fmt: string, ...args: unknown[]): number => printk_at(KERN_DEBUG, fmt, args);

const said_once = new WeakMap<object, Set<string>>();

/** printk() that speaks once for each place it is called from. */
export function printk_once(fmt: string, ...args: unknown[]): number {
  let places = said_once.get(kernel);
  if (places === undefined) said_once.set(kernel, (places = new Set()));
  const place = `${pc[SITE]!} ${fmt}`;
  if (places.has(place)) return 0;
  places.add(place);
  return printk(fmt, ...args);
}
export const pr_info_once = (fmt: string, ...args: unknown[]): number => printk_once(KERN_INFO + fmt, ...args);
export const pr_warn_once = (fmt: string, ...args: unknown[]): number => printk_once(KERN_WARNING + fmt, ...args);

/** Logs who runs and the call trace. */
export function dump_stack(): void {
  point();
  dump((line) => kernel.printk.emit(LOGLEVEL_WARNING, line));
}

export const DUMP_PREFIX_NONE = 0;
export const DUMP_PREFIX_ADDRESS = 1;
export const DUMP_PREFIX_OFFSET = 2;

/** Logs `len` bytes of memory as hex, `rowsize` (16 or 32) a line. Follows lib/hexdump.c. */
export function print_hex_dump(level: string, prefix: string, prefix_type: number, rowsize: number, groupsize: number, buf: Ptr, len: number, ascii: boolean): void {
  const row = rowsize === 32 ? 32 : 16;
  for (let i = 0; i < len; i += row) {
    const bytes = Uint8Array.from({ length: Math.min(row, len - i) }, (_, k) => load_u8(buf + i + k));
    const text = hex_dump_to_buffer(bytes, row, groupsize, ascii);
    const hex = (value: number): string => value.toString(16).padStart(8, '0');
    const where = prefix_type === DUMP_PREFIX_ADDRESS ? `${hex(buf + i)}: ` : prefix_type === DUMP_PREFIX_OFFSET ? `${hex(i)}: ` : '';
    printk(`${level}%s%s%s\n`, prefix, where, text);
  }
}
