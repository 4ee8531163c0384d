/** A test file with preemption points: the loader's pass, on a file that stays a module of the host's. */
import { analysed } from '../loader/analysed.js';
import type { Node, NodeOf } from '../loader/ast.js';
import { Edits } from '../loader/edits.js';
import { effectsOf } from '../loader/effects.js';
import { readInterface } from '../loader/imports.js';
import { hasPoints, Instrument } from '../loader/instrument.js';
import { HEADERS } from '../loader/headers.js';
import { SourceFile } from '../loader/parse.js';
import { Ids, runPasses } from '../loader/pass.js';
import { resolveNames } from '../loader/scope.js';
import { Looks } from './looks.js';
import { type Position, shortened } from './positions.js';

/** Only calls are inserted, and no line is moved: types, imports and exports stay. Errors: LoadError. */
export function instrumentTestFile(path: string, text: string): { code: string; map: string } {
  // Elsewhere `<T>x` is a type assertion.
  const file = new SourceFile(path, text, /\.[cm]?[jt]sx$/.test(path) ? 'tsx' : 'ts');
  const edits = new Edits(path, file.text);
  // More dollar signs in a row than the author uses anywhere.
  const ids = new Ids(new Set(file.text.match(/\$+/g)));
  const emission = { file, edits, ids };
  const names = resolveNames(file.program);
  const looks = new Looks(emission, names);
  const source = analysed({ program: file.program, names, ...interfaceOf(file.program), hasPoints: (fn) => hasPoints(fn, 'host'), live: new Set(), layouts: null });
  const effects = effectsOf(source, looks.numberOf);
  const positions: Position[] = [];
  const addSite = (offset: number, fn: string, point?: Node): number => {
    const { line, column } = file.position(offset);
    const does = point === undefined ? undefined : effects.get(point);
    if (point === undefined || does === undefined) return positions.push([line, column, fn]) - 1;
    const mentions = looks.mentions(point);
    return positions.push(mentions.length === 0 ? [line, column, fn, shortened(does)] : [line, column, fn, shortened(does), mentions]) - 1;
  };
  const { hashbang } = file.program;
  if (hashbang !== null) edits.blank(hashbang.start, hashbang.end);
  runPasses(file.program, [new Instrument(emission, names, source.within, addSite, 'host'), looks]);

  // Functions are there from the beginning: what vitest hoists above the imports, a mock's factory, runs before them.
  const { statement, within, increment, decrement, propertyKey, enter, leave, noteThrow, noteCatch, caught, variables, look } = ids;
  const [make, made] = [ids.fresh('points'), ids.fresh('made')];
  const head =
    `import{points as ${make}}from'ringzero/vitest/points';` +
    `var ${made}=${make}(${JSON.stringify(file.display)},${JSON.stringify(file.text)},${JSON.stringify(positions)},${JSON.stringify(looks.variables)});` +
    `function ${statement}(n){${made}?.statement(n)}function ${within}(v){return ${made}===undefined?v:${made}.within(v)}` +
    `function ${increment}(v){return ${made}===undefined?++v:${made}.increment(v)}function ${decrement}(v){return ${made}===undefined?--v:${made}.decrement(v)}` +
    `function ${propertyKey}(k,o){return ${made}===undefined?k:${made}.propertyKey(k,o)}` +
    `function ${enter}(n){${made}?.enter(n)}function ${leave}(){${made}?.leave()}` +
    `function ${noteThrow}(${caught}){${made}?.note_throw(${caught});return ${caught}}function ${noteCatch}(${caught}){${made}?.note_catch(${caught})}function ${variables}(n,${look}){${made}?.variables(n,${look})}` +
    looks.ofFile;
  // Comments at the top stay there: some are for who compiles the file, of JSX for one.
  edits.insert(file.program.body[0]?.start ?? 0, head);
  const { code, map } = edits.finish('', '');
  return { code, map: map().toString() };
}

/** What others see of the file, and what it has of kernel headers. */
function interfaceOf(program: NodeOf<'Program'>): { exported: ReadonlySet<string>; headerNames: ReadonlyMap<string, string> } {
  const { requests, locals } = readInterface(program);
  const headers = requests.filter(({ specifier }) => specifier.startsWith(HEADERS));
  return { exported: new Set(locals.map(({ local }) => local)), headerNames: new Map(headers.flatMap(({ names }) => names.map(({ local, imported }) => [local, imported]))) };
}
