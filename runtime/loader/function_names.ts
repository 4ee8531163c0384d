/** What V8 will call a function, from where it stands. */
import { handlerOf, is, isFunction, nameOf, unwrap, type Node, type NodeOf, type Table } from './ast.js';

export const ANONYMOUS = '<anonymous>';
export const TOP_LEVEL = '<module>';
export const STATIC_BLOCK = '<static_initializer>';

export class FunctionNames {
  readonly #names = new Map<Node, string>();

  /** To be told of every node before its children are asked for. */
  enter(node: Node): void {
    handlerOf(this.#rules, node)?.(node);
  }

  nameOf(node: Node): string {
    const own = isFunction(node) || is(node, 'ClassDeclaration', 'ClassExpression') ? node.id?.name : undefined;
    return own ?? this.#names.get(node) ?? ANONYMOUS;
  }

  readonly #call = (value: Node | null, name: string | null): void => {
    if (value !== null && name !== null && name !== '') this.#names.set(unwrap(value), name);
  };

  readonly #member = (node: NodeOf<'Property'> | NodeOf<'PropertyDefinition'>): void => {
    this.#call(node.value, keyName(node));
  };

  readonly #class = (node: NodeOf<'ClassDeclaration'>): void => {
    for (const member of node.body.body) if (is(member, 'MethodDefinition') && member.kind === 'constructor') this.#call(member.value, this.nameOf(node));
  };

  readonly #rules: Table<[]> = {
    VariableDeclarator: (node) => { this.#call(node.init, is(node.id, 'Identifier') ? node.id.name : null); },
    AssignmentExpression: (node) => {
      const target = unwrap(node.left);
      this.#call(node.right, nameOf(is(target, 'MemberExpression') && !target.computed ? target.property : target));
    },
    AssignmentPattern: (node) => { this.#call(node.right, nameOf(node.left)); },
    Property: (node) => {
      this.#call(node.value, accessor(node.kind) + (keyName(node) ?? ANONYMOUS));
    },
    PropertyDefinition: this.#member,
    MethodDefinition: (node) => {
      if (node.kind !== 'constructor') this.#call(node.value, accessor(node.kind) + (keyName(node) ?? ANONYMOUS));
    },
    ExportDefaultDeclaration: (node) => { this.#call(node.declaration, 'default'); },
    ClassDeclaration: this.#class,
    ClassExpression: this.#class,
  };
}

function accessor(kind: string): string {
  return kind === 'get' || kind === 'set' ? `${kind} ` : '';
}

function keyName({ key, computed }: { key: Node; computed: boolean }): string | null {
  if (computed && is(key, 'Identifier')) return null;
  const name = nameOf(key);
  return name !== null && is(key, 'PrivateIdentifier') ? `#${name}` : name;
}
