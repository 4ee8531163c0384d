/**
 * Which name means what: every identifier that is read or written, resolved through the lexical scopes.
 *
 * The loader needs it for two things. References to imports become member accesses, because a header's export can
 * be a live value (`jiffies`), and names that nothing declares are the module's unknown symbols.
 */
import { eachChild, handlerOf, is, isErased, nameOf, unwrap, type Identifier, type Node, type NodeOf, type Table } from './ast.js';

/** A name that the file itself declares, imports and members of enums apart. */
export interface Local {
  readonly kind: 'local';
  readonly name: string;
  /** What it is declared with, where that is one expression, or the declaration of a function or an enum. */
  readonly init: Node | null;
  /** It may change after it has been declared. */
  written: boolean;
  /** A function inside the one that declares it uses it, too. */
  captured: boolean;
}

type Binding = Local | { readonly kind: 'import' } | { readonly kind: 'enum'; readonly enum: string };

const IMPORT: Binding = { kind: 'import' };

class Scope {
  readonly names = new Map<string, Binding>();
  readonly parent: Scope | null;
  /** Where `var` lands. */
  readonly functionScope: Scope;
  /** The scope of the whole function: its parameters and its body are of one. */
  readonly activation: Scope;

  constructor(parent: Scope | null, isFunction: boolean, isBody = false) {
    this.parent = parent;
    this.functionScope = isFunction || parent === null ? this : parent.functionScope;
    this.activation = parent === null || (isFunction && !isBody) ? this : parent.activation;
  }

  /** The scope that declares the name. */
  owner(name: string): Scope | undefined {
    return this.names.has(name) ? this : this.parent?.owner(name);
  }

}

export interface Reference {
  readonly node: Identifier;
  readonly parent: Node;
  readonly writes: boolean;
}

export interface Names {
  /** What the other references mean. */
  readonly locals: ReadonlyMap<Node, Local>;
  /** References that mean an import. */
  readonly imported: ReadonlyMap<Node, Reference>;
  /** References to a member of the enum around them, by the enum's name. */
  readonly enumMembers: ReadonlyMap<Node, string>;
  /** References that nothing in the file declares. */
  readonly free: readonly Reference[];
  /** What the file's top level declares, imports apart, by name. */
  readonly top: ReadonlyMap<string, Local>;
  /** What each block declares; the body of a function, its parameters, too. */
  readonly blocks: ReadonlyMap<NodeOf<'BlockStatement'>, readonly Local[]>;
  /** Every name that is declared or referenced anywhere. */
  readonly all: ReadonlySet<string>;
}

