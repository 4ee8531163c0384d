/**
 * What each statement touches, as far as its text tells: the partial-order reduction of an exploration asks.
 *
 * A variable counts where it is written after its declaration and a function inside the one that declares it uses it:
 * no other can be touched by two contexts. A statement is plain where it is made of such variables, of values that
 * never change, of operators, and of calls that are known to begin with a preemption point; and where the next point
 * comes before anybody else's code goes on: in such a call, or in a statement that follows. Variables that are exported,
 * or used where no statement is, count as anybody's: the text does not tell when they are touched. The value of a
 * module's parameter is a variable, too.
 */
import type { Effects } from '../../kernel/arch/effects.js';
import { type Analysed, analysedPart } from './analysed.js';
import { eachChild, handlerOf, is, isErased, isFunction, unwrap, type FunctionNode, type Node, type NodeOf, type Table } from './ast.js';
import { type Behind, CALLER, Evaluation, Evaluator, POINT, UNTOLD } from './evaluation.js';
import type { Part } from './link.js';
import type { Local } from './scope.js';
import { Variables } from './variables.js';

/** By the node that a point stands before. */
export type EffectsOf = ReadonlyMap<Node, Effects>;

/** `numberOf` gives the variables their numbers. */
export function effectsOf(source: Analysed, numberOf: (variable: Local) => number): EffectsOf {
  return new Analysis(source).result(numberOf);
}

/** The same of a file of a module. */
export function effectsOfPart(part: Part): EffectsOf {
  const variables = new Variables(part.unit.file.display);
  return effectsOf(analysedPart(part), (variable) => variables.numberOf(variable));
}

class Analysis {
  readonly #source: Analysed;
  readonly #evaluator: Evaluator;
  readonly #evaluations = new Map<Node, Evaluation>();
  /** What stands around a statement and runs something when it leaves its function: an iterator, a finally block, `using`. */
  #leftBy = 0;

  constructor(source: Analysed) {
    this.#source = source;
    this.#evaluator = new Evaluator(source);
    this.#list(source.program.body, UNTOLD);
    this.#functionsIn(source.program);
  }

  result(numberOf: (variable: Local) => number): EffectsOf {
    const { anybodys } = this.#evaluator;
    const numbersOf = (touched: ReadonlySet<Local>): number[] => [...touched].filter((local) => !anybodys.has(local)).map(numberOf);
    const result = new Map<Node, Effects>();
    for (const [node, evaluation] of this.#evaluations) {
      const { plain, behind, pointed, calls, wild, loud, behindAtOnce, reads, writes, behindReads, behindWrites } = evaluation;
      const known = plain && [reads, writes, behindReads, behindWrites].every((touched) => [...touched].every((local) => !anybodys.has(local)));
      const closed = known && behind === POINT;
      result.set(node, {
        plain: closed || (known && pointed),
        closed,
        plainAllAlong: closed && !calls && behindReads.size === 0 && behindWrites.size === 0,
        ends: known && behind === CALLER,
        calls,
        wild,
        reads: numbersOf(reads),
        writes: numbersOf(writes),
        behindReads: numbersOf(behindReads),
        behindWrites: numbersOf(behindWrites),
        loud,
        behindAtOnce,
      });
    }
    return result;
  }

  // Statements

