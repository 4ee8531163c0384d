/**
 * Preemption points: a call before each statement, at each turn of a loop, at each function's entry and exits.
 *
 * A point stands where the machine may let the outside world in, so no two side effects of different statements may
 * follow each other without one. A loop's points stand in its header where the language allows it: `while (p(), c)`
 * has one before every evaluation of its condition, the first included, and none before the loop.
 */
import { is, isDirective, isErased, isFunction, type FunctionNode, type Node, type NodeOf } from './ast.js';
import { FunctionNames, STATIC_BLOCK, TOP_LEVEL } from './function_names.js';
import type { Emission, Pass } from './pass.js';

/** Gives the place its number. */
export type AddSite = (offset: number, fn: string) => number;

const POINTLESS = new Set<string>([
  // Nothing runs here that is not a statement of its own, or nothing runs at all.
  'BlockStatement', 'EmptyStatement', 'TryStatement', 'FunctionDeclaration', 'ClassDeclaration', 'TSEnumDeclaration',
  'ImportDeclaration', 'ExportAllDeclaration',
  // Their point is in the condition.
  'WhileStatement', 'DoWhileStatement',
]);

export class Instrument implements Pass {
  readonly #emission: Emission;
  readonly #addSite: AddSite;
  readonly #names = new FunctionNames();
  readonly #functions: string[] = [TOP_LEVEL];
  /** Constructors that run code of their own after super(): `this.x = x` for each parameter property. */
  readonly #derived = new Set<Node>();

  constructor(emission: Emission, addSite: AddSite) {
    this.#emission = emission;
    this.#addSite = addSite;
  }

  enter(node: Node, parent: Node): undefined {
    this.#names.enter(node);
    if (is(node, 'ClassDeclaration', 'ClassExpression') && node.superClass !== null) {
      for (const member of node.body.body) if (is(member, 'MethodDefinition') && member.kind === 'constructor') this.#derived.add(member.value);
    }
    if (isFunction(parent) && node === parent.body) this.#openFunction(node, parent);
    else this.#openStatement(node, parent);

    if (isFunction(node)) this.#functions.push(this.#names.nameOf(node));
    else if (is(node, 'StaticBlock')) this.#functions.push(STATIC_BLOCK);
    else if (is(node, 'ForStatement') && node.update === null) this.#emission.edits.insert(this.#updateOffset(node), this.#call(node.test ?? node));
  }

  exit(node: Node, parent: Node): void {
    const { edits } = this.#emission;
    if (isFunction(node) || is(node, 'StaticBlock')) this.#functions.pop();
    if (isFunction(parent) && node === parent.body) this.#closeFunction(node, parent);
    else if (isBody(node, parent) && !is(node, 'BlockStatement')) edits.insert(node.end, '}');
  }

  /** A call of the point, as an expression. */
  #call(node: Node): string {
    return `${this.#emission.ids.statement}(${this.#addSite(node.start, this.#functions.at(-1)!)})`;
  }

  #openStatement(node: Node, parent: Node): void {
    const { edits } = this.#emission;
    if (isBody(node, parent)) {
      const turn = is(parent, 'ForOfStatement', 'ForInStatement') ? `${this.#call(parent.left)};` : '';
      if (is(node, 'BlockStatement')) edits.insert(node.start + 1, turn);
      else edits.insert(node.start, `{${turn}${this.#pointBefore(node)}`);
    } else if (isListed(node, parent)) edits.insert(node.start, this.#pointBefore(node));
    else if (is(parent, 'WhileStatement') && node === parent.test) edits.insert(node.start, `${this.#call(parent)},`);
    else if (is(parent, 'DoWhileStatement') && node === parent.test) edits.insert(node.start, `${this.#call(node)},`);
    else if (is(parent, 'ForStatement') && node === parent.update) edits.insert(node.start, `${this.#call(node)},`);
  }

  #pointBefore(statement: Node): string {
    let inner = statement;
    while (is(inner, 'LabeledStatement')) inner = inner.body;
    if (POINTLESS.has(inner.type) || isDirective(inner) || isErased(inner)) return '';
    if (is(inner, 'ExportNamedDeclaration') && !is(inner.declaration, 'VariableDeclaration')) return '';
    if (is(inner, 'ExportDefaultDeclaration') && is(inner.declaration, 'FunctionDeclaration', 'ClassDeclaration')) return '';
    return `${this.#call(inner)};`;
  }

  /** Where the update would stand in `for (init; test; )`. */
  #updateOffset({ start, init, test }: NodeOf<'ForStatement'>): number {
    const { file } = this.#emission;
    const first = file.find(';', init?.end ?? start);
    return file.find(';', test?.end ?? first + 1) + 1;
  }

  #openFunction(body: Node, fn: FunctionNode): void {
    const { edits, ids } = this.#emission;
    const entry = `${ids.enter}(${this.#addSite(fn.start, this.#functions.at(-1)!)});try{`;
    if (!is(body, 'BlockStatement')) {
      edits.insert(body.start, `{${entry}${this.#call(body)};return `);
      return;
    }
    const directive = body.body.findLast(isDirective);
    const assignments = parameterProperties(fn);
    const at = directive?.end ?? body.start + 1;
    const separator = directive === undefined ? '' : ';';
    if (assignments === '' || !this.#derived.has(fn)) edits.insert(at, separator + entry + assignments);
    else {
      const call = body.body.find(isSuperCall);
      if (call === undefined) throw this.#emission.file.error(fn.start, 'a constructor with parameter properties needs super() as a statement of its own');
      edits.insert(at, separator + entry);
      // Before anything that follows; the statement may lack its semicolon.
      edits.insert(call.end, `;${assignments}`);
    }
  }

  #closeFunction(body: Node, fn: FunctionNode): void {
    const { edits, ids } = this.#emission;
    const close = `}catch(${ids.caught}){throw ${ids.noteThrow}(${ids.caught})}finally{${ids.leave}()}`;
    if (is(body, 'BlockStatement')) edits.insert(body.end - 1, close);
    else edits.insert(fn.end, `${close}}`);
  }
}

/** Whether a node is one of a list of statements. */
function isListed(node: Node, parent: Node): boolean {
  if (is(parent, 'SwitchCase')) return node !== parent.test;
  return is(parent, 'Program', 'BlockStatement', 'StaticBlock');
}

/** Whether a node is the statement that a loop or a condition governs. */
function isBody(node: Node, parent: Node): boolean {
  if (is(parent, 'IfStatement')) return node !== parent.test;
  return is(parent, 'ForStatement', 'ForInStatement', 'ForOfStatement', 'WhileStatement', 'DoWhileStatement') && node === parent.body;
}

/** `constructor(private x: number)` declares a field and fills it. */
function parameterProperties(fn: FunctionNode): string {
  let assignments = '';
  for (const parameter of fn.params) {
    if (!is(parameter, 'TSParameterProperty')) continue;
    const inner = is(parameter.parameter, 'AssignmentPattern') ? parameter.parameter.left : parameter.parameter;
    if (is(inner, 'Identifier')) assignments += `this.${inner.name}=${inner.name};`;
  }
  return assignments;
}

function isSuperCall(node: Node): boolean {
  return is(node, 'ExpressionStatement') && is(node.expression, 'CallExpression') && is(node.expression.callee, 'Super');
}
