/**
 * What the evaluation of an expression touches, as far as its text tells, in the order in which it is evaluated.
 *
 * Operators are taken to have primitive operands, as TypeScript has them.
 */
import { eachChild, handlerOf, is, isErased, isFunction, unwrap, type Identifier, type Node, type NodeOf, type Table } from './ast.js';
import { isVariable, Meanings, type Source as Meant, viewCallee } from './meanings.js';
import { ASIDE, POINTED } from './pointed.js';
import type { PointsWithin } from './points_within.js';
import type { Local } from './scope.js';

const CONSTANT = /^[A-Z][A-Z0-9_]*$/;
/** Functions of headers that compute, and nothing else. */
export const COMPUTE: ReadonlySet<string> = new Set(['BIT', 'ERR_PTR', 'IS_ERR', 'IS_ERR_OR_NULL', 'PTR_ERR', 'sizeof']);
const PRINT = /^(?:printk|pr_(?:emerg|alert|crit|err|warn|notice|info|cont|debug|devel))$/;
/** What printk() reads memory for. */
const READS_MEMORY = /%[-+ #0-9.*]*[spV]/;
/** Functions that access a word of memory, and do nothing else. */
const ACCESS = /^(?:atomic_(?!t$)|refcount_(?!t$)|(?:test_and_)?(?:set|clear|change)_bit$)/;
const QUIETLY = new RegExp(`${ACCESS.source}|^k[mz]alloc$`);
const VALUES: ReadonlySet<string> = new Set(['undefined', 'NaN', 'Infinity']);

/** What runs behind a statement: something that is not told, the caller of its function, or what begins with a point. */
export type Behind = 0 | 1 | 2;
export const UNTOLD = 0;
export const CALLER = 1;
export const POINT = 2;

/**
 * What has come before, within a statement: nothing; an access to memory or an allocation, after which the same locks are
 * held and the same others run; or a call that may have changed that.
 */
type Late = 0 | 1 | 2;
const EARLY = 0;
const QUIET = 1;
const LOUD = 2;

/** One evaluation, while it is followed. */
export class Evaluation {
  plain = true;
  late: Late = EARLY;
  /** A preemption point has been passed, whatever the operands were. */
  pointed = false;
  /** One has been passed on the way to where the evaluation is. */
  passed = false;
  /** A function of the kernel's has been called. */
  calls = false;
  /** Kernel memory may have been accessed without a point of its own. */
  wild = false;
  behind: Behind = UNTOLD;
  readonly reads = new Set<Local>();
  readonly writes = new Set<Local>();
  /** What is touched behind points within it, and whether that was late for a loud one. */
  readonly behindReads = new Set<Local>();
  readonly behindWrites = new Set<Local>();
  loud = false;
  /** Some of these may be touched before any point has been passed. */
  behindAtOnce = false;
}

/** A file, with the points that its statements have within. */
export interface Source extends Meant {
  readonly within: PointsWithin;
}

/** Evaluates the expressions of one file. */
export class Evaluator {
  readonly #source: Source;
  readonly #meanings: Meanings;
  /** References that belong to an expression that was visited. */
  readonly #seen = new Set<Node>();
  /** Variables of which no expression tells when they are touched. */
  readonly #anybodys = new Set<Local>();
  /** What stands for the values of parameters. */
  readonly #values = new Map<Local, Local>();

  constructor(source: Source) {
    this.#source = source;
    this.#meanings = new Meanings(source);
  }

  /** Of what has been visited and what has not: the variables of which it is not known when they are touched. */
  get anybodys(): ReadonlySet<Local> {
    const { names, exported } = this.#source;
    for (const [node, local] of names.locals) {
      if (this.#seen.has(node) && !exported.has(local.name)) continue;
      if (isVariable(local)) this.#anybodys.add(local);
      this.#leak(local);
    }
    return this.#anybodys;
  }

  /** `certain` where the expression is evaluated whenever the statement is. */
  visit(node: Node, evaluation: Evaluation, certain: boolean): void {
    const inner = unwrap(node);
    const { before, behind } = this.#source.within;
    if (before.has(inner)) point(evaluation, certain);
    const rule = handlerOf(this.#expressions, inner);
    if (rule !== undefined) rule(inner, evaluation, certain);
    else this.unknown(inner, evaluation);
    if (behind.has(inner)) point(evaluation, certain);
  }

  readonly #expressions: Table<[evaluation: Evaluation, certain: boolean]> = {
    Literal: () => undefined,
    ThisExpression: (_node, evaluation) => { evaluation.plain = false; },
    // A function is made, and runs another time.
    FunctionExpression: () => undefined,
    ArrowFunctionExpression: () => undefined,
    Identifier: (node, evaluation) => { this.#read(node, evaluation); },
    TemplateLiteral: (node, evaluation, certain) => {
      for (const expression of node.expressions) this.visit(expression, evaluation, certain);
      if (node.expressions.length > 0) foreign(evaluation);
    },
    UnaryExpression: (node, evaluation, certain) => {
      this.visit(node.argument, evaluation, certain);
      if (node.operator === 'delete') foreign(evaluation);
    },
    BinaryExpression: (node, evaluation, certain) => {
      this.visit(node.left, evaluation, certain);
      this.visit(node.right, evaluation, certain);
      if (node.operator === 'in' || node.operator === 'instanceof') foreign(evaluation);
    },
    LogicalExpression: (node, evaluation, certain) => {
      this.visit(node.left, evaluation, certain);
      perhaps(evaluation, () => { this.visit(node.right, evaluation, false); });
    },
    ConditionalExpression: (node, evaluation, certain) => {
      this.visit(node.test, evaluation, certain);
      const consequent = perhaps(evaluation, () => { this.visit(node.consequent, evaluation, false); });
      const alternate = perhaps(evaluation, () => { this.visit(node.alternate, evaluation, false); });
      evaluation.passed ||= consequent && alternate;
    },
    SequenceExpression: (node, evaluation, certain) => {
      for (const expression of node.expressions) this.visit(expression, evaluation, certain);
    },
    AssignmentExpression: (node, evaluation, certain) => {
      const target = unwrap(node.left);
      const value = this.#parameterValue(target);
      const assign = (always: boolean): void => {
        if (this.#source.within.lazy.has(node)) point(evaluation, false);
        this.visit(node.right, evaluation, always);
        if (value !== null) this.#touch(value, evaluation, true);
        else if (is(target, 'Identifier')) this.#write(target, evaluation);
      };
      if (value !== null) {
        if (node.operator !== '=') this.#touch(value, evaluation, false);
      } else if (is(target, 'Identifier')) {
        if (node.operator === '=') this.#seen.add(target);
        else this.#read(target, evaluation);
      } else if (is(target, 'MemberExpression')) this.visit(target, evaluation, certain);
      if (isLogical(node)) perhaps(evaluation, () => { assign(false); });
      else assign(certain);
      if (value === null && !is(target, 'Identifier', 'MemberExpression')) this.unknown(target, evaluation);
    },
    UpdateExpression: (node, evaluation, certain) => {
      const target = unwrap(node.argument);
      const value = this.#parameterValue(target);
      const isSplit = this.#source.within.updates.has(node);
      if (value !== null) {
        this.#touch(value, evaluation, false);
        if (isSplit) point(evaluation, certain);
        this.#touch(value, evaluation, true);
      } else if (is(target, 'Identifier')) {
        this.#read(target, evaluation);
        if (isSplit) point(evaluation, certain);
        this.#write(target, evaluation);
      } else this.visit(target, evaluation, certain);
    },
    MemberExpression: (node, evaluation, certain) => {
      const value = this.#parameterValue(node);
      if (value !== null) {
        this.#touch(value, evaluation, false);
        return;
      }
      const view = this.#meanings.isView(node.object);
      this.visit(node.object, evaluation, certain);
      if (node.computed) this.visit(node.property, evaluation, certain);
      // A field of kernel memory is reached through a point; anything else is JavaScript's, and anybody's.
      if (view && !node.computed) evaluation.late ||= QUIET;
      else foreign(evaluation);
    },
    CallExpression: (node, evaluation, certain) => {
      if (this.#meanings.isView(node)) {
        this.#seen.add(viewCallee(node)!);
        for (const argument of node.arguments) this.visit(argument, evaluation, certain);
        return;
      }
      const callee = unwrap(node.callee);
      const header = this.#meanings.headerFunction(callee);
      const pointed = POINTED.has(header);
      const own = is(callee, 'Identifier') && this.#meanings.isOwnFunction(callee);
      if (!pointed && !COMPUTE.has(header)) this.visit(callee, evaluation, certain);
      for (const argument of node.arguments) {
        if (is(argument, 'SpreadElement')) this.unknown(argument, evaluation);
        else this.visit(argument, evaluation, certain);
      }
      if (COMPUTE.has(header)) return;
      if (pointed && QUIETLY.test(header)) evaluation.late ||= QUIET;
      else if (pointed || own) evaluation.late = LOUD;
      else foreign(evaluation);
      if (own) return;
      if (!ACCESS.test(header)) evaluation.calls = true;
      if (pointed) evaluation.passed = true;
      if (pointed && certain) evaluation.pointed = true;
      if (!ASIDE.has(header) && !(PRINT.test(header) && printsNumbers(node))) evaluation.wild = true;
    },
  };

  /** Of what is inside, the variables are known, but not when they are touched, nor what else is. */
  unknown(node: Node, evaluation: Evaluation): void {
    foreign(evaluation);
    evaluation.wild = true;
    const walk = (inner: Node): void => {
      if (isErased(inner) || isFunction(inner) || is(inner, 'StaticBlock')) return;
      const local = this.#source.names.locals.get(inner);
      if (local !== undefined && isVariable(local)) this.#touchUnknown(inner, local);
      if (local !== undefined) this.#leak(local);
      eachChild(inner, walk);
    };
    walk(node);
  }

  #read(node: Identifier, evaluation: Evaluation): void {
    this.#seen.add(node);
    const { names } = this.#source;
    const local = names.locals.get(node);
    if (local !== undefined) {
      this.#touch(local, evaluation, false);
      this.#leak(local);
    }
    // An import may be live, as `jiffies` is; by their names, constants are not.
    else if (!names.enumMembers.has(node) && !VALUES.has(node.name) && !this.#isConstant(node)) evaluation.plain = false;
  }

  #write(node: Identifier, evaluation: Evaluation): void {
    const local = this.#source.names.locals.get(node);
    if (local === undefined) foreign(evaluation);
    else this.#touch(local, evaluation, true);
  }

  #touch(local: Local, evaluation: Evaluation, writes: boolean): void {
    if (!isVariable(local)) return;
    if (evaluation.late === EARLY) (writes ? evaluation.writes : evaluation.reads).add(local);
    else (writes ? evaluation.behindWrites : evaluation.behindReads).add(local);
    if (evaluation.late === LOUD) evaluation.loud = true;
    if (evaluation.late !== EARLY && !evaluation.passed) evaluation.behindAtOnce = true;
  }

  #touchUnknown(node: Node, local: Local): void {
    this.#seen.add(node);
    this.#anybodys.add(local);
  }

  /** What stands for the value of a parameter, where the name is one's. */
  #valueOf(local: Local): Local | null {
    if (!this.#meanings.isParameter(local)) return null;
    let value = this.#values.get(local);
    if (value === undefined) this.#values.set(local, (value = { kind: 'local', name: `${local.name}.value`, init: null, written: true, captured: true }));
    return value;
  }

  /** The same of `parameter.value`. */
  #parameterValue(node: Node): Local | null {
    const parameter = this.#meanings.parameterOf(node);
    if (parameter === null) return null;
    this.#seen.add(parameter.object);
    return this.#valueOf(parameter.local);
  }

  /** A parameter may be known by another name from here on. */
  #leak(local: Local): void {
    const value = this.#valueOf(local);
    if (value !== null) this.#anybodys.add(value);
  }

  #isConstant({ name }: Identifier): boolean {
    return CONSTANT.test(this.#source.headerNames.get(name) ?? '');
  }
}

/** Whether a call of printk() says what it prints, and that is no text of the kernel's memory. */
function printsNumbers({ arguments: [format] }: NodeOf<'CallExpression'>): boolean {
  return is(format, 'Literal') && typeof format.value === 'string' && !READS_MEMORY.test(format.value);
}

/** `target ||= value` and the like write, or do not. */
export function isLogical({ operator }: NodeOf<'AssignmentExpression'>): boolean {
  return operator === '&&=' || operator === '||=' || operator === '??=';
}

/** A point of the statement's own: the same locks are held behind it, whoever has run. */
function point(evaluation: Evaluation, certain: boolean): void {
  evaluation.late ||= QUIET;
  evaluation.passed = true;
  if (certain) evaluation.pointed = true;
}

/** What may be evaluated, or not. Returns whether a point has been passed behind it. */
function perhaps(evaluation: Evaluation, evaluate: () => void): boolean {
  const { passed } = evaluation;
  evaluate();
  const result = evaluation.passed;
  evaluation.passed = passed;
  return result;
}

/** Something runs, or is touched, that is not known. */
function foreign(evaluation: Evaluation): void {
  evaluation.plain = false;
  evaluation.late = LOUD;
}
