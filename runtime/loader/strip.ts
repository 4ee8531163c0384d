/**
 * TypeScript becomes JavaScript by taking its types out, in place: every line stays where it is.
 *
 * Where a type is gone, a line end or a missing semicolon may mean something else than before. So every statement gets
 * its semicolon, and line ends are moved where JavaScript does not allow one.
 */
import { bodyStart, handlerOf, is, isErased, isFunction, nameOf, superCall, type FunctionNode, type Node, type NodeOf, type Table } from './ast.js';
import type { Emission, Pass } from './pass.js';

const SEMICOLON = new Set<string>([
  'ExpressionStatement', 'VariableDeclaration', 'ReturnStatement', 'ThrowStatement', 'BreakStatement', 'ContinueStatement',
  'DebuggerStatement', 'PropertyDefinition', 'ExportDefaultDeclaration',
]);
const MODIFIER = /\b(?:public|private|protected|readonly|abstract|override|declare)\b/g;

export class Strip implements Pass {
  readonly #emission: Emission;
  /** Constructors that run code of their own after super(): `this.x = x` for each parameter property. */
  readonly #derived = new Set<Node>();

  constructor(emission: Emission) {
    this.#emission = emission;
  }

  enter(node: Node, parent: Node): 'done' | undefined {
    if (isErased(node)) {
      this.#erase(node, parent);
      return 'done';
    }
    if (isFunction(parent) && is(node, 'BlockStatement') && node === parent.body) this.#fillProperties(node, parent);
    return handlerOf(this.#rules, node)?.(node, parent);
  }

  exit(node: Node, parent: Node): void {
    if (isErased(node)) return;
    const { edits, file } = this.#emission;
    if (is(node, 'TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression')) edits.blank(node.expression.end, node.end);
    else if (is(node, 'TSTypeAssertion')) edits.insert(node.end, ')');
    else if (SEMICOLON.has(node.type) && file.text[node.end - 1] !== ';' && !isLoopHead(node, parent)) edits.insert(node.end, ';');
    else if (is(node, 'TSEnumMember')) edits.insert(node.end, ');');
    else if (is(node, 'TSEnumDeclaration')) {
      edits.insert(node.end - 1, `return ${node.id.name}`);
      edits.insert(node.end, `)(${is(parent, 'Program', 'ExportNamedDeclaration') ? `${node.id.name}||` : ''}{});`);
    }
  }

  #erase(node: Node, parent: Node): void {
    const { edits, file } = this.#emission;
    // Taken out with the expression, with the assertion's angle brackets, or with the word `implements`.
    if (is(parent, 'TSAsExpression', 'TSSatisfiesExpression', 'TSTypeAssertion') || is(node, 'TSClassImplements')) return;
    if (!is(parent, 'ArrowFunctionExpression')) {
      edits.blank(node.start, node.end);
      return;
    }
    // No line may end between `)` and `=>`, nor, after `return`, before `(`.
    const move = (from: number, to: number, target: number): void => {
      edits.replace(from, to, ' ', 'drop');
      edits.insert(target, edits.lineEnds(from, to));
    };
    if (node === parent.returnType) move(file.find(')', parent.params.at(-1)?.end ?? parent.typeParameters?.end ?? parent.start) + 1, node.end, parent.body.start);
    else {
      const parenthesis = file.find('(', node.end);
      move(node.start, parenthesis, parenthesis + 1);
    }
  }

