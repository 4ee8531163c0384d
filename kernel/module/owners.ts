/**
 * Whose a function is: which loading of which module. The first of a machine are linked and looked through: most have no
 * more, and a WeakMap would be made at every boot. Those are kept alive by it.
 */

import type { module } from './module.js';

interface Owned {
  readonly fn: object;
  owner: module;
  readonly next: Owned | null;
}

const FEW = 8;

export class Owners {
  private first: Owned | null = null;
  private size = 0;
  private others: WeakMap<object, module> | null = null;

  get(fn: object): module | null {
    return this.find(fn)?.owner ?? this.others?.get(fn) ?? null;
  }

  set(fn: object, owner: module): void {
    const known = this.find(fn);
    if (known !== null) known.owner = owner;
    else if (this.size < FEW) {
      this.first = { fn, owner, next: this.first };
      this.size++;
    } else (this.others ??= new WeakMap()).set(fn, owner);
  }

  private find(fn: object): Owned | null {
    let owned = this.first;
    while (owned !== null && owned.fn !== fn) owned = owned.next;
    return owned;
  }
}
