/** Lets reports see the variables that a test file's statements speak of: each block tells how, when it is entered. */
import { bodyStart, is, isFunction, superCall, type Node, type NodeOf } from '../loader/ast.js';
import { mentionsOf } from '../loader/mentions.js';
import type { Emission, Pass } from '../loader/pass.js';
import type { Local, Names } from '../loader/scope.js';
import type { Mention } from '../loader/source_mentions.js';

type Block = NodeOf<'BlockStatement'>;

/** A variable that can be seen, and the number of the block that declares it. */
export interface Seen {
  readonly name: string;
  readonly block: number;
}

export class Looks implements Pass {
  readonly #emission: Emission;
  readonly #names: Names;
  /** The block that declares a variable; null for the file itself. What loops and catch clauses declare is in none. */
  readonly #owners = new Map<Local, Block | null>();
  /** Blocks that declare what was mentioned, by number. */
  readonly #blocks: (Block | null)[] = [];
  readonly #mentioned = new Map<Local, number>();
  readonly seen: Seen[] = [];

  constructor(emission: Emission, names: Names) {
    this.#emission = emission;
    this.#names = names;
    for (const local of names.top.values()) this.#owners.set(local, null);
    for (const [block, locals] of names.blocks) for (const local of locals) this.#owners.set(local, block);
  }

  /** What the statement or the expression, which has a point, mentions of that. Variables are places in `seen`. */
  mentions(point: Node): readonly Mention<number>[] {
    return mentionsOf(point, this.#names).flatMap(({ variable, property }) => {
      const index = this.#indexOf(variable);
      return index === null ? [] : [{ variable: index, property }];
    });
  }

  #indexOf(variable: Local): number | null {
    const owner = this.#owners.get(variable);
    if (owner === undefined) return null;
    let index = this.#mentioned.get(variable);
    if (index === undefined) {
      let block = this.#blocks.indexOf(owner);
      if (block < 0) block = this.#blocks.push(owner) - 1;
      index = this.seen.push({ name: variable.name, block }) - 1;
      this.#mentioned.set(variable, index);
    }
    return index;
  }

  enter(): undefined {
    return undefined;
  }

  // What is in the block has been gone through: it is known what was mentioned.
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
    const cases = [...this.#mentioned].flatMap(([{ name }, index]) => (this.seen[index]!.block === number ? [`case ${index}:return ${name};`] : []));
    return `${ids.variables}(${number},${ids.look}=>{switch(${ids.look}){${cases.join('')}}});`;
  }
}
