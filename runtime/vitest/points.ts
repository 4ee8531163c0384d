/** `ringzero/vitest/points`: what the code that the plugin emits calls. It is of no use by itself. */
import { enter, leave, note_throw } from '../../kernel/arch/callstack.js';
import { statement } from '../../kernel/arch/point.js';
import { add_site, site_count } from '../../kernel/arch/site.js';
import type { ModuleRuntime } from '../../kernel/arch/module_image.js';
import { rememberSource } from '../loader/source_line.js';
import { type Mention, rememberMentions } from '../loader/source_mentions.js';
import { notePoints, runsInside } from '../machine/host_code.js';
import { addHostVariable, HostBlock, type HostLook } from '../machine/host_variables.js';
import type { Seen } from './looks.js';

/** A place of the file: line, column, the function that it is in, and what is mentioned there of the variables that can be seen. */
export type Position = readonly [line: number, column: number, fn: string, mentions?: readonly Mention<number>[]];

interface Points extends Omit<ModuleRuntime, 'variables'> {
  /** The block with that number is entered. */
  readonly variables: (this: void, block: number, look: HostLook) => void;
}

/** The points of one file, which numbers its places, and the variables that can be seen, from 0. On the host they do nothing. */
export function points(file: string, text: string, positions: readonly Position[], seen: readonly Seen[]): Points {
  notePoints();
  rememberSource(file, text);
  const blocks: HostBlock[] = [];
  const variables = seen.map(({ name, block }, index) => addHostVariable(`${file}:${name}#${index}`, (blocks[block] ??= new HostBlock()), index));
  const first = site_count();
  for (const [line, column, fn, mentions = []] of positions) {
    const site = add_site({ file, line, column, fn, module: '' });
    rememberMentions(site, mentions.map(({ variable, property }) => ({ variable: variables[variable]!, property })));
  }
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
    variables(block, look) {
      blocks[block]!.enter(look);
    },
  };
}
