/**
 * The module loader: driver modules written in TypeScript become code that a machine can run synchronously, with a
 * preemption point before every statement.
 */
import { resolve } from 'node:path';
import { LoadError } from './errors.js';
import { Headers } from './headers.js';
import { Image } from './image.js';
import { link, type Graph } from './link.js';
import { SourceFile } from './parse.js';
import { noteFile } from './read_files.js';
import { findFile, moduleName, readText, stampOf } from './resolve.js';

export { LoadError, UnknownSymbol, type LoadErrorCode } from './errors.js';
export type { Dependency, Image, Unresolved } from './image.js';
export { mapStack, originalPosition, type Position } from './sourcemap.js';

interface Cached {
  readonly image: Image;
  readonly stamps: Graph['stamps'];
}

/** Of the isolate, by the headers that the images were checked against: machines share code and site numbers. */
const caches = new Map<string, Cache>();

/** By the main file's path, or by a source text (whose hash a string keeps: it may be asked for on every boot); then by what else tells images apart. */
type Cache = Map<string, Images>;

interface Images {
  readonly all: Map<string, Cached>;
  /** The one of a source text that was asked for last: thousands of boots ask for the same one. */
  recent: { readonly name: string; readonly fileName: string | undefined; readonly folder: string; readonly cached: Cached } | null;
}

export class Loader {
  readonly #headers: Headers;
  readonly #cache: Cache;
  /** By the path that was asked for, and the folder in which it was. */
  readonly #files = new Map<string, { readonly folder: string; readonly cached: Cached }>();

  /** `headers`: by what may follow `ringzero/linux/`. */
  constructor(headers: Readonly<Record<string, object>>) {
    this.#headers = new Headers(headers);
    const { key } = this.#headers;
    this.#cache = caches.get(key) ?? new Map<string, Images>();
    caches.set(key, this.#cache);
  }

  /** Compiles a module from its main file or its folder. Errors: LoadError. */
  load(path: string): Image {
    const folder = process.cwd();
    const known = this.#files.get(path);
    if (known?.folder === folder && isCurrent(known.cached)) return known.cached.image;
    const absolute = resolve(path);
    const main = findFile(absolute);
    noteFile(main ?? absolute);
    if (main === null) throw new LoadError('no such file: a module is a file NAME.ts, or a folder with index.ts or NAME.ts', { file: path, line: 0, column: 0, source: '' }, 'ENOENT');
    const cached = this.#cached(main, '', () => new SourceFile(main, readText(main)), moduleName(main), () => [[main, stampOf(main)]]);
    // Of another path a file that comes before the one that was found may turn up.
    if (main === absolute && /\.m?ts$/.test(main)) this.#files.set(path, { folder, cached });
    return cached.image;
  }

  /** Compiles a module from a text. `fileName` is what traces show, and where relative imports start. */
  loadSource(name: string, source: string, fileName?: string): Image {
    const folder = process.cwd();
    const recent = this.#cache.get(source)?.recent ?? null;
    if (recent !== null && recent.name === name && recent.fileName === fileName && recent.folder === folder && isCurrent(recent.cached)) return recent.cached.image;
    const path = fileName ?? `${name}.ts`;
    const cached = this.#cached(source, `${name}\n${path}\n${folder}`, () => new SourceFile(resolve(path), source), name, () => []);
    this.#cache.get(source)!.recent = { name, fileName, folder, cached };
    return cached.image;
  }

  #cached(text: string, key: string, read: () => SourceFile, name: string, own: () => Iterable<[string, string | null]>): Cached {
    let images = this.#cache.get(text);
    if (images === undefined) this.#cache.set(text, (images = { all: new Map(), recent: null }));
    const cached = images.all.get(key);
    if (cached !== undefined && isCurrent(cached)) return cached;
    const stamps = new Map(own());
    const file = read();
    const graph = link(file, this.#headers);
    const image = new Image(name, file.path, graph);
    const made = { image, stamps: new Map([...stamps, ...graph.stamps]) };
    images.all.set(key, made);
    return made;
  }
}

function isCurrent({ stamps }: Cached): boolean {
  if (stamps.size === 0) return true;
  for (const [path, stamp] of stamps) if (stampOf(path) !== stamp) return false;
  return true;
}
