/** `ringzero/vitest/points`: what the code that the plugin emits calls. It is of no use by itself. */
import { enter, leave } from '../../kernel/arch/callstack.js';
import { decrement, increment, statement, within } from '../../kernel/arch/point.js';
import { add_site, site_count } from '../../kernel/arch/site.js';
import { note_catch, note_throw } from '../../kernel/debug/trap.js';
import type { ModuleRuntime } from '../../kernel/arch/module_image.js';
import { propertyKey } from '../loader/property_key.js';
import { rememberSource } from '../loader/source_line.js';
import { rememberMentions } from '../loader/source_mentions.js';
import { hostStep, notePoints, runsInside } from '../machine/host_code.js';
import { addHostVariable, HostBlock, type HostLook } from '../machine/host_variables.js';
import { record } from './record.js';
import { TEST_FILES } from './test_files.js';
import { effectsOfDoes, type Position, type Variable } from './positions.js';

interface Points extends Omit<ModuleRuntime, 'variables'> {
  /** The block with that number is entered. */
  readonly variables: (this: void, block: number, look: HostLook) => void;
  readonly propertyKey: (this: void, value: unknown, object: unknown) => unknown;
}

/** The points of one file, which numbers its places and variables from 0. On the host a place is only told of. */
export function points(file: string, text: string, positions: readonly Position[], names: readonly Variable[]): Points {
  notePoints();
  if (TEST_FILES.test(file)) record();
  rememberSource(file, text);
  const blocks: HostBlock[] = [];
  const variables = names.map(({ name, block }, number) => addHostVariable(`${file}:${name}#${number}`, block === null ? null : (blocks[block] ??= new HostBlock()), number));
  const first = site_count();
  for (const [line, column, fn, does, mentions = []] of positions) {
    const site = add_site({ file, line, column, fn, module: '' }, does === undefined ? undefined : effectsOfDoes(does, variables));
    rememberMentions(site, mentions.map(({ variable, property }) => ({ variable: variables[variable]!, property })));
  }
  return {
    statement(site) {
      if (runsInside()) statement(first + site);
      else hostStep(first + site);
    },
    within: (value) => (runsInside() ? within(value) : value),
    increment(value) {
      if (runsInside()) return increment(value);
      let next = value;
      return ++next;
    },
    decrement(value) {
      if (runsInside()) return decrement(value);
      let next = value;
      return --next;
    },
    propertyKey,
    enter(site) {
      if (runsInside()) enter(first + site);
    },
    leave() {
      if (runsInside()) leave();
    },
    note_throw: (error) => (runsInside() ? note_throw(error) : error),
    note_catch(error) {
      if (runsInside()) note_catch(error);
    },
    variables(block, look) {
      blocks[block]!.enter(look);
    },
  };
}