export function resolveNames(program: NodeOf<'Program'>): Names {
  const top = new Scope(null, true);
  const references: [Reference, Scope][] = [];
  const all = new Set<string>();
  const blocks = new Map<NodeOf<'BlockStatement'>, Scope[]>();

  const declare = (scope: Scope, name: string, binding: Binding = localNamed(name, null)): void => {
    all.add(name);
    const earlier = scope.names.get(name);
    // A name that is declared twice has two values.
    if (earlier?.kind === 'local' && binding.kind === 'local') earlier.written = true;
    else scope.names.set(name, binding);
  };

  const refer = (node: Identifier, parent: Node, scope: Scope, writes: boolean): void => {
    all.add(node.name);
    references.push([{ node, parent, writes }, scope]);
  };

  /** A pattern's names go to `target`: declared there, or written when it is null. Its defaults are read in `scope`. */
  const pattern = (node: Node, parent: Node, scope: Scope, target: Scope | null): void => {
    const inner = unwrap(node);
    if (is(inner, 'Identifier')) {
      if (target === null) refer(inner, parent, scope, true);
      else if (inner.name !== 'this') declare(target, inner.name);
    } else if (is(inner, 'TSParameterProperty')) pattern(inner.parameter, inner, scope, target);
    else if (is(inner, 'AssignmentPattern')) {
      pattern(inner.left, inner, scope, target);
      visit(inner.right, inner, scope);
    } else if (is(inner, 'RestElement')) pattern(inner.argument, inner, scope, target);
    else if (is(inner, 'ArrayPattern')) {
      for (const element of inner.elements) if (element !== null) pattern(element, inner, scope, target);
    } else if (is(inner, 'ObjectPattern')) {
      for (const property of inner.properties) {
        if (is(property, 'RestElement')) pattern(property, inner, scope, target);
        else {
          if (property.computed) visit(property.key, property, scope);
          pattern(property.value, property, scope, target);
        }
      }
    } else visit(inner, parent, scope);
  };

  const functionLike = (node: NodeOf<'FunctionDeclaration'> | NodeOf<'ArrowFunctionExpression'>, outer: Scope): void => {
    const named = new Scope(outer, false);
    if (node.type === 'FunctionExpression' && node.id !== null) declare(named, node.id.name);
    // Parameters have a scope of their own: a default value does not see the body's variables.
    const parameters = new Scope(named, true);
    if (node.type !== 'ArrowFunctionExpression') parameters.names.set('arguments', localNamed('arguments', null));
    for (const parameter of node.params) pattern(parameter, node, parameters, parameters);
    const body = new Scope(parameters, true, true);
    if (is(node.body, 'BlockStatement')) {
      blocks.set(node.body, [parameters, body]);
      inside(node.body, body);
    } else if (node.body !== null) visit(node.body, node, body);
  };

  const classLike = (node: NodeOf<'ClassDeclaration'>, outer: Scope): void => {
    const scope = new Scope(outer, false);
    if (node.id !== null) declare(scope, node.id.name);
    if (node.superClass !== null) visit(node.superClass, node, scope);
    inside(node.body, scope);
  };

  const member = (node: NodeOf<'MethodDefinition'> | NodeOf<'PropertyDefinition'> | NodeOf<'AccessorProperty'>, scope: Scope): void => {
    if (node.computed) visit(node.key, node, scope);
    // A field's value is computed in the constructor.
    if (node.value !== null) visit(node.value, node, node.type === 'MethodDefinition' ? scope : new Scope(scope, true));
  };

  const loop = (node: NodeOf<'ForInStatement'> | NodeOf<'ForOfStatement'>, outer: Scope): void => {
    const scope = new Scope(outer, false);
    if (is(node.left, 'VariableDeclaration')) visit(node.left, node, scope);
    else pattern(node.left, node, scope, null);
    visit(node.right, node, scope);
    visit(node.body, node, scope);
  };

  const inside = (node: Node, scope: Scope): void => {
    eachChild(node, (child) => { visit(child, node, scope); });
  };

  const nothing = (): void => undefined;

  const rules: Table<[scope: Scope, parent: Node]> = {
    Identifier: (node, scope, parent) => { refer(node, parent, scope, false); },
    FunctionDeclaration: (node, scope) => {
      if (node.id !== null) declare(scope, node.id.name, localNamed(node.id.name, node));
      functionLike(node, scope);
    },
    FunctionExpression: functionLike,
    ArrowFunctionExpression: functionLike,
    ClassDeclaration: (node, scope) => {
      if (node.id !== null) declare(scope, node.id.name);
      classLike(node, scope);
    },
    ClassExpression: classLike,
    MethodDefinition: member,
    PropertyDefinition: member,
    AccessorProperty: member,
    StaticBlock: (node, scope) => { inside(node, new Scope(scope, true)); },
    BlockStatement: (node, outer) => {
      const scope = new Scope(outer, false);
      blocks.set(node, [scope]);
      inside(node, scope);
    },
    ForStatement: (node, scope) => { inside(node, new Scope(scope, false)); },
    ForInStatement: loop,
    ForOfStatement: loop,
    SwitchStatement: (node, scope) => {
      visit(node.discriminant, node, scope);
      const cases = new Scope(scope, false);
      for (const branch of node.cases) visit(branch, node, cases);
    },
    CatchClause: (node, outer) => {
      const scope = new Scope(outer, false);
      if (node.param !== null) pattern(node.param, node, scope, scope);
      visit(node.body, node, scope);
    },
    VariableDeclaration: (node, scope) => {
      const target = node.kind === 'var' ? scope.functionScope : scope;
      for (const { id, init } of node.declarations) {
        const name = unwrap(id);
        if (is(name, 'Identifier')) declare(target, name.name, localNamed(name.name, init, node.kind === 'var'));
        else pattern(id, node, scope, target);
        if (init !== null) visit(init, node, scope);
      }
    },
    TSEnumDeclaration: (node, outer) => {
      declare(outer, node.id.name, localNamed(node.id.name, node));
      const scope = new Scope(outer, false);
      for (const { id } of node.body.members) declare(scope, nameOf(id) ?? '', { kind: 'enum', enum: node.id.name });
      for (const entry of node.body.members) if (entry.initializer !== null) visit(entry.initializer, entry, scope);
    },
    MemberExpression: (node, scope) => {
      visit(node.object, node, scope);
      if (node.computed) visit(node.property, node, scope);
    },
    Property: (node, scope) => {
      if (node.computed) visit(node.key, node, scope);
      visit(node.value, node, scope);
    },
    AssignmentExpression: (node, scope) => {
      pattern(node.left, node, scope, null);
      visit(node.right, node, scope);
    },
    UpdateExpression: (node, scope) => { pattern(node.argument, node, scope, null); },
    LabeledStatement: (node, scope) => { visit(node.body, node, scope); },
    BreakStatement: nothing,
    ContinueStatement: nothing,
    MetaProperty: nothing,
    ImportDeclaration: (node) => {
      for (const specifier of node.specifiers) {
        if (!is(specifier, 'ImportSpecifier') || specifier.importKind !== 'type') declare(top, specifier.local.name, IMPORT);
      }
    },
    ExportAllDeclaration: nothing,
    ExportNamedDeclaration: (node, scope) => {
      if (node.declaration !== null) visit(node.declaration, node, scope);
    },
  };

  const visit = (node: Node, parent: Node, scope: Scope): void => {
    if (isErased(node)) return;
    const rule = handlerOf(rules, node);
    if (rule !== undefined) rule(node, scope, parent);
    else inside(node, scope);
  };

  inside(program, top);
  return resolve(references, top, blocks, all);
}

