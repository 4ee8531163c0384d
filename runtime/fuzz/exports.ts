/** What there is to call. */
import { kernel } from '../../kernel/current.js';

/** The functions that loaded modules of these names export, by name, with how many parameters each has. */
export function exportsOf(modules: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const name of modules) {
    for (const [symbol, value] of kernel.modules.find_module(name)?.exports ?? []) if (typeof value === 'function') found.set(symbol, value.length);
  }
  return found;
}
