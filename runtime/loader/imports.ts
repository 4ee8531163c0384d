/** What a file asks of others and what it gives them: its import and export declarations as data. */
import { is, isErased, nameOf, type Node, type NodeOf } from './ast.js';

export interface ImportedName {
  readonly local: string;
  /** `*` for the namespace. */
  readonly imported: string;
  readonly offset: number;
}

/** One `from '...'` of a file. */
export interface Request {
  readonly specifier: string;
  readonly offset: number;
  readonly names: readonly ImportedName[];
}

/** `export { imported as exported } from '...'`; `*` as for imports, and `export *` exports as `*`. */
export interface ReExport {
  readonly request: Request;
  readonly imported: string;
  readonly exported: string;
  readonly offset: number;
}

export interface LocalExport {
  readonly exported: string;
  readonly local: string;
  readonly offset: number;
}

export interface Interface {
  readonly requests: readonly Request[];
  readonly locals: readonly LocalExport[];
  readonly reExports: readonly ReExport[];
}

/** What the value of a nameless `export default` is called in the file; the emitter prefixes it. */
export const DEFAULT = '*default*';

export function readInterface(program: NodeOf<'Program'>): Interface {
  const requests: Request[] = [];
  const locals: LocalExport[] = [];
  const reExports: ReExport[] = [];
  const local = (name: string, offset: number, exported = name): void => {
    locals.push({ exported, local: name, offset });
  };

  for (const node of program.body) {
    if (isErased(node)) continue;
    if (is(node, 'ImportDeclaration')) {
      const names: ImportedName[] = [];
      for (const specifier of node.specifiers) {
        if (is(specifier, 'ImportSpecifier')) {
          if (specifier.importKind !== 'type') names.push({ local: specifier.local.name, imported: nameOf(specifier.imported) ?? '', offset: specifier.start });
        } else names.push({ local: specifier.local.name, imported: is(specifier, 'ImportDefaultSpecifier') ? 'default' : '*', offset: specifier.start });
      }
      // `import { type A } from` vanishes with its names; `import 'x'` has none to begin with.
      if (names.length > 0 || node.specifiers.length === 0) requests.push({ specifier: node.source.value, offset: node.source.start, names });
    } else if (is(node, 'ExportAllDeclaration')) {
      const request = { specifier: node.source.value, offset: node.source.start, names: [] };
      requests.push(request);
      reExports.push({ request, imported: '*', exported: node.exported === null ? '*' : nameOf(node.exported) ?? '', offset: node.start });
    } else if (is(node, 'ExportDefaultDeclaration')) {
      const { declaration } = node;
      const id = is(declaration, 'FunctionDeclaration', 'ClassDeclaration') ? declaration.id : null;
      local(id?.name ?? DEFAULT, node.start, 'default');
    } else if (is(node, 'ExportNamedDeclaration')) {
      if (node.declaration !== null) for (const { name, offset } of declared(node.declaration)) local(name, offset);
      const specifiers = node.specifiers.filter(({ exportKind }) => exportKind !== 'type');
      if (node.source === null) {
        for (const specifier of specifiers) local(nameOf(specifier.local) ?? '', specifier.start, nameOf(specifier.exported) ?? '');
      } else if (specifiers.length > 0 || node.specifiers.length === 0) {
        const request = { specifier: node.source.value, offset: node.source.start, names: [] };
        requests.push(request);
        for (const specifier of specifiers)
          reExports.push({ request, imported: nameOf(specifier.local) ?? '', exported: nameOf(specifier.exported) ?? '', offset: specifier.start });
      }
    }
  }
  return { requests, locals, reExports };
}

interface Declared {
  readonly name: string;
  readonly offset: number;
}

function declared(declaration: NonNullable<NodeOf<'ExportNamedDeclaration'>['declaration']>): Declared[] {
  if (is(declaration, 'VariableDeclaration')) return declaration.declarations.flatMap(({ id }) => boundNames(id));
  if (is(declaration, 'FunctionDeclaration', 'ClassDeclaration', 'TSEnumDeclaration') && declaration.id !== null)
    return [{ name: declaration.id.name, offset: declaration.id.start }];
  return [];
}

function boundNames(pattern: Node): Declared[] {
  if (is(pattern, 'Identifier')) return [{ name: pattern.name, offset: pattern.start }];
  if (is(pattern, 'AssignmentPattern')) return boundNames(pattern.left);
  if (is(pattern, 'RestElement')) return boundNames(pattern.argument);
  if (is(pattern, 'ArrayPattern')) return pattern.elements.flatMap((element) => (element === null ? [] : boundNames(element)));
  if (!is(pattern, 'ObjectPattern')) return [];
  return pattern.properties.flatMap((property) => boundNames(is(property, 'RestElement') ? property : property.value));
}

/** What a file's top level says to be declared somewhere else: `declare function f(): void`. */
export function ambientNames(program: NodeOf<'Program'>): Set<string> {
  const names = new Set<string>();
  for (const node of program.body) {
    const declaration = is(node, 'ExportNamedDeclaration') && node.declaration !== null ? node.declaration : node;
    if (is(declaration, 'VariableDeclaration') && declaration.declare) for (const { id } of declaration.declarations) for (const { name } of boundNames(id)) names.add(name);
    if (is(declaration, 'TSDeclareFunction') && declaration.id !== null) names.add(declaration.id.name);
    if (is(declaration, 'ClassDeclaration', 'TSEnumDeclaration') && declaration.declare && declaration.id !== null) names.add(declaration.id.name);
  }
  return names;
}

/** Whether the file declares itself a module: `MODULE_LICENSE(...)` at its top level. */
export function isMainFile(program: NodeOf<'Program'>): boolean {
  return program.body.some((statement) => {
    if (!is(statement, 'ExpressionStatement') || !is(statement.expression, 'CallExpression')) return false;
    const { callee } = statement.expression;
    return nameOf(is(callee, 'MemberExpression') ? callee.property : callee) === 'MODULE_LICENSE';
  });
}
