/** One file of a module, understood: what it says, what its names mean, what it asks for and gives. */
import type { NodeOf } from './ast.js';
import { is } from './ast.js';
import { checkNames, checkSyntax } from './check.js';
import { ambientNames, isMainFile, readInterface, DEFAULT, type Interface, type Request } from './imports.js';
import { SourceFile } from './parse.js';
import { resolveNames, type Names, type Reference } from './scope.js';

export class Unit {
  readonly file: SourceFile;
  readonly names: Names;
  readonly interface: Interface;
  /** Names that the file declares, and says to be somewhere else: `declare function`. */
  readonly ambient: ReadonlySet<string>;
  /** References to names that nothing provides. */
  readonly unknown: readonly Reference[];

  constructor(file: SourceFile) {
    checkSyntax(file);
    this.file = file;
    this.names = resolveNames(file.program);
    this.interface = readInterface(file.program);
    this.ambient = ambientNames(file.program);
    this.unknown = checkNames(file, this.names);
  }

  get path(): string {
    return this.file.path;
  }

  get isMain(): boolean {
    return isMainFile(this.file.program);
  }

  /**
   * The names that the file really uses of an import, each with the place of its import, or of the member of an `import *`. An import without a use is
   * a type's or nobody's, and asks for nothing: so it is in TypeScript.
   */
  uses({ names }: Request): { name: string; offset: number }[] {
    const used = new Map<string, number>();
    const exported = new Set(this.interface.locals.map(({ local }) => local));
    for (const { local, imported, offset } of names) {
      const references = [...this.names.imported.values()].filter(({ node }) => node.name === local);
      if (imported !== '*') {
        if (references.length > 0 || exported.has(local)) used.set(imported, offset);
        continue;
      }
      for (const { node, parent } of references) {
        if (!is(parent, 'MemberExpression') || parent.object !== node) continue;
        const member = memberName(parent);
        if (member !== null) used.set(member, parent.property.start);
      }
    }
    return [...used].map(([name, offset]) => ({ name, offset }));
  }

  /** What the file's imports are called in it. */
  importedNames(): string[] {
    return this.interface.requests.flatMap(({ names }) => names.map(({ local }) => local));
  }

  /** Whether `name` of the file's top level is a value that the file itself declares. */
  declares(name: string): boolean {
    return name === DEFAULT || this.names.top.has(name);
  }
}

function memberName(node: NodeOf<'MemberExpression'>): string | null {
  return !node.computed && is(node.property, 'Identifier') ? node.property.name : null;
}
