/**
 * What each statement touches, as far as its text tells: the partial-order reduction of an exploration asks.
 *
 * A variable counts where it is written after its declaration and a function inside the one that declares it uses it:
 * no other can be touched by two contexts. A statement is plain where it is made of such variables, of values that
 * never change, of operators, and of calls that are known to begin with a preemption point; and where the next point
 * comes before anybody else's code goes on: in such a call, or in a statement that follows. What stands behind a
 * call is touched at a time, and with locks, that the text does not tell: such a variable counts as anybody's, and
 * so do those that are exported or used where no statement is. The value of a module's parameter is such a variable.
 */
import { add_variable, type Effects } from '../../kernel/arch/effects.js';
import { eachChild, handlerOf, is, isErased, isFunction, unwrap, type FunctionNode, type Node, type NodeOf, type Table } from './ast.js';
import { Evaluation, Evaluator } from './evaluation.js';
import type { Part } from './link.js';
import type { Local } from './scope.js';

/** By the node that a point stands before. */
export type EffectsOf = ReadonlyMap<Node, Effects>;

export function effectsOf(part: Part): EffectsOf {
  return new Analysis(part).result();
}

class Analysis {
  readonly #part: Part;
  readonly #evaluator: Evaluator;
  readonly #evaluations = new Map<Node, Evaluation>();

  constructor(part: Part) {
    this.#part = part;
    this.#evaluator = new Evaluator(part);
    const { program } = part.unit.file;
    this.#list(program.body, 0, false);
    this.#functionsIn(program);
  }

  result(): EffectsOf {
    const { anybodys } = this.#evaluator;
    const numbers = new Map<Local, number>();
    const numbersOf = (touched: ReadonlySet<Local>): number[] => {
      const result: number[] = [];
      for (const local of touched) {
        if (anybodys.has(local)) continue;
        let number = numbers.get(local);
        if (number === undefined) numbers.set(local, (number = add_variable(`${this.#part.unit.file.display}:${local.name}#${numbers.size}`)));
        result.push(number);
      }
      return result;
    };
    const result = new Map<Node, Effects>();
    for (const [node, { plain, safe, calls, wild, reads, writes }] of this.#evaluations) {
      const known = plain && [...reads, ...writes].every((local) => !anybodys.has(local));
      result.set(node, { plain: known, plainAllAlong: known && safe && !calls, wild, reads: numbersOf(reads), writes: numbersOf(writes) });
    }
    return result;
  }

  // Statements

