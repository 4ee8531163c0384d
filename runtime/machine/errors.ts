/** What a machine throws at its host. Each is one kind of fault, and none is another's. */
import { errname } from '../../kernel/lib/errno.js';

/** The kernel has panicked: the module's fault, told in the report. The machine does not run any more. */
export class KernelPanic extends Error {
  override readonly name = 'KernelPanic';
  /** The first line of the report that led to it. */
  readonly headline: string;
  /** Everything the kernel printed from the first report on. */
  readonly report: string;
  /** Give it to boot({ replay }) and the same happens again. */
  readonly token: string;

  constructor(headline: string, report: string, token: string) {
    super(report);
    this.headline = headline;
    this.report = report;
    this.token = token;
  }
}

/** A task that the host waited for was killed by an oops. The machine goes on. */
export class KernelOops extends Error {
  override readonly name = 'KernelOops';
  readonly headline: string;
  readonly report: string;

  constructor(task: string, headline: string, report: string) {
    super(`${task} was killed\n${report}`);
    this.headline = headline;
    this.report = report;
  }
}

/** The kernel has reported something that nobody expected, and gone on: to an exploration, and to a test, that is a failure. */
export class KernelReport extends Error {
  override readonly name = 'KernelReport';
  readonly headline: string;

  constructor(headline: string, report: string) {
    super(report);
    this.headline = headline;
  }
}

/** What insmod and rmmod print, for the errnos that they see most. */
const messages: Readonly<Record<string, string>> = {
  EPERM: 'Operation not permitted',
  ENOENT: 'No such file or directory',
  EIO: 'Input/output error',
  ENXIO: 'No such device or address',
  EAGAIN: 'Resource temporarily unavailable',
  ENOMEM: 'Cannot allocate memory',
  EFAULT: 'Bad address',
  EBUSY: 'Device or resource busy',
  EEXIST: 'File exists',
  ENODEV: 'No such device',
  EINVAL: 'Invalid argument',
  ENOSPC: 'No space left on device',
  ERANGE: 'Numerical result out of range',
};

/** The kernel refused: a call returned a negative errno. */
export class KernelError extends Error {
  override readonly name = 'KernelError';
  /** Negative, as the kernel returned it. */
  readonly errno: number;
  /** `EBUSY` and the like. */
  readonly code: string;

  constructor(what: string, errno: number) {
    const code = (errname(errno) ?? String(errno)).replace(/^-/, '');
    const text = messages[code];
    super(`${what}: ${text === undefined ? code : `${text} (${code})`}`);
    this.errno = errno;
    this.code = code;
  }
}

/** Something that a test said always holds does not. */
export class AssertionFailure extends Error {
  override readonly name = 'AssertionFailure';
}

/** The host asked for something that cannot be done, and what to do instead. */
export class MachineError extends Error {
  override readonly name: string = 'MachineError';
}

/** A call into the machine took more of the host's time than it may: whatever ran there stands where it was. */
export class CallTooLong extends MachineError {
  override readonly name = 'CallTooLong';

  constructor(limit_s: number, where: string) {
    super(`the machine has been at one call for more than ${limit_s} s of the host's time; its code was at\n${where}\nIf it only needs more time: boot({ limit_s: ${limit_s * 2} })`);
  }
}
