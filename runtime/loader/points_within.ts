/**
 * Preemption points within a statement that writes what others may touch: one between each two of its accesses to that.
 *
 * Compiled code loads, computes and stores, and an interrupt or another CPU may come in between: `n++` is two steps, and
 * `n += m` three. An access is that of a variable that several functions use and that is written after its declaration,
 * of a property or an element, unless the object can be seen to be one function's own, and of whatever a call asks the
 * kernel or another object for. None is put where the next access has a point already: kernel memory's have, and kernel
 * calls. A statement that only reads is one step.
 */
import { eachChild, handlerOf, is, isErased, isFunction, nameOf, unwrap, type Node, type NodeOf, type Table } from './ast.js';
import { Meanings, type Source } from './meanings.js';
import { POINTED } from './pointed.js';
import type { Local } from './scope.js';

export type Update = NodeOf<'UpdateExpression'>;
export type Assignment = NodeOf<'AssignmentExpression'>;

/** All nodes are without parentheses and type annotations. */
export interface PointsWithin {
  /** Expressions before whose evaluation a point stands. */
  readonly before: ReadonlySet<Node>;
  /** Expressions whose value is there before the point: it is written next, or something of it is read. */
  readonly behind: ReadonlySet<Node>;
  /** `++` and `--` with a point between reading and writing. */
  readonly updates: ReadonlySet<Node>;
  /** `f ||= () => 1` and the like, with a point before the function: it has its name from standing where it does. */
  readonly lazy: ReadonlySet<Node>;
}

export interface File extends Source {
  readonly program: NodeOf<'Program'>;
  /** Of what it imports from files of its module: variables that these write, by the file's own names for them. */
  readonly live: ReadonlySet<string>;
  /** The same of structs. Null where nothing is known of other files: what has a method `at()` may be one. */
  readonly layouts: ReadonlySet<string> | null;
}

/** Methods of JavaScript's own collections that write what they are called on. */
const WRITERS: ReadonlySet<string> = new Set(['add', 'clear', 'copyWithin', 'delete', 'fill', 'pop', 'push', 'reverse', 'set', 'shift', 'sort', 'splice', 'unshift']);
/** Kernel functions whose result nobody else knows of yet. */
const MAKES = /alloc|get_free_page|get_zeroed_page|^(?:DECLARE|DEFINE)_|_INIT$/;
/** Values of the headers that change. */
const LIVE: ReadonlySet<string> = new Set(['jiffies']);

export function pointsWithin(file: File): PointsWithin {
  return new Planner(file).points;
}

class Planner {
  readonly #file: File;
  readonly #meanings: Meanings;
  readonly #free: ReadonlySet<Node>;
  /** Where a name is the object of a member. */
  readonly #memberOf = new Map<Node, NodeOf<'MemberExpression'>>();
  readonly #targets = new Set<Node>();
  /** Variables that are used otherwise than by their members. */
  readonly #leaked = new Set<Local>();
  /** Parameters whose values are written. */
  readonly #setParameters = new Set<Local>();
  /** Parts of `a?.b.c`, which cannot stand by themselves. */
  readonly #chained = new Set<Node>();
  readonly points = { before: new Set<Node>(), behind: new Set<Node>(), updates: new Set<Node>(), lazy: new Set<Node>() };

  // Of the statement that is gone through.
  /** There was an access since the last point. */
  #dirty = false;
  /** It is known to write, and gets its points. */
  #splits = false;
  #writes = false;

