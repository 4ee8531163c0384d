/** What holds the workers of one campaign: they stop at the same place, whoever is fast, and at Ctrl-C. */

/** More than a worker does. */
const ALL = 0x7fff_ffff;
const INTERRUPTED = -1;

/** Time that workers have to stop by themselves and say what they know, in ms. One whose module hangs never does. */
const GRACE_MS = 2000;

export class Reins {
  private readonly word = new Int32Array(new SharedArrayBuffer(4)).fill(ALL);
  private readonly aborter = new AbortController();
  private readonly host: AbortSignal;
  private timer: NodeJS.Timeout | undefined;

  /** `host`: Ctrl-C. */
  constructor(host: AbortSignal) {
    this.host = host;
    if (host.aborted) this.interrupt();
    else host.addEventListener('abort', this.interrupt);
  }

  /** What workers look at. */
  get until(): SharedArrayBuffer {
    return this.word.buffer;
  }

  /** Ends workers where they are. */
  get signal(): AbortSignal {
    return this.aborter.signal;
  }

  /** Nobody goes on beyond the `n`-th thing that workers do, each counting its own. */
  lower(n: number): void {
    Atomics.store(this.word, 0, Math.min(this.word[0]!, n));
  }

  /** Ends all of them. */
  end(): void {
    this.aborter.abort();
  }

  /** The workers have ended. */
  release(): void {
    clearTimeout(this.timer);
    this.host.removeEventListener('abort', this.interrupt);
  }

  private readonly interrupt = (): void => {
    Atomics.store(this.word, 0, INTERRUPTED);
    this.timer = setTimeout(() => {
      this.end();
    }, GRACE_MS);
  };
}

/** A worker's view of them. */
export class Rein {
  private readonly word: Int32Array;

  constructor(until: SharedArrayBuffer) {
    this.word = new Int32Array(until);
  }

  /** It has done `n` things: are these all that it is to do? */
  stops(n: number): boolean {
    return n >= Atomics.load(this.word, 0);
  }

  get interrupted(): boolean {
    return Atomics.load(this.word, 0) === INTERRUPTED;
  }
}
