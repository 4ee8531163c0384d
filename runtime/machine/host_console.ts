/** The host's console, as the machine writes to it. */
import { askHost } from './host_code.js';

export class HostConsole {
  private readonly write: ((line: string) => void) | null;
  /** What it threw first; the host gets that back when the machine stops. */
  private failure: { readonly error: unknown } | null = null;
  private busy = false;

  constructor(write: ((line: string) => void) | null) {
    this.write = write;
  }

  /**
   * What the console throws must not unwind the kernel in the middle of whatever it was doing, and what it prints by
   * itself goes to the log only.
   */
  line(line: string): void {
    const { write } = this;
    if (write === null || this.busy) return;
    this.busy = true;
    try {
      askHost(() => { write(line); });
    } catch (error) {
      this.failure ??= { error };
    } finally {
      this.busy = false;
    }
  }

  /** Throws what it threw. */
  check(): void {
    const { failure } = this;
    if (failure === null) return;
    this.failure = null;
    throw failure.error;
  }
}
