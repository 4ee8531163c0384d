/** The machine in the worker as its supervisor sees it from outside: is it alive, and which code runs there? */
import { readFileSync } from 'node:fs';
import { FRAME, SITE, unwind_words } from '../../kernel/arch/callstack.js';
import type { Site } from '../../kernel/arch/site.js';
import { BEATS, CPU } from '../machine/heartbeat.js';

export class View {
  private callstack = new Int32Array(new SharedArrayBuffer(8));
  private heartbeat = new Int32Array(new SharedArrayBuffer(8));
  private readonly sites: Site[] = [];

  connect(callstack: SharedArrayBuffer, heartbeat: SharedArrayBuffer): void {
    this.callstack = new Int32Array(callstack);
    this.heartbeat = new Int32Array(heartbeat);
  }

  addSites(sites: readonly Site[]): void {
    this.sites.push(...sites);
  }

  get beats(): number {
    return Atomics.load(this.heartbeat, BEATS);
  }

  /** The CPU that has the baton. */
  get cpu(): number {
    return Atomics.load(this.heartbeat, CPU);
  }

  /** The places of the stack that runs now, innermost first. */
  places(): readonly Site[] {
    const frame = Atomics.load(this.callstack, FRAME);
    const site = Atomics.load(this.callstack, SITE);
    return unwind_words(this.callstack, frame, site).flatMap((number) => this.sites[number] ?? []);
  }

  /** The call trace, a line a place. */
  trace(): readonly string[] {
    const places = this.places();
    if (places.length === 0) return ['  (no code of a module)'];
    return places.map(({ file, line, column, fn, module }) =>
      file === '' ? `  ${fn}` : `  ${fn}  ${file}:${line}:${column}${module === '' ? '' : ` [${module}]`}`,
    );
  }

  /** The user's own line, with a mark under the place; nothing where no module's code runs. */
  offence(): readonly string[] {
    const place = this.places().find(({ file }) => file !== '');
    if (place === undefined) return [];
    const { file, line, column } = place;
    const text = sourceLines(file)[line - 1];
    if (text === undefined) return [`  --> ${file}:${line}:${column}`];
    const gutter = String(line);
    const indent = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
    return [`  --> ${file}:${line}:${column}`, `  ${gutter} | ${text}`, `  ${' '.repeat(gutter.length)} | ${indent}^`];
  }
}

/** The file was there when it was loaded; it may be gone now. */
function sourceLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/);
  } catch {
    return [];
  }
}