  constructor(file: File) {
    this.#file = file;
    this.#meanings = new Meanings(file);
    this.#free = new Set(file.names.free.map(({ node }) => node));
    this.#note(file.program);
    for (const [node, local] of file.names.locals) {
      const member = this.#memberOf.get(node);
      if (member === undefined) this.#leaked.add(local);
      else if (this.#targets.has(member) && nameOf(member.property) === 'value') this.#setParameters.add(local);
    }
    this.#inside(file.program);
  }

  /** What the names of a node are part of. */
  #note(node: Node): void {
    if (isErased(node)) return;
    if (is(node, 'MemberExpression')) this.#memberOf.set(unwrap(node.object), node);
    else if (is(node, 'AssignmentExpression')) this.#targets.add(unwrap(node.left));
    else if (is(node, 'UpdateExpression')) this.#targets.add(unwrap(node.argument));
    else if (is(node, 'ChainExpression')) {
      for (let part: Node = node.expression; is(part, 'MemberExpression', 'CallExpression', 'TSNonNullExpression'); ) {
        this.#chained.add(part);
        part = is(part, 'MemberExpression') ? part.object : is(part, 'CallExpression') ? part.callee : part.expression;
      }
    }
    eachChild(node, (child) => { this.#note(child); });
  }

  // Statements

  #inside(node: Node): void {
    if (isErased(node)) return;
    handlerOf(this.#statements, node)?.(node);
    eachChild(node, (child) => { this.#inside(child); });
  }

  readonly #statements: Table<[]> = {
    ExpressionStatement: ({ expression }) => { this.#unit(expression); },
    VariableDeclaration: ({ declarations }) => { this.#unit(...declarations.map(({ init }) => init)); },
    ReturnStatement: ({ argument }) => { this.#unit(argument); },
    ThrowStatement: ({ argument }) => { this.#unit(argument); },
    IfStatement: ({ test }) => { this.#unit(test); },
    WhileStatement: ({ test }) => { this.#unit(test); },
    DoWhileStatement: ({ test }) => { this.#unit(test); },
    ForStatement: ({ init, test, update }) => {
      this.#unit(...(is(init, 'VariableDeclaration') ? init.declarations.map((declarator) => declarator.init) : [init]), test);
      this.#unit(update, test);
    },
    ForInStatement: ({ right }) => { this.#unit(right); },
    ForOfStatement: ({ right }) => { this.#unit(right); },
    SwitchStatement: ({ discriminant, cases }) => { this.#unit(discriminant, ...cases.map(({ test }) => test)); },
    ExportDefaultDeclaration: ({ declaration }) => { this.#unit(declaration); },
    ArrowFunctionExpression: ({ body }) => {
      if (!is(body, 'BlockStatement')) this.#unit(body);
    },
    // What a parameter or a field is by default.
    AssignmentPattern: ({ right }) => { this.#unit(right); },
    PropertyDefinition: ({ value }) => { this.#unit(value); },
  };

  /** Expressions that are evaluated one after another, up to the next statement's point. */
  #unit(...expressions: readonly (Node | null)[]): void {
    this.#writes = false;
    this.#evaluate(expressions);
    if (!this.#writes) return;
    this.#splits = true;
    this.#evaluate(expressions);
    this.#splits = false;
  }

  #evaluate(expressions: readonly (Node | null)[]): void {
    this.#dirty = false;
    for (const expression of expressions) if (expression !== null) this.#visit(expression);
  }

  // Expressions, in the order in which they are evaluated

  #visit(node: Node): void {
    const inner = unwrap(node);
    if (isErased(inner) || isFunction(inner) || is(inner, 'ClassExpression', 'ClassDeclaration')) return;
    const rule = handlerOf(this.#expressions, inner);
    if (rule !== undefined) rule(inner);
    else eachChild(inner, (child) => { this.#visit(child); });
  }

  /** What may not be evaluated. */
  #perhaps(evaluate: () => void): void {
    const before = this.#dirty;
    evaluate();
    this.#dirty ||= before;
  }

  readonly #expressions: Table<[]> = {
    Identifier: (node) => {
      if (this.#isRead(node)) this.#access(() => { this.points.before.add(node); });
    },
    Property: ({ computed, key, shorthand, value }) => {
      if (computed) this.#visit(key);
      // `{ n }` of an import is a rewritten text already.
      if (!shorthand || !this.#file.names.imported.has(value)) this.#visit(value);
    },
    SpreadElement: ({ argument }) => {
      this.#visit(argument);
      this.#access(() => { this.#pointBehind(argument); });
    },
    UnaryExpression: (node) => {
      this.#visit(node.argument);
      if (node.operator === 'delete') this.#writes = true;
    },
    LogicalExpression: ({ left, right }) => {
      this.#visit(left);
      this.#perhaps(() => { this.#visit(right); });
    },
    ConditionalExpression: ({ test, consequent, alternate }) => {
      this.#visit(test);
      const before = this.#dirty;
      this.#visit(consequent);
      const behind = this.#dirty;
      this.#dirty = before;
      this.#visit(alternate);
      this.#dirty ||= behind;
    },
    MemberExpression: (node) => { this.#member(node); },
    AssignmentExpression: (node) => { this.#assignment(node); },
    UpdateExpression: (node) => { this.#update(node); },
    CallExpression: (node) => { this.#call(node); },
    NewExpression: (node) => {
      this.#visit(node.callee);
      for (const argument of node.arguments) this.#visit(argument);
      if (!this.#free.has(unwrap(node.callee))) this.#dirty = true;
    },
    TaggedTemplateExpression: (node) => {
      eachChild(node, (child) => { this.#visit(child); });
      this.#dirty = true;
    },
  };

  #member(node: NodeOf<'MemberExpression'>): void {
    const parameter = this.#meanings.parameterOf(node);
    if (parameter !== null) {
      if (this.#mayBeSet(parameter.local)) this.#access(() => { this.points.before.add(node); });
    } else if (this.#reach(node)) this.#access(() => { this.#pointBeforeProperty(node); });
  }

  #assignment(node: Assignment): void {
    const { left, operator, right } = node;
    const target = unwrap(left);
    const isMember = is(target, 'MemberExpression');
    const parameter = this.#meanings.parameterOf(target);
    const isName = is(target, 'Identifier');
    let isShared = true;
    if (isName) isShared = this.#isShared(target);
    else if (!isMember) isShared = this.#hasShared(target);
    else if (parameter === null) isShared = this.#reach(target);
    // Kernel memory's accesses have points.
    const hasPoints = isMember && parameter === null && this.#isMemory(target);
    const isLazy = operator === '&&=' || operator === '||=' || operator === '??=';
    if (operator !== '=' && isShared) {
      this.#access(() => {
        if (isMember && parameter === null) this.#pointBeforeProperty(target);
        else this.points.before.add(node);
      });
    } else if (operator !== '=' && hasPoints) this.#dirty = true;
    const write = (): void => {
      const names = isName && isNameless(right);
      // A point behind the function would take its name; making it touches nothing.
      if (names && isShared && this.#dirty && this.#splits) (isLazy ? this.points.lazy : this.points.before).add(node);
      this.#visit(right);
      if (!isName && !isMember) this.#pattern(target);
      if (isShared) {
        this.#writes = true;
        this.#access(() => { if (!names) this.#pointBehind(right); });
      } else if (hasPoints) {
        this.#writes = true;
        this.#dirty = true;
      }
    };
    if (isLazy) this.#perhaps(write);
    else write();
  }

  #update(node: Update): void {
    const target = unwrap(node.argument);
    if (is(target, 'Identifier') || this.#meanings.parameterOf(target) !== null) {
      if (is(target, 'Identifier') && !this.#isShared(target)) return;
      this.#access(() => { this.points.before.add(node); });
    } else if (is(target, 'MemberExpression')) {
      if (!this.#reach(target)) {
        if (this.#isMemory(target)) this.#writes = true;
        return;
      }
      this.#access(() => { this.#pointBeforeProperty(target); });
    }
    this.#writes = true;
    if (this.#splits && canSplit(node)) this.points.updates.add(node);
  }

  #call(node: NodeOf<'CallExpression'>): void {
    const callee = unwrap(node.callee);
    if (this.#isView(node)) {
      for (const argument of node.arguments) this.#visit(argument);
      return;
    }
    const header = this.#meanings.headerFunction(callee);
    if (is(callee, 'MemberExpression')) {
      this.#visit(callee.object);
      if (callee.computed) this.#visit(callee.property);
    } else if (header === '') this.#visit(callee);
    for (const argument of node.arguments) this.#visit(argument);
    if (POINTED.has(header)) this.#dirty = !MAKES.test(header);
    else if (header !== '') return;
    else if (is(callee, 'MemberExpression')) {
      if (!this.#isProperty(callee)) return;
      if (!callee.computed && WRITERS.has(nameOf(callee.property) ?? '')) this.#writes = true;
      this.#access(() => { this.#pointBehind(node.arguments.at(-1) ?? callee.object); });
    } else if (!this.#free.has(callee)) this.#dirty = true;
  }

  /** Destructuring writes its targets one after another: what comes with them is evaluated in between. */
  #pattern(node: Node): void {
    const inner = unwrap(node);
    if (is(inner, 'MemberExpression')) this.#reach(inner);
    else if (is(inner, 'AssignmentPattern')) {
      this.#pattern(inner.left);
      this.#perhaps(() => { this.#visit(inner.right); });
    } else if (is(inner, 'Property')) {
      if (inner.computed) this.#visit(inner.key);
      this.#pattern(inner.value);
    } else eachChild(inner, (child) => { this.#pattern(child); });
  }

  #hasShared(pattern: Node): boolean {
    const inner = unwrap(pattern);
    if (is(inner, 'Identifier')) return this.#isShared(inner);
    if (is(inner, 'MemberExpression')) return !this.#isMemory(inner) && this.#isProperty(inner);
    if (is(inner, 'AssignmentPattern')) return this.#hasShared(inner.left);
    if (is(inner, 'Property')) return this.#hasShared(inner.value);
    let found = false;
    eachChild(inner, (child) => { found ||= this.#hasShared(child); });
    return found;
  }

  // Accesses

  /** Something is touched that others may touch; `point` puts a point before that. */
  #access(point: () => void): void {
    if (this.#dirty && this.#splits) point();
    this.#dirty = true;
  }

  #pointBehind(node: Node): void {
    const inner = unwrap(node);
    if (is(inner, 'SpreadElement')) this.#pointBehind(inner.argument);
    else if (!this.#chained.has(inner) && !is(inner, 'Super')) this.points.behind.add(inner);
  }

  #pointBeforeProperty({ computed, object, property }: NodeOf<'MemberExpression'>): void {
    this.#pointBehind(computed ? property : object);
  }

  /** Goes through the operands of a member. Returns whether it is an access that has no point of its own. */
  #reach(node: NodeOf<'MemberExpression'>): boolean {
    this.#visit(node.object);
    if (node.computed) this.#visit(node.property);
    if (!this.#isMemory(node)) return this.#isProperty(node);
    this.#dirty = true;
    return false;
  }

  /** A field of a struct in kernel memory, or what is inside one. */
  #isMemory(node: NodeOf<'MemberExpression'>): boolean {
    let object = unwrap(node.object);
    while (is(object, 'MemberExpression')) object = unwrap(object.object);
    return this.#isView(object);
  }

  #isView(node: Node): boolean {
    if (this.#meanings.isView(node)) return true;
    const { layouts, names } = this.#file;
    const local = names.locals.get(unwrap(node));
    const view = unwrap(local === undefined || local.written || local.init === null ? node : local.init);
    if (!is(view, 'CallExpression')) return false;
    const callee = unwrap(view.callee);
    if (!is(callee, 'MemberExpression') || callee.computed || nameOf(callee.property) !== 'at') return false;
    const layout = unwrap(callee.object);
    return is(layout, 'Identifier') && names.imported.has(layout) && (layouts === null || layouts.has(layout.name));
  }

  /** Whether somebody else may touch the property. */
  #isProperty({ object: operand }: NodeOf<'MemberExpression'>): boolean {
    const object = unwrap(operand);
    const { headerNames, names } = this.#file;
    if (!is(object, 'Identifier')) return !is(object, 'MetaProperty');
    if (this.#free.has(object) || names.enumMembers.has(object)) return false;
    if (names.imported.has(object)) return !headerNames.has(object.name);
    const local = names.locals.get(object);
    return local === undefined || !(is(local.init, 'TSEnumDeclaration') || this.#isLayout(local) || this.#isOwn(local));
  }

  #isLayout(local: Local): boolean {
    return this.#meanings.isLayout(local);
  }

  /** An object that its function has made, and that it gives to nobody. */
  #isOwn(local: Local): boolean {
    const { init, written, captured } = local;
    if (written || captured || this.#leaked.has(local) || this.#file.exported.has(local.name)) return false;
    const made = init === null ? null : unwrap(init);
    if (is(made, 'NewExpression')) return this.#free.has(unwrap(made.callee));
    // A method of its own would be given it.
    return is(made, 'ArrayExpression') || (is(made, 'ObjectExpression') && made.properties.every((property) => is(property, 'Property') && !isFunction(property.value)));
  }

  #isRead(node: NodeOf<'Identifier'>): boolean {
    const { headerNames, live, names } = this.#file;
    if (!names.imported.has(node)) return this.#isShared(node);
    return live.has(node.name) || LIVE.has(headerNames.get(node.name) ?? '');
  }

  #isShared(node: Node): boolean {
    const { exported, names } = this.#file;
    const local = names.locals.get(node);
    if (!local?.written) return false;
    return local.captured || (exported.has(local.name) && names.top.get(local.name) === local);
  }

  #mayBeSet(parameter: Local): boolean {
    return this.#setParameters.has(parameter) || this.#leaked.has(parameter) || this.#file.exported.has(parameter.name);
  }
}

/** A function or a class that takes its name from what it is assigned to. */
export function isNameless(node: Node): boolean {
  const inner = unwrap(node);
  return is(inner, 'ArrowFunctionExpression') || (is(inner, 'FunctionExpression', 'ClassExpression') && inner.id === null);
}

/** Two forms cannot be taken apart where they stand: `(<T>n)++` and `super[key]++`. */
function canSplit({ argument }: Update): boolean {
  for (let node: Node = argument; ; ) {
    if (is(node, 'TSTypeAssertion')) return false;
    if (is(node, 'MemberExpression')) return !(node.computed && is(node.object, 'Super'));
    if (!is(node, 'ParenthesizedExpression', 'TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression')) return true;
    node = node.expression;
  }
}
