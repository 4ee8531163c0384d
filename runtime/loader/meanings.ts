/** What a file's expressions mean to the loader, as far as their text tells: kernel calls, views of memory, parameters, its own functions. */
import { eachChild, is, isFunction, nameOf, unwrap, type FunctionNode, type Identifier, type Node } from './ast.js';
import type { Local, Names } from './scope.js';

/** A file, as far as its expressions ask. */
export interface Source {
  readonly names: Names;
  /** Names of its top level that others see. */
  readonly exported: ReadonlySet<string>;
  /** What its imports from kernel headers are called there, by the file's own names for them. */
  readonly headerNames: ReadonlyMap<string, string>;
  /** Whether statements of a function of the file have points, from the first one on. */
  readonly hasPoints: (fn: FunctionNode) => boolean;
}

export class Meanings {
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  /** What the callee is called in its header; '' where it is no kernel function's own name. */
  headerFunction(node: Node): string {
    const callee = unwrap(node);
    return is(callee, 'Identifier') && this.#source.names.imported.has(callee) ? this.#source.headerNames.get(callee.name) ?? '' : '';
  }

  /** A function of the file that is always the same and whose parameters compute nothing. */
  isOwnFunction(callee: Identifier): boolean {
    const local = this.#source.names.locals.get(callee);
    if (local === undefined || local.written || !isFunction(local.init) || !this.#source.hasPoints(local.init)) return false;
    const { params, body } = local.init;
    return params.every((param) => is(param, 'Identifier')) && !(is(body, 'BlockStatement') && runsUnseen(body));
  }

  /** A variable that module_param() has made. */
  isParameter({ written, init }: Local): boolean {
    return !written && is(init, 'CallExpression') && this.headerFunction(init.callee) === 'module_param';
  }

  /** `parameter` of `parameter.value`, or null. */
  parameterOf(node: Node): { readonly object: Node; readonly local: Local } | null {
    if (!is(node, 'MemberExpression') || node.computed || nameOf(node.property) !== 'value') return null;
    const object = unwrap(node.object);
    const local = this.#source.names.locals.get(object);
    return local !== undefined && this.isParameter(local) ? { object, local } : null;
  }

  /** `layout.at(p)` of a struct of the file's, or a name that stands for one. */
  isView(node: Node): boolean {
    let view = unwrap(node);
    if (is(view, 'Identifier')) {
      const local = this.#source.names.locals.get(view);
      if (local === undefined || local.written || local.init === null) return false;
      view = unwrap(local.init);
    }
    const layout = viewCallee(view);
    if (layout === null) return false;
    const local = this.#source.names.locals.get(layout);
    return local !== undefined && this.isLayout(local);
  }

  /** A variable that struct() has made. */
  isLayout({ written, init }: Local): boolean {
    return !written && is(init, 'CallExpression') && this.headerFunction(init.callee) === 'struct';
  }
}

/** `layout` of `layout.at(p)`. */
export function viewCallee(node: Node): Identifier | null {
  if (!is(node, 'CallExpression')) return null;
  const callee = unwrap(node.callee);
  if (!is(callee, 'MemberExpression') || callee.computed || nameOf(callee.property) !== 'at') return null;
  const layout = unwrap(callee.object);
  return is(layout, 'Identifier') ? layout : null;
}

/** One that may change after it has been declared, and that more than one function uses. */
export function isVariable({ written, captured }: Local): boolean {
  return written && captured;
}

/** Whether a declaration among the statements runs something, which has no point. */
function runsUnseen(node: Node): boolean {
  if (is(node, 'ClassDeclaration', 'TSEnumDeclaration')) return true;
  let found = false;
  if (!isFunction(node)) eachChild(node, (child) => { found ||= runsUnseen(child); });
  return found;
}
