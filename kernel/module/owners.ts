/**
 * Whose a function is: which loading of which module, and where it was handed to the kernel first. The first of a machine
 * are linked and looked through: most have no more, and a WeakMap would be made at every boot. Those are kept alive by it.
 */
import { FRAME, pc, SITE } from '../arch/callstack.js';
import type { module } from './module.js';

class Owned {
  readonly fn: object;
  readonly next: Owned | null;
  owner: module;
  /** The stack that handed it over, for unwind(). */
  frame = pc[FRAME]!;
  site = pc[SITE]!;

  constructor(fn: object, owner: module, next: Owned | null) {
    this.fn = fn;
    this.owner = owner;
    this.next = next;
  }
}

const FEW = 8;

export class Owners {
  private first: Owned | null = null;
  private size = 0;
  private others: WeakMap<object, Owned> | null = null;

  get(fn: object): module | null {
    return this.find(fn)?.owner ?? null;
  }

  /** Where it was handed over, by the module that it belongs to now. */
  place(fn: object): { readonly frame: number; readonly site: number } | null {
    return this.find(fn);
  }

  set(fn: object, owner: module): void {
    const known = this.find(fn);
    if (known === null) this.add(fn, owner);
    else if (known.owner !== owner) {
      known.owner = owner;
      known.frame = pc[FRAME]!;
      known.site = pc[SITE]!;
    }
  }

  private add(fn: object, owner: module): void {
    if (this.size < FEW) {
      this.first = new Owned(fn, owner, this.first);
      this.size++;
    } else (this.others ??= new WeakMap()).set(fn, new Owned(fn, owner, null));
  }

  private find(fn: object): Owned | null {
    let owned = this.first;
    while (owned !== null && owned.fn !== fn) owned = owned.next;
    return owned ?? this.others?.get(fn) ?? null;
  }
}
