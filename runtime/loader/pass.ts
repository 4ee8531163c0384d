/** The walk that turns one file's tree into edits, and what its passes share. */
import { eachChild, type Node } from './ast.js';
import type { Edits } from './edits.js';
import type { SourceFile } from './parse.js';

/** Names that the emitted code uses beside the author's; their prefix occurs in no name of the author's. */
export class Ids {
  readonly #prefix: string;
  readonly #taken = new Set<string>();
  readonly statement: string;
  readonly within: string;
  readonly increment: string;
  readonly decrement: string;
  readonly propertyKey: string;
  readonly enter: string;
  readonly leave: string;
  readonly noteThrow: string;
  readonly noteCatch: string;
  readonly variables: string;
  readonly thisModule: string;
  readonly exports: string;
  readonly enumMember: string;
  readonly math: string;
  readonly defaultExport: string;
  readonly caught: string;
  readonly look: string;
  readonly counts: string;

  constructor(names: ReadonlySet<string>) {
    let prefix = '$';
    while ([...names].some((name) => name.startsWith(prefix))) prefix += '$';
    this.#prefix = prefix;
    this.statement = this.fresh('p');
    this.within = this.fresh('w');
    this.increment = this.fresh('inc');
    this.decrement = this.fresh('dec');
    this.propertyKey = this.fresh('key');
    this.enter = this.fresh('e');
    this.leave = this.fresh('l');
    this.noteThrow = this.fresh('t');
    this.noteCatch = this.fresh('k');
    this.variables = this.fresh('v');
    this.thisModule = this.fresh('THIS_MODULE');
    this.exports = this.fresh('x');
    this.enumMember = this.fresh('n');
    this.math = this.fresh('Math');
    this.defaultExport = this.fresh('default');
    this.caught = this.fresh('c');
    this.look = this.fresh('n');
    this.counts = this.fresh('counts');
  }

  fresh(word: string): string {
    const base = this.#prefix + word.replace(/[^A-Za-z0-9_]/g, '_');
    let id = base;
    for (let i = 2; this.#taken.has(id); i++) id = base + String(i);
    this.#taken.add(id);
    return id;
  }
}

export interface Emission {
  readonly file: SourceFile;
  readonly edits: Edits;
  readonly ids: Ids;
}

export interface Pass {
  /** `'done'`: the node is dealt with, neither the passes after this one nor its children are visited. */
  enter(node: Node, parent: Node): 'done' | undefined;
  exit(node: Node, parent: Node): void;
}

/** Outer passes come first on the way in and last on the way out. */
export function runPasses(root: Node, passes: readonly Pass[]): void {
  const inward = [...passes].reverse();
  const visit = (node: Node, parent: Node): void => {
    if (!passes.some((pass) => pass.enter(node, parent) === 'done')) eachChild(node, (child) => { visit(child, node); });
    for (const pass of inward) pass.exit(node, parent);
  };
  eachChild(root, (child) => { visit(child, root); });
}
