/** A module, compiled: the code that machines share. Each instantiation has state of its own. */
import type { ModuleEnv, ModuleImage, ModuleRuntime } from '../../kernel/arch/module_image.js';
import { checksumText } from '../choice/log.js';
import { emit, type Arguments, type Code } from './emit.js';
import { LoadError, UnknownSymbol } from './errors.js';
import { kernelMath } from './globals.js';
import { exportNames, type Graph, type Part, type Target } from './link.js';
import { propertyKey } from './property_key.js';

/** Another module whose symbols this one imports. */
export interface Dependency {
  readonly module: string;
  /** Absolute path of its main file. */
  readonly path: string;
  readonly symbols: readonly string[];
}

/** A name that nothing provides, on any machine, and where it is first used. */
export interface Unresolved {
  readonly symbol: string;
  readonly file: string;
  readonly line: number;
}

const DECLARES = /^(module_|MODULE_|EXPORT_SYMBOL)/;

type Scope = Record<string, unknown>;

interface Compiled {
  readonly part: Part;
  readonly code: Code;
}

/** A module of one file that uses headers only, with all that it is given but itself: the same for every machine. */
interface Prepared {
  readonly runtime: ModuleRuntime;
  readonly headers: ModuleEnv['headers'];
  readonly run: (thisModule: unknown) => void;
}

export class Image implements ModuleImage {
  readonly name: string;
  /** Absolute path of the main file. */
  readonly path: string;
  /** Absolute paths of all files, in order of evaluation. */
  readonly files: readonly string[];
  readonly dependencies: readonly Dependency[];
  readonly unresolved: readonly Unresolved[];
  /** What its main file exports to other files, by name. */
  readonly fileExports: readonly string[];
  /** It calls one of the macros of ringzero/linux/module that make a module of a file. */
  readonly declaresModule: boolean;
  readonly #compiled: readonly Compiled[];
  readonly #isAlone: boolean;
  #prepared: Prepared | null = null;
  #checksum: number | null = null;