function localNamed(name: string, init: Node | null, written = false): Local {
  return { kind: 'local', name, init, written, captured: false };
}

function resolve(references: [Reference, Scope][], top: Scope, blocks: ReadonlyMap<NodeOf<'BlockStatement'>, readonly Scope[]>, all: Set<string>): Names {
  const imported = new Map<Node, Reference>();
  const enumMembers = new Map<Node, string>();
  const locals = new Map<Node, Local>();
  const free: Reference[] = [];
  for (const [reference, scope] of references) {
    const owner = scope.owner(reference.node.name);
    const binding = owner?.names.get(reference.node.name);
    if (binding === undefined) free.push(reference);
    else if (binding.kind === 'import') imported.set(reference.node, reference);
    else if (binding.kind === 'enum') enumMembers.set(reference.node, binding.enum);
    else {
      locals.set(reference.node, binding);
      if (reference.writes) binding.written = true;
      if (scope.activation !== owner?.activation) binding.captured = true;
    }
  }
  const declaredIn = new Map<NodeOf<'BlockStatement'>, readonly Local[]>();
  for (const [block, scopes] of blocks) declaredIn.set(block, [...localsOf(...scopes).values()]);
  return { imported, locals, enumMembers, free, top: localsOf(top), blocks: declaredIn, all };
}

/** What is declared, by name; of two with one name, what the last scope has. */
function localsOf(...scopes: readonly Scope[]): Map<string, Local> {
  const locals = new Map<string, Local>();
  for (const { names } of scopes) {
    for (const [name, binding] of names) if (binding.kind === 'local') locals.set(name, binding);
  }
  return locals;
}
