/**
 * What a statement speaks of that others may have changed: a variable that a function inside the one that declares it
 * uses, too, where it is written after its declaration; and a property of what is in one that need not be.
 */
import { eachChild, handlerOf, is, isErased, isFunction, nameOf, unwrap, type Node, type Table } from './ast.js';
import type { Local, Names } from './scope.js';
import type { Mention } from './source_mentions.js';

/** What is evaluated at the point of a statement that has others in it. */
const HEADS: Table<[], readonly (Node | null)[]> = {
  IfStatement: ({ test }) => [test],
  WhileStatement: ({ test }) => [test],
  ForStatement: ({ init, test }) => [init, test],
  ForInStatement: ({ left, right }) => [left, right],
  ForOfStatement: ({ left, right }) => [left, right],
  SwitchStatement: ({ discriminant, cases }) => [discriminant, ...cases.map(({ test }) => test)],
};

/** Those of a statement or an expression that has a point, each once, in the order of the text. */
export function mentionsOf(point: Node, { locals }: Names): readonly Mention<Local>[] {
  const mentions: Mention<Local>[] = [];
  const add = (variable: Local, property: string | null): void => {
    if (!mentions.some((known) => known.variable === variable && known.property === property)) mentions.push({ variable, property });
  };
  const visit = (node: Node): void => {
    if (isErased(node) || isFunction(node) || is(node, 'ClassDeclaration', 'ClassExpression')) return;
    const member = memberOf(node, locals);
    if (member !== null) {
      if (member.variable.captured) add(member.variable, member.property);
      return;
    }
    const local = locals.get(node);
    if (local !== undefined) {
      if (local.captured && local.written) add(local, null);
      return;
    }
    eachChild(node, visit);
  };
  for (const head of handlerOf(HEADS, point)?.(point) ?? [point]) if (head !== null) visit(head);
  return mentions;
}

/** `variable.property`, or null. */
function memberOf(node: Node, locals: ReadonlyMap<Node, Local>): Mention<Local> & { property: string } | null {
  if (!is(node, 'MemberExpression') || node.computed) return null;
  const variable = locals.get(unwrap(node.object));
  // A member of an enum is a number that everybody knows.
  if (is(variable?.init, 'TSEnumDeclaration')) return null;
  const property = nameOf(node.property);
  return variable === undefined || property === null ? null : { variable, property };
}
