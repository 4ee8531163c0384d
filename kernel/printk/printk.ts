/**
 * The log. Follows kernel/printk/printk.c and printk_ringbuffer.c: records with a level and a stamp, a bounded
 * buffer that forgets its oldest, and a console that shows what is urgent enough.
 */
import { arch } from '../arch/arch.js';
import { kernel } from '../current.js';
import { vsprintf } from '../lib/vsprintf.js';
import { shown } from '../lib/shown.js';
import { format_env } from './format_env.js';
import { KERN_SOH, LOGLEVEL_WARNING, MESSAGE_LOGLEVEL_DEFAULT } from './levels.js';

export interface LogRecord {
  readonly level: number;
  /** ns since boot. */
  readonly time: number;
  readonly text: string;
}

/** Records that the log keeps. */
const LOG_RECORDS_MAX = 16384;

export class Printk {
  private records: LogRecord[] = [];
  /** How many of the oldest records are forgotten. */
  dropped = 0;
  console_loglevel: number;

  constructor(console_loglevel: number) {
    this.console_loglevel = console_loglevel;
  }

  /** One message, which may be several lines; a trailing newline ends the last. */
  emit(level: number, message: string): void {
    const time = arch.now();
    kernel.trace?.event('console', message.trimEnd());
    const text = message.endsWith('\n') ? message.slice(0, -1) : message;
    for (const line of text.split('\n')) {
      const record = { level, time, text: line };
      this.records.push(record);
      if (level < this.console_loglevel) arch.console_write(level, format_record(record));
    }
    if (this.records.length > LOG_RECORDS_MAX * 2) {
      this.dropped += this.records.length - LOG_RECORDS_MAX;
      this.records = this.records.slice(-LOG_RECORDS_MAX);
    }
  }

  log(): readonly LogRecord[] {
    return this.records;
  }
}

/** As dmesg prints it: `[    1.234567] text`. */
export function format_record(record: LogRecord): string {
  const us = Math.floor(record.time / 1000);
  const seconds = String(Math.floor(us / 1_000_000)).padStart(5);
  return `[${seconds}.${String(us % 1_000_000).padStart(6, '0')}] ${record.text}`;
}

/**
 * Formats and logs. The format may start with a KERN_ level.
 * Context: any. Returns the length of the text, as Linux does. Follows kernel/printk/printk.c, _printk().
 */
export function printk(fmt: string, ...args: unknown[]): number {
  return vprintk(fmt, args);
}

export function vprintk(fmt: string, args: readonly unknown[]): number {
  if (typeof fmt !== 'string') throw new TypeError(`printk: the format must be a string, got ${shown(fmt)}`);
  let level = MESSAGE_LOGLEVEL_DEFAULT;
  let body = fmt;
  if (fmt.startsWith(KERN_SOH)) {
    level = fmt.charCodeAt(1) - 0x30;
    body = fmt.slice(2);
    if (!(level >= 0 && level <= 7)) level = MESSAGE_LOGLEVEL_DEFAULT;
  }
  const text = vsprintf(body, args, format_env);
  kernel.printk.emit(level, text);
  return text.length;
}

/** The kernel's own warnings, told apart from a module's by nothing but their words. */
export function pr_warn(fmt: string, ...args: unknown[]): number {
  const text = vsprintf(fmt, args, format_env);
  kernel.printk.emit(LOGLEVEL_WARNING, text);
  return text.length;
}
