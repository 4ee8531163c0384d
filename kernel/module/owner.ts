/** Whose code runs: the owner of what it sets up. */
import { FRAME, innermost, pc, SITE } from '../arch/callstack.js';
import { SITE_NONE, site_of } from '../arch/site.js';
import { kernel } from '../current.js';

/** Name of the module whose code calls; empty for code of the host. Context: any. */
export function calling_module(): string {
  const site = innermost(pc[FRAME]!, pc[SITE]!);
  return site === SITE_NONE ? '' : site_of(site).module;
}

/** Remembers whose a callback is, for reports: the module's whose code hands it over. Context: any. */
export function note_callback(fn: object | null): void {
  if (fn === null || kernel.modules.owner_of(fn) !== null) return;
  const owner = kernel.modules.find_module(calling_module());
  if (owner !== null) kernel.modules.set_owner(fn, owner);
}
