/** Whose code runs: the owner of what it sets up. */
import { FRAME, innermost, pc, SITE } from '../arch/callstack.js';
import { SITE_NONE, site_of } from '../arch/site.js';
import { kernel } from '../current.js';

/** Name of the module whose code calls; empty for code of the host. Context: any. */
export function calling_module(): string {
  const site = innermost(pc[FRAME]!, pc[SITE]!);
  return site === SITE_NONE ? '' : site_of(site).module;
}

/**
 * Remembers whose a callback is: the module's whose code hands it over, unless it is known to be another's. So every
 * place where the kernel keeps a function of a module begins here, and it is called by call.ts. Context: any.
 */
export function note_callback(fn: object | null): void {
  // A later loading of a module may hand over what an earlier one has: a function of the host's that both share.
  if (fn === null || kernel.modules.module_of(fn)?.gone === false) return;
  const owner = kernel.modules.find_module(calling_module());
  if (owner !== null) kernel.modules.set_owner(fn, owner);
}
