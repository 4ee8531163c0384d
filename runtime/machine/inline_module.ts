/** A module whose top level is a function of the host's: for tests that need no file. It has no line numbers. */
import type { ModuleEnv, ModuleImage } from '../../kernel/arch/module_image.js';

export interface InlineModule {
  readonly name: string;
  /** Runs as the top level of a file would: it calls module_init() and its like. */
  readonly body: () => void;
}

export class InlineImage implements ModuleImage {
  readonly name: string;
  readonly path = '(inline)';
  readonly dependencies = [];
  readonly unresolved = [];
  private readonly body: () => void;

  constructor({ name, body }: InlineModule) {
    this.name = name;
    this.body = body;
  }

  instantiate(_env: ModuleEnv): void {
    this.body();
  }
}
