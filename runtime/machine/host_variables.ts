/**
 * Variables of the host's own files, where the vitest plugin lets them be seen. A block that is run twice has two of
 * each, and nobody can tell whose a statement means: then neither is shown.
 */
import { add_variable } from '../../kernel/arch/effects.js';

/** The value of a variable of a block, by its number in the file. */
export type HostLook = (number: number) => unknown;

/** Machines that have been booted so far: a scenario is run again with each. */
let boots = 0;

/** A block that declares variables. */
export class HostBlock {
  private look: HostLook | null = null;
  /** How often it was entered since the machine booted that was the latest when it was entered last. */
  private times = 0;
  private boots = 0;

  enter(look: HostLook): void {
    this.times = this.boots === boots ? this.times + 1 : 1;
    this.boots = boots;
    this.look = look;
  }

  /** What a variable holds; null where there are several of it, or none that has been set up. */
  value_of(number: number): { readonly value: unknown } | null {
    if (this.look === null || this.times > 1) return null;
    try {
      return { value: this.look(number) };
    } catch (error) {
      // Its declaration has not been reached. The error may be one of another realm's.
      if ((error as Partial<Error> | null)?.name !== 'ReferenceError') throw error;
      return null;
    }
  }
}

const seen = new Map<number, { readonly block: HostBlock; readonly inFile: number }>();

/** Returns the number of a variable that the block declares; null for one that cannot be seen. `name` as add_variable() wants it. */
export function addHostVariable(name: string, block: HostBlock | null, inFile: number): number {
  const number = add_variable(name);
  if (block !== null) seen.set(number, { block, inFile });
  return number;
}

/** A machine boots: what scenarios declare is declared anew. */
export function noteBoot(): void {
  boots++;
}

/** What the variable of that number holds; null where it is no such one, or its value cannot be told. */
export function hostVariable(number: number): { readonly value: unknown } | null {
  const variable = seen.get(number);
  return variable === undefined ? null : variable.block.value_of(variable.inFile);
}