  /** The functions inside a node, whose statements are theirs. */
  #functionsIn(node: Node): void {
    eachChild(node, (child) => {
      if (isErased(child)) return;
      if (isFunction(child)) this.#body(child);
      else if (is(child, 'StaticBlock')) this.#list(child.body, 0, false);
      this.#functionsIn(child);
    });
  }

  #body({ body }: FunctionNode): void {
    if (is(body, 'BlockStatement')) this.#list(body.body, 0, false);
    else if (body !== null) this.#point(body, false, (evaluation) => { this.#evaluator.visit(body, evaluation, true); });
  }

  /**
   * Statements from the `from`th on; `safe` where what runs behind them begins with a point. Returns whether what
   * runs from there on does.
   */
  #list(list: readonly Node[], from: number, safe: boolean): boolean {
    let begins = safe;
    for (let i = list.length - 1; i >= from; i--) begins = this.#statement(list[i]!, begins);
    return begins;
  }

  /** `safe`: what runs behind the statement begins with a point. Returns whether the statement does, or what runs where it is empty. */
  #statement(node: Node, safe: boolean): boolean {
    if (isErased(node)) return safe;
    const rule = handlerOf(this.#statements, node);
    if (rule !== undefined) return rule(node, safe);
    // Its text tells which variables it touches, and nothing else.
    this.#point(node, false, (evaluation) => { this.#evaluator.unknown(node, evaluation); });
    return true;
  }

  readonly #statements: Table<[safe: boolean], boolean> = {
    EmptyStatement: (_node, safe) => safe,
    FunctionDeclaration: (_node, safe) => safe,
    ImportDeclaration: (_node, safe) => safe,
    ExportAllDeclaration: (_node, safe) => safe,
    // They run without a point of their own.
    ClassDeclaration: () => false,
    TSEnumDeclaration: () => false,
    ExportDefaultDeclaration: ({ declaration }, safe) => {
      if (is(declaration, 'FunctionDeclaration')) return safe;
      return !is(declaration, 'ClassDeclaration');
    },
    ExportNamedDeclaration: (node, safe) => {
      const { declaration } = node;
      return declaration === null ? safe : is(declaration, 'VariableDeclaration') ? this.#declaration(node, declaration, safe) : this.#statement(declaration, safe);
    },
    LabeledStatement: ({ body }) => this.#statement(body, false),
    BlockStatement: ({ body }, safe) => this.#list(body, 0, safe),
    TryStatement: ({ block, handler, finalizer }, safe) => {
      // Its end goes on with an error, too.
      const after = finalizer === null ? safe : this.#list(finalizer.body, 0, false);
      if (handler !== null) this.#list(handler.body.body, 0, after);
      return this.#list(block.body, 0, after);
    },
    ExpressionStatement: (node, safe) => {
      this.#point(node, safe, (evaluation) => { this.#evaluator.visit(node.expression, evaluation, true); });
      return true;
    },
    VariableDeclaration: (node, safe) => this.#declaration(node, node, safe),
    ReturnStatement: (node) => {
      this.#point(node, false, (evaluation) => {
        if (node.argument !== null) this.#evaluator.visit(node.argument, evaluation, true);
      });
      return true;
    },
    BreakStatement: (node) => this.#jump(node),
    ContinueStatement: (node) => this.#jump(node),
    ThrowStatement: (node) => {
      this.#point(node, false, (evaluation) => {
        this.#evaluator.visit(node.argument, evaluation, true);
        evaluation.plain = false;
      });
      return true;
    },
    IfStatement: (node, safe) => {
      const { test, consequent, alternate } = node;
      const then = this.#statement(consequent, safe);
      const otherwise = alternate === null ? safe : this.#statement(alternate, safe);
      this.#point(node, then && otherwise, (evaluation) => { this.#evaluator.visit(test, evaluation, true); });
      return true;
    },
    WhileStatement: (node, safe) => {
      this.#statement(node.body, true);
      this.#point(node, safe, (evaluation) => { this.#evaluator.visit(node.test, evaluation, true); });
      return true;
    },
    DoWhileStatement: (node, safe) => {
      const begins = this.#statement(node.body, true);
      this.#point(node.test, safe && begins, (evaluation) => { this.#evaluator.visit(node.test, evaluation, true); });
      return begins;
    },
    ForStatement: (node, safe) => {
      const { init, test, update } = node;
      this.#statement(node.body, true);
      this.#point(node, safe, (evaluation) => {
        if (is(init, 'VariableDeclaration')) this.#declarators(init, evaluation);
        else if (init !== null) this.#evaluator.visit(init, evaluation, true);
        if (test !== null) this.#evaluator.visit(test, evaluation, true);
      });
      const turn = update ?? test;
      if (turn !== null) {
        this.#point(turn, safe, (evaluation) => {
          if (update !== null) this.#evaluator.visit(update, evaluation, true);
          if (test !== null) this.#evaluator.visit(test, evaluation, true);
        });
      }
      return true;
    },
    ForOfStatement: (node) => this.#each(node),
    ForInStatement: (node) => this.#each(node),
    SwitchStatement: (node) => {
      for (const { consequent } of node.cases) this.#list(consequent, 0, false);
      this.#point(node, false, (evaluation) => {
        this.#evaluator.visit(node.discriminant, evaluation, true);
        evaluation.plain = false;
        for (const { test } of node.cases) if (test !== null) this.#evaluator.visit(test, evaluation, false);
      });
      return true;
    },
  };

  #jump(node: Node): boolean {
    this.#point(node, false, () => undefined);
    return true;
  }

  #each(node: NodeOf<'ForOfStatement'> | NodeOf<'ForInStatement'>): boolean {
    this.#statement(node.body, false);
    this.#point(node, false, (evaluation) => {
      this.#evaluator.visit(node.right, evaluation, true);
      this.#evaluator.unknown(node.left, evaluation);
    });
    return true;
  }

  #declaration(at: Node, node: NodeOf<'VariableDeclaration'>, safe: boolean): boolean {
    this.#point(at, safe, (evaluation) => { this.#declarators(node, evaluation); });
    return true;
  }

  #declarators({ declarations }: NodeOf<'VariableDeclaration'>, evaluation: Evaluation): void {
    for (const { id, init } of declarations) {
      // Nobody else can have the name yet: the declaration itself is no touch.
      if (init !== null) this.#evaluator.visit(init, evaluation, true);
      if (!is(unwrap(id), 'Identifier')) this.#evaluator.unknown(id, evaluation);
    }
  }

  #point(node: Node, safe: boolean, evaluate: (evaluation: Evaluation) => void): void {
    const evaluation = new Evaluation();
    evaluate(evaluation);
    evaluation.safe = safe;
    if (!safe && !evaluation.pointed) evaluation.plain = false;
    this.#evaluations.set(node, evaluation);
  }
}
