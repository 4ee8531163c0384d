/**
 * Preemption points: a call before each statement, at each turn of a loop, at each function's entry and exits; and those
 * within a statement (points_within.ts).
 *
 * A point stands where the machine may let the outside world in, so no two side effects of different statements may
 * follow each other without one. A loop's points stand in its header where the language allows it: `while (p(), c)`
 * has one before every evaluation of its condition, the first included, and none before the loop.
 *
 * What stops a task is not to be caught: a catch clause asks first whether its error is an exception at all, and a
 * finally block has a clause before it that asks.
 *
 * A function that can be left and entered again, an async one or a generator, has no place on a kernel stack, and no
 * points: its exits could not be told from its pauses. Functions inside it have theirs.
 */
import { bodyStart, is, isDirective, isErased, isFunction, superCall, type FunctionNode, type Node, type NodeOf } from './ast.js';
import { FunctionNames, STATIC_BLOCK, TOP_LEVEL } from './function_names.js';
import type { Emission, Pass } from './pass.js';
import type { PointsWithin } from './points_within.js';
import type { Names } from './scope.js';
import { Split } from './split.js';

/** Gives the place its number. `point`: the node that the point stands before, where the place is one. */
export type AddSite = (offset: number, fn: string, point?: Node) => number;

/** Whose the file is: all of a module's runs in a machine, and nothing compiles it further; the host's own is neither. */
export type Owner = 'module' | 'host';

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
  readonly #owner: Owner;
  readonly #names = new FunctionNames();
  readonly #split: Split;
  /** The functions around a node, by name; null for one whose statements have no points. */
  readonly #functions: (string | null)[];
  /** Statements after which the points of a constructor begin. */
  readonly #superCalls = new Map<Node, FunctionNode>();

  constructor(emission: Emission, names: Names, within: PointsWithin, addSite: AddSite, owner: Owner = 'module') {
    this.#emission = emission;
    this.#split = new Split(emission, within, names);
    this.#addSite = addSite;
    this.#owner = owner;
    this.#functions = [owner === 'module' ? TOP_LEVEL : null];
  }

  enter(node: Node, parent: Node): undefined {
    this.#names.enter(node);
    if (this.#hasPoints) {
      if (isFunction(parent) && node === parent.body) this.#openFunction(node, parent);
      else this.#openStatement(node, parent);
      this.#split.enter(node, parent);
    }

    if (this.#hasPoints) {
      if (is(node, 'TryStatement') && node.finalizer !== null && node.handler !== null) this.#emission.edits.insert(node.block.start, '{try');
      else if (is(node, 'CatchClause')) this.#openCatch(node);
    }

    if (isFunction(node)) this.#functions.push(this.#startsAtOnce(node) ? this.#names.nameOf(node) : null);
    else if (is(node, 'StaticBlock')) this.#functions.push(this.#hasPoints ? STATIC_BLOCK : null);
    else if (this.#hasPoints && is(node, 'ForStatement') && node.update === null) this.#emission.edits.insert(this.#updateOffset(node), this.#call(node.test ?? node));
  }

  exit(node: Node, parent: Node): void {
    const { edits } = this.#emission;
    if (isFunction(node) || is(node, 'StaticBlock')) this.#functions.pop();
    const constructed = this.#superCalls.get(node);
    if (constructed !== undefined) {
      this.#functions.splice(-1, 1, this.#names.nameOf(constructed));
      edits.insert(node.end, `;${this.#entry(constructed)}`);
    }
    if (!this.#hasPoints) return;
    this.#split.exit(node, parent);
    if (is(node, 'TryStatement') && node.finalizer !== null) {
      if (node.handler === null) edits.insert(node.block.end, this.#passOn());
      else edits.insert(node.handler.end, `}${this.#passOn()}`);
    } else if (is(node, 'CatchClause') && is(node.param, 'ArrayPattern', 'ObjectPattern')) edits.insert(node.end, '}');
    if (isFunction(parent) && node === parent.body) this.#closeFunction(node, parent);
    else if (isBody(node, parent)) {
      const close = is(parent, 'ForOfStatement') ? `}${this.#passOn()}` : '';
      if (is(node, 'BlockStatement')) edits.insert(node.end - 1, close);
      else edits.insert(node.end, `${close}}`);
    }
  }

  get #hasPoints(): boolean {
    return this.#functions.at(-1) !== null;
  }

  #startsAtOnce(fn: FunctionNode): boolean {
    const call = this.#owner === 'host' ? superCall(fn) : undefined;
    if (call !== undefined) this.#superCalls.set(call, fn);
    return hasPoints(fn, this.#owner);
  }

  /** A call of the point, as an expression. */
  #call(node: Node): string {
    return `${this.#emission.ids.statement}(${this.#addSite(node.start, this.#functions.at(-1)!, node)})`;
  }

  #openStatement(node: Node, parent: Node): void {
    const { edits } = this.#emission;
    if (isBody(node, parent)) {
      const turn = is(parent, 'ForOfStatement', 'ForInStatement') ? `${this.#call(parent.left)};` : '';
      // An iterator may be the module's own, and is told when its loop ends: not behind a fault.
      const open = is(parent, 'ForOfStatement') ? 'try{' : '';
      if (is(node, 'BlockStatement')) edits.insert(node.start + 1, `${open}${turn}`);
      else edits.insert(node.start, `{${open}${turn}${this.#pointBefore(node)}`);
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

  #entry(fn: FunctionNode): string {
    return `${this.#emission.ids.enter}(${this.#addSite(fn.start, this.#functions.at(-1)!)});try{`;
  }

  #openFunction(body: Node, fn: FunctionNode): void {
    const { edits } = this.#emission;
    const entry = this.#entry(fn);
    if (!is(body, 'BlockStatement')) edits.insert(body.start, `{${entry}${this.#call(body)};return `);
    else edits.insert(bodyStart(body), body.body.some(isDirective) ? `;${entry}` : entry);
  }

  /** A clause for errors that only come by. */
  #passOn(): string {
    const { caught, noteThrow } = this.#emission.ids;
    return `catch(${caught}){throw ${noteThrow}(${caught})}`;
  }

  #openCatch({ param, body }: NodeOf<'CatchClause'>): void {
    const { edits, file, ids } = this.#emission;
    const ask = (error: string): string => `${ids.noteCatch}(${error});`;
    if (param === null) {
      edits.insert(body.start, `(${ids.caught})`);
      edits.insert(body.start + 1, ask(ids.caught));
    } else if (is(param, 'Identifier')) edits.insert(body.start + 1, ask(param.name));
    else {
      // To take the error apart may call code of the module's.
      edits.insert(param.start, `${ids.caught}){${ask(ids.caught)}let `);
      const close = file.find(')', param.end);
      edits.replace(close, close + 1, `=${ids.caught};`);
    }
  }

  #closeFunction(body: Node, fn: FunctionNode): void {
    const { edits, ids } = this.#emission;
    const close = `}${this.#passOn()}finally{${ids.leave}()}`;
    if (is(body, 'BlockStatement')) edits.insert(body.end - 1, close);
    else edits.insert(fn.end, `${close}}`);
  }
}

/**
 * Whether a function has points from its start on. Where others take the types out, super() has to stay a statement of
 * the constructor's own: they put fields and parameter properties behind it.
 */
export function hasPoints(fn: FunctionNode, owner: Owner): boolean {
  return !fn.async && !fn.generator && (owner === 'module' || superCall(fn) === undefined);
}

/** Whether a node is one of a list of statements. */
export function isListed(node: Node, parent: Node): boolean {
  if (is(parent, 'SwitchCase')) return node !== parent.test;
  return is(parent, 'Program', 'BlockStatement', 'StaticBlock');
}

/** Whether a node is the statement that a loop or a condition governs. */
export function isBody(node: Node, parent: Node): boolean {
  if (is(parent, 'IfStatement')) return node !== parent.test;
  return is(parent, 'ForStatement', 'ForInStatement', 'ForOfStatement', 'WhileStatement', 'DoWhileStatement') && node === parent.body;
}
