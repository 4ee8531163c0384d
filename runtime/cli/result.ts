/** Result files of `ringzero explore`: written by the shards of a campaign, put together by `--merge`. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { headers } from '../../kernel/include/headers.js';
import type { Campaign } from '../explore/campaign.js';
import type { Census } from '../explore/census.js';
import { MergeError, mergeResults, readResult, subjectOptions, writeResult } from '../explore/merge.js';
import type { Limits } from '../explore/options.js';
import type { Found, Part } from '../explore/part.js';
import type { Plan } from '../explore/plan.js';
import { Loader } from '../loader/index.js';
import type { Account } from './account.js';
import { EXIT_CLEAN, EXIT_FAULT, EXIT_USAGE } from './exit.js';
import { version } from './package.js';
import { countsOf } from './progress.js';
import { paint, readInput, type Terminal } from './terminal.js';
import { UsageError } from './usage.js';

/** Makes sure, before a campaign of hours, that its result can be written; an earlier one is not taken for it. */
export function clearResult(file: string): void {
  save(file, '');
}

export function saveResult(file: string, plan: Plan, limits: Limits, campaign: Campaign, failure: Found | null): void {
  const subject = { version: version(), command: plan.words, sources: sourcesOf(plan), options: subjectOptions(limits) };
  save(file, writeResult({ subject, part: campaign.part, hashes: campaign.census.hashes, failure }));
}

function save(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(`--result: cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Paths differ from machine to machine; texts do not. */
function sourcesOf({ modules }: Plan): string {
  const loader = new Loader(headers);
  const hash = createHash('sha256');
  for (const { path } of modules) for (const file of loader.load(path).files) hash.update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

export interface Shown {
  readonly part: Part;
  readonly census: Census;
  readonly claim: string;
  readonly failure: Found | null;
  /** What comes after the token in the command line that runs the schedule that failed again. */
  readonly words: string;
}

/** What an exploration has shown, or several together. A claim is there where nothing failed. */
export function accountFor(account: Account, more: Readonly<Record<string, unknown>>, { part, census, claim, failure, words }: Shown): void {
  const { schedules, steps, exhausted, left, estimate } = part;
  account.summary = failure === null ? [claim] : [failure.message];
  account.result = {
    ...more,
    schedules, distinct: census.schedules.size, steps, exhausted, left, estimate,
    contexts: census.contexts.size, lockStates: census.lockStates.size,
    claim: failure === null ? claim : null,
    failure: failure === null ? null : {
      headline: failure.headline, report: failure.message, token: failure.token, replay: `ringzero replay ${failure.token} ${words}`,
      found: failure.found, strategy: failure.strategy,
    },
  };
}

/** `ringzero explore --merge FILE ...` */
export async function mergeCommand(files: readonly string[], terminal: Terminal, account: Account | null): Promise<number> {
  if (files.length === 0) throw new UsageError('which results? ringzero explore --merge FILE ...; see: ringzero help explore');
  const results = [];
  try {
    for (const name of files) results.push({ name, result: readResult(name, Buffer.from(await readInput(name, terminal)).toString()) });
    const { claim, part, census, failure, missing } = mergeResults(results);
    if (account !== null) accountFor(account, { missing }, { part, census, claim, failure, words: results[0]!.result.subject.command });
    if (failure !== null) {
      void terminal.out(failure.message.split('\n').map((line) => paint(line, terminal.colors)).join('\n'));
      return EXIT_FAULT;
    }
    void terminal.out(claim);
    terminal.err(terminal.colors.dim(`ringzero: ${countsOf(part, census)}`));
    if (missing.length === 0) return EXIT_CLEAN;
    terminal.err(`ringzero: there is no result of shard ${missing.join(', ')}`);
    return EXIT_USAGE;
  } catch (error) {
    if (error instanceof MergeError) throw new UsageError(error.message);
    throw error;
  }
}
