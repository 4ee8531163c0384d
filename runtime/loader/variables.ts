/** The numbers of a file's variables, by which an exploration and its reports speak of them. */
import { add_variable } from '../../kernel/arch/effects.js';
import type { Local } from './scope.js';

export class Variables {
  readonly #file: string;
  readonly #numbers = new Map<Local, number>();

  /** `file` as reports show it. */
  constructor(file: string) {
    this.#file = file;
  }

  /** A variable gets its number when it is asked for first. */
  numberOf(variable: Local): number {
    let number = this.#numbers.get(variable);
    if (number === undefined) this.#numbers.set(variable, (number = add_variable(`${this.#file}:${variable.name}#${this.#numbers.size}`)));
    return number;
  }
}
