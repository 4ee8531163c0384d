/** `ringzero/vitest/points`: what the code that the plugin emits calls. It is of no use by itself. */
import { enter, leave, note_throw } from '../../kernel/arch/callstack.js';
import { statement } from '../../kernel/arch/point.js';
import { add_site, site_count } from '../../kernel/arch/site.js';
import type { ModuleRuntime } from '../../kernel/arch/module_image.js';
import { rememberSource } from '../loader/source_line.js';
import { notePoints, runsInside } from '../machine/host_code.js';

/** A place of the file: line, column, and the function that it is in. */
export type Position = readonly [line: number, column: number, fn: string];

/** The points of one file, which numbers its places from 0. On the host they do nothing. */
export function points(file: string, text: string, positions: readonly Position[]): Omit<ModuleRuntime, 'variables'> {
  notePoints();
  rememberSource(file, text);
  const first = site_count();
  for (const [line, column, fn] of positions) add_site({ file, line, column, fn, module: '' });
  return {
    statement(site) {
      if (runsInside()) statement(first + site);
    },
    enter(site) {
      if (runsInside()) enter(first + site);
    },
    leave() {
      if (runsInside()) leave();
    },
    note_throw: (error) => (runsInside() ? note_throw(error) : error),
  };
}