  /** The functions inside a node, whose statements are theirs. */
  #functionsIn(node: Node): void {
    eachChild(node, (child) => {
      if (isErased(child)) return;
      if (isFunction(child)) this.#body(child);
      else if (is(child, 'StaticBlock')) this.#list(child.body, UNTOLD);
      this.#functionsIn(child);
    });
  }

  #body(fn: FunctionNode): void {
    const { body } = fn;
    // What has no points is gone through by nobody: its variables are anybody's.
    if (!this.#source.hasPoints(fn)) return;
    if (is(body, 'BlockStatement')) this.#list(body.body, CALLER);
    else if (body !== null) this.#point(body, CALLER, (evaluation) => { this.#evaluator.visit(body, evaluation, true); });
  }

  /**
   * `behind` is what runs behind the statements. Returns what they begin with.
   */
  #list(list: readonly Node[], behind: Behind): Behind {
    const disposes = list.some((node) => is(node, 'VariableDeclaration') && node.kind.endsWith('using'));
    if (disposes) this.#leftBy++;
    let begins = disposes ? UNTOLD : behind;
    for (let i = list.length - 1; i >= 0; i--) begins = this.#statement(list[i]!, begins);
    if (disposes) this.#leftBy--;
    return begins;
  }

  /** `behind` is what runs behind the statement. Returns what it runs itself, or what runs where it is empty. */
  #statement(node: Node, behind: Behind): Behind {
    if (isErased(node)) return behind;
    const rule = handlerOf(this.#statements, node);
    if (rule !== undefined) return rule(node, behind);
    // Its text tells which variables it touches, and nothing else.
    this.#point(node, UNTOLD, (evaluation) => { this.#evaluator.unknown(node, evaluation); });
    return POINT;
  }

  readonly #statements: Table<[behind: Behind], Behind> = {
    EmptyStatement: (_node, behind) => behind,
    FunctionDeclaration: (_node, behind) => behind,
    ImportDeclaration: (_node, behind) => behind,
    ExportAllDeclaration: (_node, behind) => behind,
    // They run without a point of their own.
    ClassDeclaration: () => UNTOLD,
    TSEnumDeclaration: () => UNTOLD,
    ExportDefaultDeclaration: ({ declaration }, behind) => {
      if (is(declaration, 'FunctionDeclaration')) return behind;
      return is(declaration, 'ClassDeclaration') ? UNTOLD : POINT;
    },
    ExportNamedDeclaration: (node, behind) => {
      const { declaration } = node;
      return declaration === null ? behind : is(declaration, 'VariableDeclaration') ? this.#declaration(node, declaration, behind) : this.#statement(declaration, behind);
    },
    LabeledStatement: ({ body }) => this.#statement(body, UNTOLD),
    BlockStatement: ({ body }, behind) => this.#list(body, behind),
    TryStatement: ({ block, handler, finalizer }, behind) => {
      // Its end goes on with an error, too.
      const after = finalizer === null ? behind : this.#list(finalizer.body, UNTOLD);
      if (finalizer !== null) this.#leftBy++;
      if (handler !== null) this.#list(handler.body.body, after);
      const begins = this.#list(block.body, after);
      if (finalizer !== null) this.#leftBy--;
      return begins;
    },
    ExpressionStatement: (node, behind) => {
      this.#point(node, behind, (evaluation) => { this.#evaluator.visit(node.expression, evaluation, true); });
      return POINT;
    },
    VariableDeclaration: (node, behind) => this.#declaration(node, node, behind),
    ReturnStatement: (node) => {
      this.#point(node, this.#leftBy === 0 ? CALLER : UNTOLD, (evaluation) => {
        if (node.argument !== null) this.#evaluator.visit(node.argument, evaluation, true);
      });
      return POINT;
    },
    BreakStatement: (node) => this.#jump(node),
    ContinueStatement: (node) => this.#jump(node),
    ThrowStatement: (node) => {
      this.#point(node, UNTOLD, (evaluation) => {
        this.#evaluator.visit(node.argument, evaluation, true);
        evaluation.plain = false;
      });
      return POINT;
    },
    IfStatement: (node, behind) => {
      const { test, consequent, alternate } = node;
      const then = this.#statement(consequent, behind);
      const otherwise = alternate === null ? behind : this.#statement(alternate, behind);
      this.#point(node, least(then, otherwise), (evaluation) => { this.#evaluator.visit(test, evaluation, true); });
      return POINT;
    },
    WhileStatement: (node, behind) => {
      this.#statement(node.body, POINT);
      this.#point(node, behind, (evaluation) => { this.#evaluator.visit(node.test, evaluation, true); });
      return POINT;
    },
    DoWhileStatement: (node, behind) => {
      const begins = this.#statement(node.body, POINT);
      this.#point(node.test, least(behind, begins), (evaluation) => { this.#evaluator.visit(node.test, evaluation, true); });
      return begins;
    },
    ForStatement: (node, behind) => {
      const { init, test, update } = node;
      this.#statement(node.body, POINT);
      this.#point(node, behind, (evaluation) => {
        if (is(init, 'VariableDeclaration')) this.#declarators(init, evaluation);
        else if (init !== null) this.#evaluator.visit(init, evaluation, true);
        if (test !== null) this.#evaluator.visit(test, evaluation, true);
      });
      const turn = update ?? test;
      if (turn !== null) {
        this.#point(turn, behind, (evaluation) => {
          if (update !== null) this.#evaluator.visit(update, evaluation, true);
          if (test !== null) this.#evaluator.visit(test, evaluation, true);
        });
      }
      return POINT;
    },
    ForOfStatement: (node) => this.#each(node),
    ForInStatement: (node) => this.#each(node),
    SwitchStatement: (node) => {
      for (const { consequent } of node.cases) this.#list(consequent, UNTOLD);
      this.#point(node, UNTOLD, (evaluation) => {
        this.#evaluator.visit(node.discriminant, evaluation, true);
        evaluation.plain = false;
        for (const { test } of node.cases) if (test !== null) this.#evaluator.visit(test, evaluation, false);
      });
      return POINT;
    },
  };

  #jump(node: Node): Behind {
    this.#point(node, UNTOLD, () => undefined);
    return POINT;
  }

  #each(node: NodeOf<'ForOfStatement'> | NodeOf<'ForInStatement'>): Behind {
    this.#leftBy++;
    this.#statement(node.body, UNTOLD);
    this.#leftBy--;
    this.#point(node, UNTOLD, (evaluation) => {
      this.#evaluator.visit(node.right, evaluation, true);
      this.#evaluator.unknown(node.left, evaluation);
    });
    return POINT;
  }

  #declaration(at: Node, node: NodeOf<'VariableDeclaration'>, behind: Behind): Behind {
    this.#point(at, behind, (evaluation) => { this.#declarators(node, evaluation); });
    return POINT;
  }

  #declarators({ declarations }: NodeOf<'VariableDeclaration'>, evaluation: Evaluation): void {
    for (const { id, init } of declarations) {
      // Nobody else can have the name yet: the declaration itself is no touch.
      if (init !== null) this.#evaluator.visit(init, evaluation, true);
      if (!is(unwrap(id), 'Identifier')) this.#evaluator.unknown(id, evaluation);
    }
  }

  #point(node: Node, behind: Behind, evaluate: (evaluation: Evaluation) => void): void {
    const evaluation = new Evaluation();
    evaluate(evaluation);
    evaluation.behind = behind;
    this.#evaluations.set(node, evaluation);
  }
}

function least(a: Behind, b: Behind): Behind {
  return a < b ? a : b;
}
