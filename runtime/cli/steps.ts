/** The steps of a run: each module is loaded, the machine lives, each is unloaded, nothing is left. */
import { stripVTControlCharacters } from 'node:util';
import { moduleNamed } from '../loader/resolve.js';
import type { Outcome, RunJob, Stage } from '../supervisor/job.js';
import type { Step } from './account.js';

const LIVE = 'run';
const LEFTOVERS = 'nothing is left behind';

export class Steps {
  readonly #names: readonly string[];
  /** By name: what was said in those that were come to, in their order. */
  readonly #logs = new Map<string, string[]>();
  #at: string[] | null = null;

  constructor({ modules }: RunJob) {
    const names = modules.map(({ path }) => moduleNamed(path));
    this.#names = [...names.map((name) => `insmod ${name}`), LIVE, ...names.reverse().map((name) => `rmmod ${name}`), LEFTOVERS];
  }

  stage(stage: Stage): void {
    const name = stage === 'loaded' ? LIVE : stage === 'unloaded' ? LEFTOVERS : stage;
    if (name === 'unloading') return;
    this.#at = [];
    this.#logs.set(name, this.#at);
  }

  console(line: string): void {
    this.#at?.push(stripVTControlCharacters(line));
  }

  /** What became of each. Where the kernel reported something, it was in the step whose log has its headline. */
  all(outcome: Outcome): Step[] {
    const headlines = 'state' in outcome ? outcome.state.headlines.map((text) => text.split('\n')[0]!) : [];
    const last = [...this.#logs.keys()].at(-1);
    return this.#names.map((name): Step => {
      const log = this.#logs.get(name);
      if (log === undefined) return { name, result: 'skipped', log: [] };
      const leftovers = name === LEFTOVERS && outcome.kind === 'done' ? outcome.leftovers ?? [] : [];
      const reported = log.some((line) => headlines.some((headline) => line.endsWith(headline)));
      const broken = outcome.kind !== 'done' && name === last;
      return { name, result: reported || broken || leftovers.length > 0 ? 'failed' : 'passed', log: [...log, ...leftovers] };
    });
  }
}
