/** Lets reports see the variables that a test file's statements speak of: each block tells how, when it is entered. */
import { bodyStart, is, isFunction, superCall, type Node, type NodeOf } from '../loader/ast.js';
import { mentionsOf } from '../loader/mentions.js';
import type { Emission, Pass } from '../loader/pass.js';
import type { Local, Names } from '../loader/scope.js';
import type { Mention } from '../loader/source_mentions.js';
import type { Variable } from './positions.js';

type Block = NodeOf<'BlockStatement'>;

export class Looks implements Pass {
  readonly #emission: Emission;
  readonly #names: Names;
  /** The block that declares a variable; null for the file itself. What loops and catch clauses declare is in none. */
  readonly #owners = new Map<Local, Block | null>();
  /** Blocks that declare what has a number, by their own. */
  readonly #blocks: (Block | null)[] = [];
  readonly #numbers = new Map<Local, number>();
  readonly variables: Variable[] = [];

  constructor(emission: Emission, names: Names) {
    this.#emission = emission;
    this.#names = names;
    for (const local of names.top.values()) this.#owners.set(local, null);
    for (const [block, locals] of names.blocks) for (const local of locals) this.#owners.set(local, block);
  }

  /** What the statement or the expression, which has a point, mentions. */
  mentions(point: Node): readonly Mention<number>[] {
    return mentionsOf(point, this.#names).map(({ variable, property }) => ({ variable: this.numberOf(variable), property }));
  }

  /** A variable gets its number when it is asked for first. */
  readonly numberOf = (variable: Local): number => {
    let number = this.#numbers.get(variable);
    if (number === undefined) {
      const owner = this.#owners.get(variable);
      number = this.variables.push({ name: variable.name, block: owner === undefined ? null : this.#blockOf(owner) }) - 1;
      this.#numbers.set(variable, number);
    }
    return number;
  };

  #blockOf(owner: Block | null): number {
    const known = this.#blocks.indexOf(owner);
    return known >= 0 ? known : this.#blocks.push(owner) - 1;
  }

  enter(): undefined {
    return undefined;
  }

  // What is in the block has been gone through: it is known what was mentioned of it.
  exit(node: Node, parent: Node): void {
    if (!is(node, 'BlockStatement')) return;
    // Who takes the types out wants super() to come first.
    if (isFunction(parent) && superCall(parent) !== undefined) return;
    const look = this.#look(node);
    if (look !== '') this.#emission.edits.insert(isFunction(parent) ? bodyStart(node) : node.start + 1, `;${look}`);
  }

  /** The file's own look. */
  get ofFile(): string {
    return this.#look(null);
  }

  #look(block: Block | null): string {
    const number = this.#blocks.indexOf(block);
    if (number < 0) return '';
    const { ids } = this.#emission;
    const cases = this.variables.flatMap(({ name, block: owner }, variable) => (owner === number ? [`case ${variable}:return ${name};`] : []));
    return `${ids.variables}(${number},${ids.look}=>{switch(${ids.look}){${cases.join('')}}});`;
  }
}