  constructor(name: string, path: string, { parts }: Graph) {
    this.name = name;
    this.path = path;
    this.files = parts.map(({ unit }) => unit.path);
    this.#compiled = parts.map((part) => ({ part, code: compile(part, name) }));
    this.dependencies = [...symbolsOf(this.#compiled)].map(([{ module, path }, symbols]) => ({ module, path, symbols }));
    this.unresolved = unresolvedOf(parts);
    this.fileExports = [...exportNames(parts.at(-1)!)];
    this.declaresModule = this.#compiled.some(({ code }) => code.namespaces.some(({ target, needs }) => isKind(target, 'header') && target.name === 'module' && needs.some((name) => DECLARES.test(name))));
    this.#isAlone = parts.length === 1 && !parts[0]!.cyclic && parts[0]!.unit.interface.reExports.length === 0 && [...parts[0]!.targets.values()].every(({ kind }) => kind === 'header');
  }

  /** Of the name and the texts of all files: the same for whoever has the same module, wherever it lies. */
  get checksum(): number {
    return (this.#checksum ??= checksumText([this.name, ...this.#compiled.map(({ part }) => part.unit.file.text)].join('\0')));
  }

  /** Runs the top level of the module's files. Throws UnknownSymbol, before anything has run, where a name has no value. */
  instantiate(env: ModuleEnv): void {
    const missing = this.unresolved[0];
    if (missing !== undefined) throw new UnknownSymbol(missing.symbol);

    if (this.#isAlone) {
      const { run } = this.#prepare(env);
      const { enter, leave, note_throw } = env.runtime;
      enter(this.#compiled[0]!.code.site);
      try {
        run(env.thisModule);
      } catch (error) {
        throw note_throw(error);
      } finally {
        leave();
      }
      return;
    }

    const scopes = new Map<Part, Scope>();
    for (const { part } of this.#compiled) scopes.set(part, emptyScope());
    const frames = this.#compiled.map(({ part, code }) => ({
      code,
      part,
      args: argumentsFor(env, scopes.get(part)!, code.namespaces.map(({ target, needs }) => namespaceOf(env, scopes, target, needs))),
    }));
    for (const { part } of this.#compiled) defineReExports(env, scopes, part);

    // Functions of files in a cycle are there before any file runs.
    const bodies = new Map<Part, Iterator<undefined>>();
    for (const { part, code: { run }, args } of frames) {
      if (!part.cyclic) continue;
      const body = run(...args);
      if (body === undefined) continue;
      body.next();
      bodies.set(part, body);
    }
    for (const { part, code: { site, run }, args } of frames) {
      runTopLevel(env, site, () => {
        const body = bodies.get(part);
        // Not as a method: a trace would name the object.
        if (body === undefined) run(...args);
        else body.next();
      });
    }
  }

  #prepare({ runtime, headers }: ModuleEnv): Prepared {
    const known = this.#prepared;
    if (known !== null && known.runtime === runtime && known.headers === headers) return known;
    const { namespaces, run } = this.#compiled[0]!.code;
    const { statement, enter, leave, note_throw, note_catch, variables, within, increment, decrement } = runtime;
    const includes = namespaces.map(({ target }) => headerOf(headers, isKind(target, 'header') ? target.name : ''));
    return (this.#prepared = { runtime, headers, run: run.bind(undefined, statement, enter, leave, note_throw, note_catch, variables, within, increment, decrement, propertyKey, enumMember, kernelMath, exportNothing, ...includes) as Prepared['run'] });
  }
}

/** Nobody imports from the only file of a module. */
function exportNothing(): void {
  // A kernel symbol goes by EXPORT_SYMBOL().
}

/** The top level of a file is a function of the module, too. */
function runTopLevel({ runtime }: ModuleEnv, site: number, body: () => void): void {
  runtime.enter(site);
  try {
    body();
  } catch (error) {
    throw runtime.note_throw(error);
  } finally {
    runtime.leave();
  }
}

function compile(part: Part, module: string): Code {
  try {
    return emit(part, module);
  } catch (error) {
    // V8 knows rules that the parser does not check. Its position is one of the emitted code, but lines are the same.
    if (!(error instanceof SyntaxError)) throw error;
    const { file } = part.unit;
    const line = Number(/:(\d+)\n/.exec(error.stack ?? '')?.[1] ?? 1);
    const source = file.text.split(/\r\n|[\n\r\u2028\u2029]/)[line - 1] ?? '';
    throw new LoadError(error.message, { file: file.display, line, column: source.search(/\S|$/) + 1, source });
  }
}

function argumentsFor({ runtime, thisModule }: ModuleEnv, scope: Scope, namespaces: object[]): Arguments {
  const define = (getters: Readonly<Record<string, () => unknown>>): void => {
    for (const [name, get] of Object.entries(getters)) Object.defineProperty(scope, name, { get, enumerable: true, configurable: true });
  };
  const { statement, enter, leave, note_throw, note_catch, variables, within, increment, decrement } = runtime;
  return [statement, enter, leave, note_throw, note_catch, variables, within, increment, decrement, propertyKey, enumMember, kernelMath, define, ...namespaces, thisModule];
}

function enumMember(object: Record<string, unknown>, key: string, value: unknown): void {
  object[key] = value;
  if (typeof value === 'number') object[String(value)] = key;
}

/** Has no names but those that are put there. */
function emptyScope(): Scope {
  return Object.create(null) as Scope;
}

function headerOf(headers: ModuleEnv['headers'], header: string): object {
  return headers(header) ?? {};
}

function namespaceOf(env: ModuleEnv, scopes: ReadonlyMap<Part, Scope>, target: Target, needs: readonly string[]): object {
  switch (target.kind) {
    case 'file':
      return scopes.get(target.part)!;
    case 'header':
      return headerOf(env.headers, target.name);
    case 'module': {
      const symbols = emptyScope();
      for (const name of needs) {
        const value = env.resolveSymbol(name);
        if (value === undefined) throw new UnknownSymbol(name);
        symbols[name] = value;
      }
      return symbols;
    }
  }
}

/** `export ... from`: the file's scope reads through to the other's. */
function defineReExports(env: ModuleEnv, scopes: ReadonlyMap<Part, Scope>, part: Part): void {
  const scope = scopes.get(part)!;
  for (const { request, imported, exported } of part.unit.interface.reExports) {
    const target = part.targets.get(request)!;
    const source = namespaceOf(env, scopes, target, []) as Scope;
    const define = (name: string, get: () => unknown): void => {
      if (!(name in scope)) Object.defineProperty(scope, name, { get, enumerable: true, configurable: true });
    };
    if (exported !== '*') define(exported, imported === '*' ? () => source : () => source[imported]);
    else for (const name of target.kind === 'file' ? exportNames(target.part) : Object.keys(source)) if (name !== 'default') define(name, () => source[name]);
  }
}

/** What all files together use of each other module. */
function symbolsOf(compiled: readonly Compiled[]): Map<Target & { kind: 'module' }, string[]> {
  const found = new Map<string, [target: Target & { kind: 'module' }, symbols: Set<string>]>();
  for (const { code } of compiled) {
    for (const { target, needs } of code.namespaces) {
      if (!isKind(target, 'module') || needs.length === 0) continue;
      const entry = found.get(target.path) ?? [target, new Set()];
      for (const name of needs) entry[1].add(name);
      found.set(target.path, entry);
    }
  }
  return new Map([...found.values()].map(([target, symbols]) => [target, [...symbols]]));
}

function isKind<K extends Target['kind']>(target: Target, kind: K): target is Target & { kind: K } {
  return target.kind === kind;
}

/** Each name once, as insmod complains of it once. */
function unresolvedOf(parts: readonly Part[]): Unresolved[] {
  const found = new Map<string, Unresolved>();
  for (const { unit: { file, unknown } } of parts) {
    for (const { node } of unknown) {
      if (!found.has(node.name)) found.set(node.name, { symbol: node.name, file: file.display, line: file.position(node.start).line });
    }
  }
  return [...found.values()];
}