  /** `constructor(private x: number)` declares a field and fills it. */
  #fillProperties(body: NodeOf<'BlockStatement'>, fn: FunctionNode): void {
    const { edits, file } = this.#emission;
    const assignments = parameterProperties(fn);
    if (assignments === '') return;
    if (!this.#derived.has(fn)) {
      edits.insert(bodyStart(body), assignments);
      return;
    }
    const call = superCall(fn);
    if (call === undefined) throw file.error(fn.start, 'a constructor with parameter properties needs super() as a statement of its own');
    // Before anything that follows; the statement may lack its semicolon.
    edits.insert(call.end, `;${assignments}`);
  }

  /** Blanks the first `token` at or after an offset. */
  #mark(token: string, from: number): void {
    const at = this.#emission.file.find(token, from);
    this.#emission.edits.blank(at, at + token.length);
  }

  #modifiers(from: number, to: number): void {
    for (const { 0: word, index } of this.#emission.file.text.slice(from, to).matchAll(MODIFIER))
      this.#emission.edits.blank(from + index, from + index + word.length);
  }

  readonly #member = (node: NodeOf<'PropertyDefinition'> | NodeOf<'MethodDefinition'>): undefined => {
    this.#modifiers(node.start, node.key.start);
    const end = node.computed ? this.#emission.file.find(']', node.key.end) + 1 : node.key.end;
    if (node.optional === true) this.#mark('?', end);
    else if (is(node, 'PropertyDefinition') && node.definite === true) this.#mark('!', end);
  };

  readonly #class = (node: NodeOf<'ClassDeclaration'>): undefined => {
    const { edits, file } = this.#emission;
    if (node.superClass !== null) {
      for (const member of node.body.body) if (is(member, 'MethodDefinition') && member.kind === 'constructor') this.#derived.add(member.value);
    }
    if (node.abstract === true) this.#modifiers(node.start, file.find('class', node.start));
    const last = node.implements?.at(-1);
    if (last === undefined) return;
    const before = node.superTypeArguments ?? node.superClass ?? node.typeParameters ?? node.id;
    edits.blank(file.find('implements', before?.end ?? file.find('class', node.start)), last.end);
  };

  readonly #rules: Table<[parent: Node], 'done' | undefined> = {
    Identifier: (node, parent) => {
      if (node.name === 'this' && isFunction(parent)) return this.#thisParameter(node, parent);
      // A parameter's; oxc's types know the flag of other identifiers only.
      if ((node as { optional?: boolean }).optional === true) this.#mark('?', node.start + node.name.length);
      return undefined;
    },
    VariableDeclarator: (node) => {
      if (node.definite === true && is(node.id, 'Identifier')) this.#mark('!', node.id.start + node.id.name.length);
      return undefined;
    },
    TSParameterProperty: (node) => {
      this.#modifiers(node.start, node.parameter.start);
      return undefined;
    },
    // Parentheses, not nothing: the text before may be `return`, and the brackets may hold a line end.
    TSTypeAssertion: (node) => {
      this.#emission.edits.replace(node.start, node.expression.start, '(');
      return undefined;
    },
    MethodDefinition: this.#member,
    PropertyDefinition: this.#member,
    ClassDeclaration: this.#class,
    ClassExpression: this.#class,
    TSEnumDeclaration: (node, parent) => this.#enum(node, parent),
  };

  #thisParameter(node: Node, fn: { params: readonly Node[] }): 'done' {
    const { edits, file } = this.#emission;
    const next = fn.params[1];
    const rest = /^\s*,/.exec(file.text.slice(node.end))?.[0].length ?? 0;
    edits.blank(node.start, next?.start ?? node.end + rest);
    return 'done';
  }

  /** `enum E { A, B = 5 }` is `var E=((E)=>{ member(E,"A",0); member(E,"B",5); return E})(E||{});` */
  #enum(node: NodeOf<'TSEnumDeclaration'>, parent: Node): 'done' | undefined {
    const { edits, ids } = this.#emission;
    const { id, body } = node;
    // Only at the top level may two declarations of one enum be merged; in a block the name is the block's own.
    edits.replace(node.start, id.start, is(parent, 'Program', 'ExportNamedDeclaration') ? 'var ' : 'let ');
    edits.replace(id.end, body.start + 1, `=((${id.name})=>{`);
    let next = '0';
    for (const [i, member] of body.members.entries()) {
      const key = JSON.stringify(nameOf(member.id) ?? '');
      const call = `${ids.enumMember}(${id.name},${key},`;
      if (member.initializer === null) edits.replace(member.start, member.end, call + next);
      else edits.replace(member.start, member.initializer.start, call);
      edits.replace(member.end, body.members[i + 1]?.start ?? body.end - 1, '');
      next = `${id.name}[${key}]+1`;
    }
    return undefined;
  }
}

function isLoopHead(node: Node, parent: Node): boolean {
  return is(node, 'VariableDeclaration') && is(parent, 'ForStatement', 'ForInStatement', 'ForOfStatement');
}

function parameterProperties(fn: FunctionNode): string {
  let assignments = '';
  for (const parameter of fn.params) {
    if (!is(parameter, 'TSParameterProperty')) continue;
    const inner = is(parameter.parameter, 'AssignmentPattern') ? parameter.parameter.left : parameter.parameter;
    if (is(inner, 'Identifier')) assignments += `this.${inner.name}=${inner.name};`;
  }
  return assignments;
}
