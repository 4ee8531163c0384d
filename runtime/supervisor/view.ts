/** The machine in the worker as its supervisor sees it from outside: is it alive, and which code runs there? */
import { FRAME, SITE, unwind_words } from '../../kernel/arch/callstack.js';
import type { Site } from '../../kernel/arch/site.js';
import { BEATS, CALLS, CPU } from '../machine/heartbeat.js';
import { offenceOf, traceOf } from '../machine/places.js';

/** More than there are sites. */
const SITES = 2 ** 24;

export class View {
  private callstack = new Int32Array(new SharedArrayBuffer(8));
  private heartbeat = new Int32Array(new SharedArrayBuffer(12));
  private readonly sites: Site[] = [];

  connect(callstack: SharedArrayBuffer, heartbeat: SharedArrayBuffer): void {
    this.callstack = new Int32Array(callstack);
    this.heartbeat = new Int32Array(heartbeat);
  }

  addSites(sites: readonly Site[]): void {
    this.sites.push(...sites);
  }

  get beats(): number {
    return Atomics.load(this.heartbeat, BEATS);
  }

  /** How many calls into machines have begun. */
  get calls(): number {
    return Atomics.load(this.heartbeat, CALLS);
  }

  /** Where the module's code is, as a number that changes when it goes on to another place. */
  get place(): number {
    return Atomics.load(this.callstack, FRAME) * SITES + Atomics.load(this.callstack, SITE);
  }

  /** The CPU that has the baton. */
  get cpu(): number {
    return Atomics.load(this.heartbeat, CPU);
  }

  /** The places of the stack that runs now, innermost first. */
  places(): readonly Site[] {
    const frame = Atomics.load(this.callstack, FRAME);
    const site = Atomics.load(this.callstack, SITE);
    return unwind_words(this.callstack, frame, site).flatMap((number) => this.sites[number] ?? []);
  }

  /** The call trace, a line a place. */
  trace(): readonly string[] {
    return traceOf(this.places());
  }

  /** The user's own line, with a mark under the place; nothing where no module's code runs. */
  offence(): readonly string[] {
    return offenceOf(this.places());
  }
}
