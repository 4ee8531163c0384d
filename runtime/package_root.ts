/** Where the package is: its folder holds the addon, the toy modules and the README. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The nearest folder with a package.json named ringzero: the same one from the sources and from dist/.
 *
 * @throws Error when this file has been taken out of its package.
 */
export function packageRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  for (let folder = here; ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest)) {
      const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: unknown };
      if (name === 'ringzero') return folder;
    }
    if (folder === dirname(folder)) throw new Error(`ringzero: no package.json named ringzero above ${here}`);
  }
}

/** A file of what is built, by its path in dist/: the same one from the sources and from dist/, however that is cut into files. */
export function builtFile(path: string): string {
  return join(packageRoot(), 'dist', path);
}
