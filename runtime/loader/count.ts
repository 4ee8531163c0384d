/**
 * Counters of what runs: statements, functions and branches as Istanbul has them.
 *
 * The counter of a statement comes behind its preemption point: what was stopped there has not run.
 */
import { bodyStart, is, isDirective, isErased, isFunction, unwrap, type FunctionNode, type Node, type NodeOf } from './ast.js';
import { addCounts, type BranchType, type FileCounts, type Range } from './coverage.js';
import { FunctionNames } from './function_names.js';
import { isBody, isListed } from './instrument.js';
import type { Emission, Pass } from './pass.js';

const UNCOUNTED = new Set<string>(['BlockStatement', 'EmptyStatement', 'FunctionDeclaration', 'ClassDeclaration', 'TSEnumDeclaration', 'ImportDeclaration', 'ExportAllDeclaration']);

export class Count implements Pass {
  readonly #emission: Emission;
  readonly #names = new FunctionNames();
  readonly #statements: FileCounts['statements'] = [];
  readonly #functions: FileCounts['functions'] = [];
  readonly #branches: FileCounts['branches'] = [];
  /** Expressions that come with a counter: what goes behind them. */
  readonly #closings = new Map<Node, string>();
  #counters = 0;

  constructor(emission: Emission) {
    this.#emission = emission;
  }

  /** When the file has been walked: the memory that its code counts in. */
  finish(): Float64Array {
    const counts = new Float64Array(new SharedArrayBuffer(8 * this.#counters));
    addCounts({ path: this.#emission.file.path, statements: this.#statements, functions: this.#functions, branches: this.#branches, counts });
    return counts;
  }

  enter(node: Node, parent: Node): undefined {
    this.#names.enter(node);
    const { edits } = this.#emission;
    if (isErased(node)) return;
    if (isFunction(parent) && node === parent.body) this.#enterBody(node, parent);
    else if (isBody(node, parent)) {
      const arm = is(parent, 'IfStatement') ? `${this.#arm(parent, node)};` : '';
      if (is(node, 'BlockStatement')) edits.insert(node.start + 1, arm);
      else edits.insert(node.start, `{${arm}${this.#statement(node)}`);
    } else if (isListed(node, parent)) edits.insert(node.start, this.#statement(node));

    if (is(node, 'IfStatement')) this.#branch(node, 'if', []);
    else if (is(node, 'SwitchStatement')) this.#branch(node, 'switch', []);
    else if (is(node, 'SwitchCase')) edits.insert(node.consequent[0]?.start ?? node.end, `${this.#arm(parent, node)};`);
    else if (is(node, 'ConditionalExpression')) this.#branch(node, 'cond-expr', [node.consequent, node.alternate]);
    else if (is(node, 'AssignmentPattern')) this.#default(node);
    else if (is(node, 'LogicalExpression') && !this.#inner.has(node)) this.#branch(node, 'binary-expr', this.#operands(node));

    const arm = this.#arms.get(node);
    if (arm !== undefined) {
      edits.insert(node.start, `(${arm},`);
      this.#closings.set(node, ')');
    }
  }

  exit(node: Node, parent: Node): void {
    const { edits } = this.#emission;
    if (is(node, 'IfStatement') && node.alternate === null) edits.insert(node.end, `else{${this.#arm(node, node)}}`);
    const closing = this.#closings.get(node);
    if (closing !== undefined) edits.insert(node.end, closing);
    if (!isErased(node) && isBody(node, parent) && !is(node, 'BlockStatement')) edits.insert(node.end, '}');
  }

  /** Expressions that are one way of a branch: their counters. */
  readonly #arms = new Map<Node, string>();
  /** Logical expressions whose operands are counted as those of one around them. */
  readonly #inner = new Set<Node>();
  readonly #branchOf = new Map<Node, FileCounts['branches'][number]>();

  #range({ start, end }: { readonly start: number; readonly end: number }): Range {
    const at = (offset: number): Range['start'] => {
      const { line, column } = this.#emission.file.position(offset);
      return { line, column: column - 1 };
    };
    return { start: at(start), end: at(end) };
  }

  #increment(counter: number): string {
    return `${this.#emission.ids.counts}[${counter}]++`;
  }

  #statement(statement: Node): string {
    let inner = statement;
    while (is(inner, 'LabeledStatement')) inner = inner.body;
    if (UNCOUNTED.has(inner.type) || isDirective(inner) || isErased(inner)) return '';
    if (is(inner, 'ExportNamedDeclaration') && !is(inner.declaration, 'VariableDeclaration')) return '';
    if (is(inner, 'ExportDefaultDeclaration') && is(inner.declaration, 'FunctionDeclaration', 'ClassDeclaration')) return '';
    const declaration = is(inner, 'ExportNamedDeclaration') ? inner.declaration : inner;
    // Nothing happens in `let a;`.
    if (is(declaration, 'VariableDeclaration') && declaration.declarations.every(({ init }) => init === null)) return '';
    return `${this.#count(inner)};`;
  }

  #count(node: Node): string {
    const counter = this.#counters++;
    this.#statements.push({ loc: this.#range(node), counter });
    return this.#increment(counter);
  }

  #enterBody(body: Node, fn: FunctionNode): void {
    const { edits } = this.#emission;
    const counter = this.#counters++;
    this.#functions.push({ name: this.#names.nameOf(fn), loc: this.#range(fn), counter });
    if (is(body, 'BlockStatement')) edits.insert(bodyStart(body), `;${this.#increment(counter)};`);
    else {
      edits.insert(body.start, `(${this.#increment(counter)},${this.#count(body)},`);
      this.#closings.set(body, ')');
    }
  }

  #branch(node: Node, type: BranchType, ways: readonly Node[]): void {
    const branch = { type, loc: this.#range(node), arms: [] };
    this.#branches.push(branch);
    this.#branchOf.set(node, branch);
    for (const way of ways) this.#arms.set(way, this.#arm(node, way));
  }

  #arm(branch: Node, way: Node): string {
    const counter = this.#counters++;
    this.#branchOf.get(branch)!.arms.push({ loc: this.#range(way), counter });
    return this.#increment(counter);
  }

  #operands(node: NodeOf<'LogicalExpression'>): Node[] {
    return [node.left, node.right].flatMap((operand) => {
      const inner = unwrap(operand);
      if (!is(inner, 'LogicalExpression')) return [operand];
      this.#inner.add(inner);
      return this.#operands(inner);
    });
  }

  #default(node: NodeOf<'AssignmentPattern'>): void {
    this.#branch(node, 'default-arg', []);
    const arm = this.#arm(node, node.right);
    const value = unwrap(node.right);
    // A function without a name has that of the parameter.
    const named = is(node.left, 'Identifier') && (isFunction(value) || is(value, 'ClassExpression')) ? node.left.name : null;
    this.#emission.edits.insert(node.right.start, named === null ? `(${arm},` : `(${arm},{${named}:`);
    this.#closings.set(node.right, named === null ? ')' : `}.${named})`);
  }
}
