/**
 * Sites: every place in module code that can be named in a report has a number.
 *
 * A site is an integer because it is stored on the fast paths: who allocated, who locked and who disabled what
 * costs one store. The table is append-only and belongs to the isolate, not to a machine: the loader numbers a
 * file once, and every machine that runs the file shares the numbers.
 */

import { InternalError } from '../debug/internal_error.js';
import { INTERNAL, UNKNOWN, type Effects } from './effects.js';

export interface Site {
  /** Path as the user wrote it, relative to the working directory where that is shorter. Empty for the kernel's own. */
  readonly file: string;
  /** 1-based. 0 for the kernel's own functions, which are shown by name alone. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  /** Name of the enclosing function; for a file's top level, `<module>`. */
  readonly fn: string;
  /** Name of the module that owns the code; empty for the kernel's own and for host code. */
  readonly module: string;
}

/** Code of the host (a test's own function) carries no sites of its own. */
export const SITE_NONE = 0;

const table: Site[] = [{ file: '', line: 0, column: 0, fn: '(host)', module: '' }];

const effects: Effects[] = [UNKNOWN];

/** Appends a site and returns its number. `does` is what its statement does, where it is one's. */
export function add_site(site: Site, does: Effects = UNKNOWN): number {
  effects.push(does);
  return table.push(site) - 1;
}

/** What the site's statement does. */
export function effects_of(number: number): Effects {
  return effects[number]!;
}

export function site_of(number: number): Site {
  const site = table[number];
  if (site === undefined) throw new InternalError(`site ${number} was never added`);
  return site;
}

/** Names one of the kernel's own functions, so that it can stand in a call trace: `kernel_site('call_timer_fn')`. */
export function kernel_site(fn: string): number {
  return add_site({ file: '', line: 0, column: 0, fn, module: '' }, INTERNAL);
}

export function site_count(): number {
  return table.length;
}
