/** From what the user wrote in `insmod` or `import` to the path of a file. */
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';

/** A file's identity for caching. Null: there is no such file. */
export function stampOf(path: string): string | null {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() === true ? `${stats.mtimeMs}:${stats.size}` : null;
  } catch {
    // Below a file, or where nobody may look: no file that could be loaded.
    return null;
  }
}

export function readText(path: string): string {
  return readFileSync(path, 'utf8');
}

function isFile(path: string): boolean {
  return stampOf(path) !== null;
}

/** TypeScript names the file that will be; the file that is may be the source of it. */
const SOURCES: Readonly<Record<string, readonly string[]>> = { '.js': ['.ts', '.js'], '.mjs': ['.mts', '.mjs'], '.ts': ['.ts'], '.mts': ['.mts'] };
const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];

/** The file that a path stands for: itself, with another extension, or the main file of a folder. */
export function findFile(path: string): string | null {
  const extension = extname(path);
  const stem = path.slice(0, path.length - extension.length);
  for (const source of SOURCES[extension] ?? []) if (isFile(stem + source)) return stem + source;
  const stems = [path, join(path, 'index'), join(path, basename(path)), join(path, basename(path).replaceAll('_', '-'))];
  for (const candidate of stems) for (const source of EXTENSIONS) if (isFile(candidate + source)) return candidate + source;
  return null;
}

export function findImport(from: string, specifier: string): string | null {
  return findFile(resolve(dirname(from), specifier));
}

/** As the kernel's build names it: the main file's name, or its folder's, with `-` read as `_`. */
export function moduleName(path: string): string {
  const stem = basename(path, extname(path));
  return (stem === 'index' ? basename(dirname(path)) : stem).replaceAll('-', '_');
}

/** The same of what somebody calls its file: without an extension, or its folder. */
export function moduleNamed(what: string): string {
  return moduleName(findFile(resolve(what)) ?? what);
}
