/** How many different schedules were run, and in how many different contexts and lock states they came to a choice. */
import { Distinct } from './distinct.js';

const SETS = ['schedules', 'contexts', 'lockStates'] as const;

/** What was counted, as pairs of words: it goes from thread to thread, and into files. The same thing has the same hash everywhere. */
export type Hashes = Readonly<Record<(typeof SETS)[number], Int32Array>>;

export function mapHashes<T>(from: (set: (typeof SETS)[number]) => T): Readonly<Record<(typeof SETS)[number], T>> {
  return { schedules: from('schedules'), contexts: from('contexts'), lockStates: from('lockStates') };
}

export class Census {
  readonly schedules: Distinct;
  readonly contexts: Distinct;
  readonly lockStates: Distinct;
  private readonly news: Readonly<Record<(typeof SETS)[number], number[]>> = mapHashes(() => []);

  /** With `telling` it remembers what takeNews() tells. */
  constructor(telling: boolean) {
    const { schedules, contexts, lockStates } = mapHashes((set) => new Distinct(telling ? (low, high) => this.news[set].push(low, high) : undefined));
    this.schedules = schedules;
    this.contexts = contexts;
    this.lockStates = lockStates;
  }

  add(hashes: Hashes): void {
    for (const set of SETS) this[set].addHashes(hashes[set]);
  }

  get hashes(): Hashes {
    return mapHashes((set) => this[set].hashes());
  }

  /** What has been added since the last time. */
  takeNews(): Hashes {
    return mapHashes((set) => Int32Array.from(this.news[set].splice(0)));
  }
}
