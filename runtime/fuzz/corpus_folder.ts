/**
 * A corpus that outlives its run, in the manner of syzkaller's: a folder with a file for each program that brought new
 * coverage, by any run, named by its content.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { MachineError } from '../machine/errors.js';
import { makeFolder } from '../make_folder.js';
import type { Program } from './program.js';
import type { Target } from './target.js';

const VERSION = 1;
const NAME_DIGITS = 32;

/** What a file has in it. */
interface Content {
  /** Of the format. */
  readonly version: number;
  /** Names of the modules that the program's steps number. */
  readonly modules: readonly string[];
  readonly program: Program;
}

/** What was in a folder when the run began. */
export interface StoredCorpus {
  /** Programs of the target's modules, in the order of their names. */
  readonly programs: readonly Program[];
  /** How many there are of other modules. */
  readonly foreign: number;
  readonly names: ReadonlySet<string>;
}

const NO_CORPUS: StoredCorpus = { programs: [], foreign: 0, names: new Set() };

function nameOf(content: Content): string {
  return `${createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, NAME_DIGITS)}.json`;
}

function contentOf({ modules }: Target, program: Program): Content {
  return { version: VERSION, modules: modules.map(({ name }) => name), program };
}

/** Reads a folder; one that is not there yet has nothing in it. Throws a MachineError for whatever keepProgram() did not write. */
export function readCorpus(folder: string | null, target: Target): StoredCorpus {
  if (folder === null) return NO_CORPUS;
  const wanted = target.modules.map(({ name }) => name).join(' ');
  const programs: Program[] = [];
  let foreign = 0;
  const names = namesIn(folder);
  for (const name of names) {
    const { modules, program } = read(join(folder, name), name);
    if (modules.join(' ') === wanted) programs.push(program);
    else foreign++;
  }
  return { programs, foreign, names: new Set(names) };
}

/** In the same order everywhere. A name with a dot in front is no program's: .gitignore, or one that was being written. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !name.startsWith('.')).sort();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new MachineError(`the corpus ${folder} cannot be read (${code === 'ENOTDIR' ? 'it is no folder' : message}): name a folder for it`);
  }
}

function read(file: string, name: string): Content {
  if (!/^[0-9a-f]+\.json$/.test(name)) throw unusable(file, 'it is no program that ringzero wrote');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw unusable(file, (error as Error).message);
  }
  let content: Partial<Content> | null;
  try {
    content = JSON.parse(text) as Partial<Content> | null;
  } catch {
    throw unusable(file, 'it is damaged');
  }
  if (content?.version !== VERSION) throw unusable(file, 'it is of another version of ringzero');
  if (nameOf(content as Content) !== name) throw unusable(file, 'it is damaged: it is not as ringzero wrote it');
  return content as Content;
}

function unusable(file: string, why: string): MachineError {
  return new MachineError(`${file} cannot be used as a part of the corpus (${why}): remove it, or name another folder`);
}

/** Writes a program, if it was not there. Returns the name of its file, or null; throws a MachineError where it cannot be written. */
export function keepProgram(folder: string, target: Target, program: Program, { names }: StoredCorpus): string | null {
  const content = contentOf(target, program);
  const name = nameOf(content);
  if (names.has(name)) return null;
  // Whoever reads the folder at the same time finds all of it, or nothing. Workers of one process may have the same to write.
  const half = join(folder, `.${name}.${process.pid}.${threadId}`);
  try {
    makeFolder(folder);
    writeFileSync(half, `${JSON.stringify(content, null, 2)}\n`);
    renameSync(half, join(folder, name));
  } catch (error) {
    throw new MachineError(`the corpus ${folder} cannot be written to: ${(error as Error).message}`);
  }
  return name;
}
