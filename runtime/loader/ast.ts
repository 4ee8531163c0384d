/** The syntax tree as oxc-parser gives it, and the one way to walk it. */
import { visitorKeys, type Node } from 'oxc-parser';

export type { Node };

/** The nodes that carry the type name K; some of oxc's interfaces share one name, some have several. */
export type NodeOf<K extends string> = Node extends infer N ? (N extends { type: infer T } ? (K extends T ? N : never) : never) : never;

export type FunctionNode = NodeOf<'FunctionDeclaration'> | NodeOf<'ArrowFunctionExpression'>;
export type Identifier = NodeOf<'Identifier'>;

/** One handler a node type. */
export type Table<Context extends unknown[], Result = void> = {
  readonly [K in Node['type']]?: (node: NodeOf<K>, ...context: Context) => Result;
};

/** The handler for a node. The cast is sound because a table's keys are the types that its handlers take. */
export function handlerOf<Context extends unknown[], Result>(
  table: Table<Context, Result>,
  node: Node,
): ((node: Node, ...context: Context) => Result) | undefined {
  return table[node.type] as ((node: Node, ...context: Context) => Result) | undefined;
}

export function is<K extends Node['type']>(node: Node | null | undefined, ...types: K[]): node is NodeOf<K> {
  return node !== null && node !== undefined && (types as string[]).includes(node.type);
}

export function isFunction(node: Node | null | undefined): node is FunctionNode {
  return is(node, 'FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression');
}

/** Calls `visit` for each child, in source order. */
export function eachChild(node: Node, visit: (child: Node) => void): void {
  const fields = node as unknown as Record<string, Node | (Node | null)[] | null | undefined>;
  for (const key of visitorKeys[node.type] ?? []) {
    // `{ a }` is one name in the text though it is a key and a value in the tree.
    if (key === 'key' && node.type === 'Property' && node.shorthand) continue;
    const child = fields[key];
    if (child === null || child === undefined) continue;
    if (!Array.isArray(child)) visit(child);
    else for (const item of child) if (item !== null) visit(item);
  }
}

/** Types are syntax without a run-time meaning. These are the exceptions: TypeScript's nodes that hold code. */
const CODE = new Set<string>([
  'TSAsExpression', 'TSSatisfiesExpression', 'TSTypeAssertion', 'TSNonNullExpression', 'TSInstantiationExpression',
  'TSParameterProperty', 'TSEnumDeclaration', 'TSEnumBody', 'TSEnumMember',
]);

/** Whether a node says something to the type checker only. */
export function isErased(node: Node): boolean {
  if (node.type.startsWith('TS')) return !CODE.has(node.type) || (node.type === 'TSEnumDeclaration' && node.declare);
  if (is(node, 'VariableDeclaration', 'ClassDeclaration', 'PropertyDefinition')) return node.declare === true;
  if (is(node, 'MethodDefinition')) return node.value.type === 'TSEmptyBodyFunctionExpression';
  if (is(node, 'ImportDeclaration')) return node.importKind === 'type';
  if (is(node, 'ExportAllDeclaration')) return node.exportKind === 'type';
  if (is(node, 'ExportNamedDeclaration')) return node.exportKind === 'type' || (node.declaration !== null && isErased(node.declaration));
  if (is(node, 'ExportDefaultDeclaration')) return isErased(node.declaration);
  return false;
}

/** The expression inside parentheses and type annotations, which leave no trace in its value. */
export function unwrap(node: Node): Node {
  let inner = node;
  while (is(inner, 'ParenthesizedExpression', 'TSAsExpression', 'TSSatisfiesExpression', 'TSTypeAssertion', 'TSNonNullExpression', 'TSInstantiationExpression'))
    inner = inner.expression;
  return inner;
}

/** The text of a name or a string that stands for a name. */
export function nameOf(node: Node): string | null {
  if (is(node, 'Identifier', 'PrivateIdentifier')) return node.name;
  if (is(node, 'Literal')) return String(node.value);
  if (is(node, 'TemplateLiteral') && node.expressions.length === 0) return node.quasis[0]?.value.cooked ?? null;
  return null;
}

/** The leading `'use strict'` and the like of a function's body. */
export function isDirective(node: Node): boolean {
  return node.type === 'ExpressionStatement' && typeof node.directive === 'string';
}

/** Where a function's code begins, behind its directives. */
export function bodyStart(body: NodeOf<'BlockStatement'>): number {
  return body.body.findLast(isDirective)?.end ?? body.start + 1;
}

/** The statement `super(...)` of a constructor's own, not inside another. */
export function superCall({ body }: FunctionNode): Node | undefined {
  const isSuperCall = (node: Node): boolean => is(node, 'ExpressionStatement') && is(node.expression, 'CallExpression') && is(node.expression.callee, 'Super');
  return is(body, 'BlockStatement') ? body.body.find(isSuperCall) : undefined;
}
