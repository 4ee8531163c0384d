/** The JavaScript that kernel code cannot be written in: what waits, what is generated, what escapes the file. */
import { eachChild, handlerOf, is, isErased, type FunctionNode, type Node, type NodeOf, type Table } from './ast.js';
import { hostNameError, MATH_RANDOM, PURE, SYNCHRONOUS } from './globals.js';
import type { SourceFile } from './parse.js';
import type { Names, Reference } from './scope.js';

const GENERATORS = `generators are not available: a frame that is left and re-entered has no place on a kernel stack`;

function functionRule(node: FunctionNode): string | null {
  if (node.async) return `async functions are not available: ${SYNCHRONOUS}`;
  return node.generator ? GENERATORS : null;
}

function always(reason: string): () => string {
  return () => reason;
}

function decorated(node: NodeOf<'ClassDeclaration'> | NodeOf<'MethodDefinition'> | NodeOf<'PropertyDefinition'>): string | null {
  return node.decorators.length > 0 ? 'decorators are not supported' : null;
}

/** The reason why a node cannot stand in a module, if there is one. */
const BANNED: Table<[], string | null> = {
  FunctionDeclaration: functionRule,
  FunctionExpression: functionRule,
  ArrowFunctionExpression: functionRule,
  AwaitExpression: always(`await is not available: ${SYNCHRONOUS}`),
  ForOfStatement: (node) => (node.await ? `for await is not available: ${SYNCHRONOUS}` : null),
  YieldExpression: always(GENERATORS),
  ImportExpression: always('import() is not available: a module includes its headers at the top of the file'),
  MetaProperty: (node) => (node.meta.name === 'import' ? 'import.meta is not available: a module in the kernel has no file' : null),
  WithStatement: always('with is not available'),
  VariableDeclaration: (node) => (node.kind === 'using' || node.kind === 'await using' ? '\'using\' is not supported: release what you took in a finally block' : null),
  AccessorProperty: always('\'accessor\' fields are not supported: write a getter and a setter'),
  ClassDeclaration: decorated,
  ClassExpression: decorated,
  MethodDefinition: decorated,
  PropertyDefinition: decorated,
  JSXElement: always('JSX is not supported'),
  JSXFragment: always('JSX is not supported'),
};

/** TypeScript that stands for code, but not for code of a module. */
const BANNED_TYPESCRIPT: Table<[], string | null> = {
  TSModuleDeclaration: (node) => (node.declare ? null : 'namespaces are not supported: a file is a namespace already'),
  TSImportEqualsDeclaration: (node) => (node.importKind === 'type' ? null : 'import = is not supported: write import { ... } from'),
  TSExportAssignment: always('export = is not supported: write export { ... }'),
};

export function checkSyntax(file: SourceFile): void {
  const check = (node: Node): void => {
    const reason = handlerOf(BANNED, node)?.(node) ?? handlerOf(BANNED_TYPESCRIPT, node)?.(node) ?? null;
    if (reason !== null) throw file.error(node.start, reason);
    if (!isErased(node)) eachChild(node, check);
  };
  check(file.program);
}

/** Refuses what the names of a file must not be used for, and returns its unknown symbols. */
export function checkNames(file: SourceFile, names: Names): Reference[] {
  for (const { node, writes } of names.imported.values())
    if (writes) throw file.error(node.start, `'${node.name}' is imported, and an import cannot be assigned to`);

  const unknown: Reference[] = [];
  for (const reference of names.free) {
    const { node, parent, writes } = reference;
    const reason = hostNameError(node.name);
    if (!PURE.has(node.name)) {
      if (reason !== null) throw file.error(node.start, reason);
      unknown.push(reference);
    } else if (writes) throw file.error(node.start, `'${node.name}' is shared by all modules and cannot be assigned to`);
    else if (node.name === 'Math' && isMember(parent, node, 'random')) throw file.error(node.start, MATH_RANDOM);
  }
  return unknown;
}

function isMember(parent: Node, object: Node, name: string): boolean {
  if (!is(parent, 'MemberExpression') || parent.object !== object) return false;
  return parent.computed ? is(parent.property, 'Literal') && parent.property.value === name : is(parent.property, 'Identifier') && parent.property.name === name;
}
