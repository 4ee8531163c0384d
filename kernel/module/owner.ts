/** Whose code runs: the owner of what it sets up. */
import { FRAME, pc, SITE, unwind } from '../arch/callstack.js';
import { site_of } from '../arch/site.js';
import { kernel } from '../current.js';

/** Name of the module whose code calls; empty for code of the host. Context: any. */
export function calling_module(): string {
  const [site] = unwind(pc[FRAME]!, pc[SITE]!);
  return site === undefined ? '' : site_of(site).module;
}

/** Remembers whose a callback is, for reports: the module's whose code hands it over. Context: any. */
export function note_callback(fn: object | null): void {
  if (fn === null || kernel.modules.owner_of(fn) !== null) return;
  const owner = kernel.modules.find_module(calling_module());
  if (owner !== null) kernel.modules.set_owner(fn, owner);
}
