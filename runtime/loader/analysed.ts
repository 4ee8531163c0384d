/** A file as the analyses of its statements ask for it. */
import type { NodeOf } from './ast.js';
import type { Source } from './evaluation.js';
import type { Part } from './link.js';
import { Meanings, type Source as Meant } from './meanings.js';
import { pointsWithin, type File } from './points_within.js';

export interface Analysed extends Source {
  readonly program: NodeOf<'Program'>;
}

export function analysed(file: File): Analysed {
  return { ...file, within: pointsWithin(file) };
}

/** A file of a module, which knows the others. */
export function analysedPart(part: Part): Analysed {
  const live = new Set<string>();
  const layouts = new Set<string>();
  for (const [request, target] of part.targets) {
    if (target.kind !== 'file') continue;
    const { names, interface: { locals } } = target.part.unit;
    for (const { local, imported } of request.names) {
      const variable = names.top.get(locals.find(({ exported }) => exported === imported)?.local ?? '');
      if (variable?.written === true) live.add(local);
      if (variable !== undefined && new Meanings(meantBy(target.part)).isLayout(variable)) layouts.add(local);
    }
  }
  return analysed({ ...meantBy(part), program: part.unit.file.program, live, layouts });
}

function meantBy({ unit: { names, interface: { locals } }, targets }: Part): Meant {
  const headerNames = new Map<string, string>();
  for (const [request, target] of targets) {
    if (target.kind === 'header') for (const { local, imported } of request.names) headerNames.set(local, imported);
  }
  return { names, exported: new Set(locals.map(({ local }) => local)), headerNames, hasPoints: () => true };
}
