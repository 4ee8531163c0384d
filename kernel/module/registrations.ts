/**
 * What was registered and not taken back, of the things that no list of the kernel's own remembers the place of: who
 * asks what a module has left behind finds name, kind and line here. Timers, works, interrupts and memory, which are
 * set up often, keep their own.
 */
import { FRAME, pc, SITE } from '../arch/callstack.js';

export type RegistrationKind = 'workqueue' | 'shrinker' | 'domain' | 'disk' | 'dma-pool' | 'mempool' | 'mapping' | 'softirq';

export interface Registration {
  readonly kind: RegistrationKind;
  readonly name: string;
  /** The stack that registered it, for unwind(). */
  readonly frame: number;
  readonly site: number;
}

export class Registrations {
  private readonly all = new Map<object, Registration>();

  /** The running code registers `thing`. Context: any. */
  add(kind: RegistrationKind, thing: object, name: string): void {
    this.all.set(thing, { kind, name, frame: pc[FRAME]!, site: pc[SITE]! });
  }

  /** It is taken back. What was never added is left alone. Context: any. */
  remove(thing: object): void {
    this.all.delete(thing);
  }

  /** In the order of registration. */
  left(): Iterable<Registration> {
    return this.all.values();
  }
}
