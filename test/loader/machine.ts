/** A machine as the loader sees it: it records where a module has been. */
import type { ModuleEnv } from '../../kernel/arch/module_image.js';
import { site_of } from '../../kernel/arch/site.js';
import { Loader, type Image } from '../../runtime/loader/index.js';

export const HEADERS: Readonly<Record<string, object>> = { slab: { kmalloc: 0 }, jiffies: {}, module: { module_init: 0, MODULE_LICENSE: 0, THIS_MODULE: 0 }, export: { THIS_MODULE: 0 }, spinlock: {}, timer: {}, test: { report: 0 } };
export const loader = new Loader(HEADERS);

export const THIS_MODULE = { name: 'this module' };

export class Recorder {
  /** `line:fn` of each point, `>fn` and `<` of entries and exits. */
  readonly log: string[] = [];
  readonly columns: number[] = [];
  readonly headers: Record<string, object>;
  readonly symbols: Record<string, unknown>;
  depth = 0;
  depthMax = 0;
  readonly thrown: unknown[] = [];

  constructor(headers: Record<string, object> = {}, symbols: Record<string, unknown> = {}) {
    this.headers = headers;
    this.symbols = symbols;
  }

  readonly env: ModuleEnv = {
    headers: (name) => this.headers[name],
    resolveSymbol: (name) => this.symbols[name],
    thisModule: THIS_MODULE,
    runtime: {
      statement: (site) => {
        const { line, column, fn } = site_of(site);
        this.log.push(fn === '<module>' ? String(line) : `${line}:${fn}`);
        this.columns.push(column);
      },
      within: (value) => {
        this.log.push('.');
        return value;
      },
      increment: (value) => {
        let next = value;
        next++;
        this.log.push('.');
        return next;
      },
      decrement: (value) => {
        let next = value;
        next--;
        this.log.push('.');
        return next;
      },
      enter: (site) => {
        const { fn } = site_of(site);
        if (++this.depth > this.depthMax) this.depthMax = this.depth;
        if (fn !== '<module>') this.log.push(`>${fn}`);
      },
      leave: () => {
        if (--this.depth > 0) this.log.push('<');
      },
      variables: () => undefined,
      note_catch: () => undefined,
    note_throw: (error) => {
        this.thrown.push(error);
        return error;
      },
    },
  };
}

/** What ran, in the module's own words: it calls report(value) of ringzero/linux/test. */
export interface Outcome {
  readonly values: unknown[];
  readonly log: string[];
  readonly recorder: Recorder;
  readonly image: Image;
}

let serial = 0;

/** Runs a module from its text; it has `report` without including a header, for short tests. */
export function run(source: string, headers: Record<string, object> = {}, symbols: Record<string, unknown> = {}): Outcome {
  const values: unknown[] = [];
  const recorder = new Recorder({ test: { report: (value: unknown) => values.push(value) }, ...headers }, symbols);
  const image = new Loader({ ...HEADERS, ...recorder.headers }).loadSource(`t${serial++}`, `import { report } from 'ringzero/linux/test'; ${source}`);
  image.instantiate(recorder.env);
  return { values, log: recorder.log, recorder, image };
}
