/** The toy modules, by name. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export function path(name: string): string {
  return fileURLToPath(new URL(`../../modules/${name}.ts`, import.meta.url));
}

/** The code of a module, without the comment at its head. */
export function code(name: string): string[] {
  return readFileSync(path(name), 'utf8').replace(/^\/\*\*.*?\*\/\n/s, '').split('\n');
}
