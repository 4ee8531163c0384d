/** A module whose top level is a function of the host's: for tests that need no file. It has no line numbers. */
import type { ModuleEnv, ModuleImage } from '../../kernel/arch/module_image.js';
import { checksumText } from '../choice/log.js';

export interface InlineModule {
  readonly name: string;
  /** Runs as the top level of a file would: it calls module_init() and its like. */
  readonly body: () => void;
}

/** By the text of the function: a scenario makes a function of its own each time it runs. */
const checksums = new Map<string, number>();

/** Of the name, and of the function's own text. What it calls is the test's, and nobody knows all of it. */
function checksumOf({ name, body }: InlineModule): number {
  const text = Function.prototype.toString.call(body);
  let sum = checksums.get(text);
  // A test file's points are numbered, and an edit elsewhere in the file moves the numbers.
  if (sum === undefined) checksums.set(text, (sum = checksumText(text.replace(/(\$+\w+\()\d+/g, '$1'))));
  return sum ^ checksumText(name);
}

export class InlineImage implements ModuleImage {
  readonly name: string;
  readonly path = '(inline)';
  /** The host's own function: nobody asks for its licence. */
  readonly intree = true;
  readonly dependencies = [];
  readonly unresolved = [];
  readonly checksum: number;
  private readonly body: () => void;

  constructor(module: InlineModule) {
    this.name = module.name;
    this.body = module.body;
    this.checksum = checksumOf(module);
  }

  instantiate(_env: ModuleEnv): void {
    this.body();
  }
}
