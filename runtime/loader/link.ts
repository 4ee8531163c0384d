/** The files of a module, from its main file on: who imports what from whom, in order of evaluation. */
import { dirname, join } from 'node:path';
import { near } from './errors.js';
import { type Headers, HEADERS } from './headers.js';
import { isMainFile, type Request } from './imports.js';
import { SourceFile } from './parse.js';
import { noteFile } from './read_files.js';
import { findImport, moduleName, readText, stampOf } from './resolve.js';
import { Unit } from './unit.js';

export type Target =
  | { readonly kind: 'header'; readonly name: string }
  /** A file of the same module. */
  | { readonly kind: 'file'; readonly part: Part }
  /** The main file of another module: what is imported from it are kernel symbols. */
  | { readonly kind: 'module'; readonly module: string; readonly path: string };

/** A file in its module. */
export interface Part {
  readonly unit: Unit;
  readonly targets: Map<Request, Target>;
  /** It imports itself over others, so its functions must be there before its body has run. */
  cyclic: boolean;
}

export interface Graph {
  /** Files in order of evaluation; the main file is the last. */
  readonly parts: readonly Part[];
  /** Every file that was read, with what it looked like. */
  readonly stamps: ReadonlyMap<string, string | null>;
}

export function link(main: SourceFile, headers: Headers): Graph {
  const parts: Part[] = [];
  const known = new Map<string, Part>();
  const stamps = new Map<string, string | null>();
  const chain: Part[] = [];

  const add = (file: SourceFile): Part => {
    const part: Part = { unit: new Unit(file), targets: new Map(), cyclic: false };
    known.set(file.path, part);
    chain.push(part);
    for (const request of part.unit.interface.requests) part.targets.set(request, resolve(part, request));
    chain.pop();
    parts.push(part);
    return part;
  };

  const resolve = ({ unit }: Part, request: Request): Target => {
    const { specifier, offset } = request;
    if (specifier.startsWith(HEADERS)) return header(unit, request, headers);
    if (!/^\.\.?(?:\/|$)/.test(specifier))
      throw unit.file.error(offset, `'${specifier}' cannot be imported: a module imports kernel headers ('${HEADERS}NAME') and its own files ('./NAME.js') only${headers.meant(specifier)}`);

    const path = findImport(unit.path, specifier);
    noteFile(path ?? join(dirname(unit.path), specifier));
    if (path === null) {
      const exists = stampOf(join(dirname(unit.path), specifier)) !== null;
      throw unit.file.error(offset, exists ? `'${specifier}' is not a TypeScript file` : `'${specifier}': no such file`);
    }
    const seen = known.get(path);
    if (seen !== undefined) {
      const from = chain.indexOf(seen);
      if (from >= 0) for (const part of chain.slice(from)) part.cyclic = true;
      return { kind: 'file', part: seen };
    }
    stamps.set(path, stampOf(path));
    const file = new SourceFile(path, readText(path));
    return isMainFile(file.program) ? { kind: 'module', module: moduleName(path), path } : { kind: 'file', part: add(file) };
  };

  add(main);
  for (const part of parts) {
    checkDeclared(part, headers);
    checkExports(part, headers);
  }
  return { parts, stamps };
}

function header(unit: Unit, { specifier, offset, names }: Request, headers: Headers): Target {
  const name = specifier.slice(HEADERS.length).replace(/\.(?:js|ts|h)$/, '');
  if (!headers.has(name)) throw unit.file.error(offset, headers.missing(specifier, name));
  const byDefault = names.find(({ imported }) => imported === 'default');
  if (byDefault !== undefined)
    throw unit.file.error(byDefault.offset, `a header has no default export: write import { ... } from '${HEADERS}${name}'`);
  return { kind: 'header', name };
}

/** What a name of a file's exports leads to; null where it is a type or nothing. */
export function findExport(part: Part, name: string, seen = new Set<Part>()): 'value' | null {
  if (seen.has(part)) return null;
  seen.add(part);
  const { unit, targets } = part;
  for (const { exported, local } of unit.interface.locals) {
    if (exported !== name) continue;
    if (unit.declares(local)) return 'value';
    for (const request of unit.interface.requests) {
      const source = request.names.find((imported) => imported.local === local);
      if (source !== undefined) return through(targets.get(request), source.imported, seen);
    }
    return null;
  }
  for (const { request, imported, exported } of unit.interface.reExports) {
    const found = exported === name ? through(targets.get(request), imported, seen) : null;
    if (found !== null) return found;
  }
  for (const { request, exported } of unit.interface.reExports) {
    const found = exported === '*' && name !== 'default' ? through(targets.get(request), name, seen) : null;
    if (found !== null) return found;
  }
  return null;
}

/** Only a machine knows what another module really exports, and a header's names are looked at where they are imported. */
function through(target: Target | undefined, name: string, seen: Set<Part>): 'value' | null {
  return target?.kind === 'file' && name !== '*' ? findExport(target.part, name, seen) : 'value';
}

/** Every value name that a file exports, `export *` included. */
export function exportNames(part: Part, seen = new Set<Part>()): Set<string> {
  const names = new Set<string>();
  if (seen.has(part)) return names;
  seen.add(part);
  for (const { exported } of part.unit.interface.locals) if (findExport(part, exported) !== null) names.add(exported);
  for (const { request, exported } of part.unit.interface.reExports) {
    const target = part.targets.get(request);
    if (exported !== '*') {
      if (findExport(part, exported) !== null) names.add(exported);
    } else if (target?.kind === 'file') for (const name of exportNames(target.part, seen)) if (name !== 'default') names.add(name);
  }
  return names;
}

/** A name that nothing in a file declares; where the file says that it is declared elsewhere, insmod looks for it. */
function checkDeclared({ unit }: Part, headers: Headers): void {
  for (const { node } of unit.unknown) {
    if (!unit.ambient.has(node.name)) throw unit.file.error(node.start, headers.undeclared(node.name, [...unit.names.top.keys(), ...unit.importedNames()]));
  }
}

function checkExports({ unit, targets }: Part, headers: Headers): void {
  for (const request of unit.interface.requests) {
    const target = targets.get(request);
    if (target?.kind === 'header') {
      const reExported = unit.interface.reExports.filter((reExport) => reExport.request === request && reExport.imported !== '*');
      for (const { name, offset } of [...unit.uses(request), ...reExported.map(({ imported, offset }) => ({ name: imported, offset }))])
        if (!headers.declares(target.name, name)) throw unit.file.error(offset, headers.unknown(target.name, name));
    }
    if (target?.kind === 'module') {
      const whole = request.names.find(({ imported }) => imported === '*' || imported === 'default');
      if (whole !== undefined || unit.interface.reExports.some((reExport) => reExport.request === request))
        throw unit.file.error(whole?.offset ?? request.offset, `'${request.specifier}' is the module ${target.module}: import the symbols that it exports by name`);
    }
    if (target?.kind !== 'file') continue;
    for (const { local, imported, offset } of request.names) {
      const isRead = [...unit.names.imported.values()].some(({ node }) => node.name === local);
      if (imported === '*' || !isRead || findExport(target.part, imported) !== null) continue;
      const suggestions = near(imported, exportNames(target.part)).map((name) => `'${name}'`);
      throw unit.file.error(offset, `'${request.specifier}' has no export '${imported}'${suggestions.length > 0 ? `; did you mean ${suggestions.join(' or ')}?` : ''}`);
    }
  }
}
