/**
 * How long a call into a machine takes the host. No choice depends on the host's clock: all that it does is to end a call
 * that would go on for hours, at a point that the module reaches.
 */
import { url as inspectorUrl } from 'node:inspector';

/** Virtual time, in ns, that may pass between two looks at the clock, which take longer than a point; and what one accounting counts for. */
const BETWEEN_LOOKS = 256_000;
const ACCOUNT = 1000;

const NOT_READ = -1;

export class HostLimit {
  readonly limit_s: number;
  private left = BETWEEN_LOOKS;
  private began_ms = NOT_READ;

  /** Seconds; Infinity is no limit. */
  constructor(limit_s: number) {
    this.limit_s = limit_s;
  }

  /** A call begins. Short ones never read the clock. */
  begin(): void {
    this.left = BETWEEN_LOOKS;
    this.began_ms = NOT_READ;
  }

  /** Code has run for `ns` of virtual time. Returns whether the call has taken too long. */
  isPassed(ns: number): boolean {
    this.left -= ns + ACCOUNT;
    return this.left < 0 && this.look();
  }

  private look(): boolean {
    this.left = BETWEEN_LOOKS;
    const now = performance.now();
    // Who stands at a breakpoint takes as long as it takes.
    if (this.began_ms === NOT_READ || inspectorUrl() !== undefined) this.began_ms = now;
    if (now - this.began_ms < this.limit_s * 1000) return false;
    this.began_ms = now;
    return true;
  }
}
