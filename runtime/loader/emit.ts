/** One file becomes a function that can be called again and again, each time with fresh state. */
import { url as inspectorUrl } from 'node:inspector';
import { compileFunction } from 'node:vm';
import type { ModuleRuntime } from '../../kernel/arch/module_image.js';
import { add_site } from '../../kernel/arch/site.js';
import { analysedPart } from './analysed.js';
import type { Node } from './ast.js';
import { Count } from './count.js';
import { isCounted } from './coverage.js';
import { Edits } from './edits.js';
import { effectsOf } from './effects.js';
import { TOP_LEVEL } from './function_names.js';
import { Instrument } from './instrument.js';
import type { Part } from './link.js';
import { mentionsOf } from './mentions.js';
import { Ids, runPasses, type Emission } from './pass.js';
import { References, type Namespace } from './references.js';
import type { Local, Names } from './scope.js';
import { rememberMentions } from './source_mentions.js';
import { registerMap } from './sourcemap.js';
import { Strip } from './strip.js';
import { Variables } from './variables.js';

/** What the emitted code calls, in the order of its parameters. What is mostly the same for all machines comes first. */
export type Arguments = [
  statement: (site: number) => void,
  enter: (site: number) => void,
  leave: () => void,
  noteThrow: (error: unknown) => unknown,
  noteCatch: (error: unknown) => void,
  variables: ModuleRuntime['variables'],
  within: ModuleRuntime['within'],
  increment: ModuleRuntime['increment'],
  decrement: ModuleRuntime['decrement'],
  propertyKey: (value: unknown, object: unknown) => unknown,
  enumMember: (object: Record<string, unknown>, key: string, value: unknown) => void,
  math: typeof Math,
  exports: (getters: Readonly<Record<string, () => unknown>>) => void,
  ...namespaces: object[],
  thisModule: unknown,
];

export interface Code {
  readonly namespaces: readonly Namespace[];
  /** The place of the file's top level. */
  readonly site: number;
  /** For a cyclic file: the first step makes its functions and exports, the second runs its body. */
  readonly run: (...args: Arguments) => Iterator<undefined> | undefined;
}

export function emit(part: Part, module: string): Code {
  const { file, names } = part.unit;
  const variables = new Variables(file.display);
  const source = analysedPart(part);
  const effects = effectsOf(source, (variable) => variables.numberOf(variable));
  const mentioned = new Set<Local>();
  const addSite = (offset: number, fn: string, point?: Node): number => {
    const place = { file: file.display, ...file.position(offset), fn, module };
    if (point === undefined) return add_site(place);
    const site = add_site(place, effects.get(point));
    const mentions = mentionsOf(point, names);
    for (const { variable } of mentions) mentioned.add(variable);
    rememberMentions(site, mentions.map(({ variable, property }) => ({ variable: variables.numberOf(variable), property })));
    return site;
  };

  const emission: Emission = { file, edits: new Edits(file.path, file.text), ids: new Ids(names.all) };
  const { edits, ids } = emission;
  const references = new References(emission, part);
  const site = addSite(0, TOP_LEVEL);
  if (file.program.hashbang !== null) edits.blank(file.program.hashbang.start, file.program.hashbang.end);
  const count = isCounted(file) ? new Count(emission) : null;
  runPasses(file.program, [new Instrument(emission, names, source.within, addSite), ...(count === null ? [] : [count]), new Strip(emission), references]);

  const prelude = `${lookOf(names, mentioned, variables, ids)}${references.prelude()}`;
  // A generator is the one function that can be entered, so that its declarations are hoisted, without being run.
  const { code, map } = part.cyclic
    ? edits.finish(`"use strict";return(function*(){${prelude}yield;`, '\n})()')
    : edits.finish(`"use strict";${prelude}`, '');
  registerMap(file.path, map);

  const parameters = [ids.statement, ids.enter, ids.leave, ids.noteThrow, ids.noteCatch, ids.variables, ids.within, ids.increment, ids.decrement, ids.propertyKey, ids.enumMember, ids.math, ids.exports, ...references.namespaces.map(({ id }) => id), ids.thisModule];
  const compiled = (all: readonly string[]): unknown => compileFunction(isDebugged() ? `${code}\n//# sourceMappingURL=${map().toUrl()}` : code, all, { filename: file.path });
  const run = (count === null ? compiled(parameters) : (compiled([ids.counts, ...parameters]) as (counts: Float64Array, ...args: Arguments) => unknown).bind(undefined, count.finish())) as Code['run'];
  return { namespaces: references.namespaces, site, run };
}

/**
 * Lets a report see the variables of the file's top level that are mentioned somewhere, and the kernel take the code
 * away: that costs a function nothing while the code is there.
 */
function lookOf({ top }: Names, mentioned: ReadonlySet<Local>, variables: Variables, ids: Ids): string {
  const cases = [...mentioned].flatMap((local) => (top.get(local.name) === local ? [`case ${variables.numberOf(local)}:return ${local.name};`] : []));
  return `${ids.variables}(${ids.look}=>{switch(${ids.look}){${cases.join('')}}return ${ids.variables}},${ids.look}=>{${ids.enter}=${ids.look}});`;
}

/** A debugger shows the author's text; anyone else is spared the map. */
function isDebugged(): boolean {
  return inspectorUrl() !== undefined;
}
