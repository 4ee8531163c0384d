/** Imports and exports as the emitted code has them: namespaces are parameters, references are their members. */
import { is, nameOf, unwrap, type Node } from './ast.js';
import { DEFAULT, type LocalExport, type Request } from './imports.js';
import { findExport, type Part, type Target } from './link.js';
import type { Emission, Pass } from './pass.js';

/** A parameter that holds a namespace, and the names that the file will look for in it. */
export interface Namespace {
  readonly id: string;
  readonly target: Target;
  readonly needs: readonly string[];
}

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;

export class References implements Pass {
  readonly #emission: Emission;
  readonly #part: Part;
  /** What stands for an imported name. */
  readonly #access = new Map<string, string>();
  /** Local names of whole headers. */
  readonly #headers = new Set<string>();
  /** Names in the place of a callee: called as members, they would get the namespace as `this`. */
  readonly #callees = new Set<Node>();
  readonly #math: ReadonlySet<Node>;
  readonly namespaces: Namespace[] = [];

  constructor(emission: Emission, part: Part) {
    this.#emission = emission;
    this.#part = part;
    for (const [request, target] of part.targets) this.#addNamespace(request, target);
    this.#math = new Set(part.unit.names.free.filter(({ node }) => node.name === 'Math').map(({ node }) => node));
  }

  #addNamespace(request: Request, target: Target): void {
    const { ids } = this.#emission;
    if (request.names.length === 0) return;
    const id = ids.fresh(/([^/]*?)(?:\.\w+)?$/.exec(request.specifier)?.[1] ?? '');
    for (const { local, imported } of request.names) {
      if (imported === '*' && target.kind === 'header') this.#headers.add(local);
      const isThisModule = target.kind === 'header' && imported === 'THIS_MODULE';
      this.#access.set(local, isThisModule ? ids.thisModule : imported === '*' ? id : member(id, imported));
    }
    const needs = this.#part.unit.uses(request).map(({ name }) => name);
    this.namespaces.push({ id, target, needs: target.kind === 'header' ? needs.filter((name) => name !== 'THIS_MODULE') : needs });
  }

  enter(node: Node, parent: Node): 'done' | undefined {
    const { edits, ids } = this.#emission;
    if (is(node, 'CallExpression')) this.#callees.add(unwrap(node.callee));
    else if (is(node, 'TaggedTemplateExpression')) this.#callees.add(unwrap(node.tag));
    else if (is(node, 'Identifier')) {
      const text = this.#textFor(node);
      if (text === null) return undefined;
      const isShorthand = is(parent, 'Property') && parent.shorthand;
      edits.replace(node.start, node.end, isShorthand ? `${node.name}:${text}` : this.#callees.has(node) ? `(0,${text})` : text);
    } else if (is(node, 'MemberExpression')) {
      if (!is(node.object, 'Identifier') || node.computed || nameOf(node.property) !== 'THIS_MODULE') return undefined;
      if (!this.#headers.has(node.object.name) || !this.#part.unit.names.imported.has(node.object)) return undefined;
      edits.replace(node.start, node.end, ids.thisModule);
      return 'done';
    } else return this.#declaration(node);
    return undefined;
  }

  exit(): void {
    // All is done on the way in.
  }

  #textFor(node: Node & { name: string }): string | null {
    const { names } = this.#part.unit;
    if (names.imported.has(node)) return this.#access.get(node.name) ?? null;
    if (this.#math.has(node)) return this.#emission.ids.math;
    const owner = names.enumMembers.get(node);
    return owner === undefined ? null : member(owner, node.name);
  }

  #declaration(node: Node): 'done' | undefined {
    const { edits, file, ids } = this.#emission;
    if (is(node, 'ImportDeclaration', 'ExportAllDeclaration')) edits.blank(node.start, node.end);
    else if (is(node, 'ExportNamedDeclaration')) {
      edits.blank(node.start, node.declaration?.start ?? node.end);
      if (node.declaration !== null) return undefined;
    } else if (is(node, 'ExportDefaultDeclaration')) {
      const { declaration } = node;
      if (!is(declaration, 'FunctionDeclaration', 'ClassDeclaration')) edits.replace(node.start, declaration.start, `const ${ids.defaultExport}=`);
      else {
        edits.blank(node.start, declaration.start);
        const keyword = is(declaration, 'FunctionDeclaration') ? 'function' : 'class';
        if (declaration.id === null) edits.insert(file.find(keyword, declaration.start) + keyword.length, ` ${ids.defaultExport}`);
      }
      return undefined;
    } else return undefined;
    return 'done';
  }

  /** Defines what the file exports: getters, because the bindings are live. */
  prelude(): string {
    const { ids } = this.#emission;
    const getters = this.#part.unit.interface.locals.flatMap((entry) => {
      const value = this.#valueOf(entry);
      return value === null ? [] : [`${JSON.stringify(entry.exported)}:()=>${value}`];
    });
    return getters.length === 0 ? '' : `${ids.exports}({${getters.join(',')}});`;
  }

  #valueOf({ local, exported }: LocalExport): string | null {
    if (findExport(this.#part, exported) === null) return null;
    if (local === DEFAULT) return this.#emission.ids.defaultExport;
    return this.#part.unit.declares(local) ? local : this.#access.get(local) ?? null;
  }
}

function member(object: string, name: string): string {
  return IDENTIFIER.test(name) ? `${object}.${name}` : `${object}[${JSON.stringify(name)}]`;
}
