/** The command line: which command, and what it says when it is told something that it does not know. */
import { Account } from './account.js';
import { EXIT_CLEAN, EXIT_INTERNAL, EXIT_INTERRUPTED, EXIT_USAGE } from './exit.js';
import { EXPLORE_FLAGS, exploreCommand, REPLAY_FLAGS, replayCommand } from './explore.js';
import { FUZZ_FLAGS, fuzzCommand } from './fuzz.js';
import { MODINFO_FLAGS, modinfoCommand, rulesCommand } from './info.js';
import { version } from './package.js';
import { RUN_FLAGS, runCommand } from './run.js';
import { Interrupted, type Terminal } from './terminal.js';
import { tourCommand } from './tour.js';
import { flagHelp, HELP, suggestion, UsageError } from './usage.js';

interface Command {
  readonly usage: string;
  readonly summary: string;
  readonly help: string;
  /** Has an account, for programs to read. */
  readonly accounts?: true;
  /** `account`: where one is wanted. */
  run(argv: readonly string[], terminal: Terminal, account: Account | null): number | Promise<number>;
}

const commands: Readonly<Record<string, Command>> = {
  tour: {
    usage: 'ringzero tour [FILE|-]',
    summary: 'A guided tour: a text goes through an emulated serial port',
    help: `The text (the README unless told) arrives byte by byte at a serial port. A driver that is right echoes
it; the same driver with GFP_KERNEL in its interrupt handler panics, as it should.
Exit code 0 when all of that came to pass.

${flagHelp(HELP)}`,
    run: tourCommand,
  },
  run: {
    usage: 'ringzero run FILE [name=value ...] [FILE ...] [options]',
    summary: 'Load modules into a machine, let it live, unload them, say what is wrong',
    help: `Each FILE is a module; the name=value words after it are its parameters. The console is standard
output, what ringzero remarks is standard error.

${flagHelp(RUN_FLAGS)}

Exit code: 0 clean, 1 a module is at fault (a report, a leak, it does not load), 2 the command line is
wrong, 3 ringzero is at fault, 130 interrupted.

  ringzero run modules/hello.ts howmany=3 whom=Mom
  echo hello | ringzero run modules/serial.ts --input -
  ringzero run modules/spin_counter.ts locked=0 --strategy random --seed 7`,
    accounts: true,
    run: runCommand,
  },
  explore: {
    usage: 'ringzero explore FILE [name=value ...] [FILE ...] [options]',
    summary: 'Try every short interleaving of modules and their interrupts',
    help: `Each schedule boots a machine, loads each FILE in order, makes the calls, all at once, and unloads the
modules in the opposite order; whether the machine settles before that is tried both ways. It fails where the kernel reports something or something is left behind.

${flagHelp(EXPLORE_FLAGS)}

What fails is kept in .ringzero/failures, and is what the next exploration of the same modules tries first.
Exit code: 0 every schedule passed, 1 one failed, 2 the command line is wrong, 3 ringzero is at fault,
4 nothing could interleave, so that nothing is known, 130 interrupted: what is known by then is said.

  ringzero explore modules/spin_counter.ts n=1
  ringzero explore modules/irq_counter.ts --arm 5 --interrupts 2 --preemptions 3
  ringzero explore modules/spin_counter.ts n=1 --workers auto --shard 1/2 --result 1.json
  ringzero explore --merge 1.json 2.json`,
    accounts: true,
    run: exploreCommand,
  },
  replay: {
    usage: 'ringzero replay TOKEN FILE [name=value ...] [FILE ...] [options]',
    summary: 'Run one schedule of an exploration again',
    help: `Modules, parameters and options are those of the exploration: its report has the whole line.

${flagHelp(REPLAY_FLAGS)}

Exit code: 0 it passed, 1 it failed, 2 the token does not fit.`,
    run: replayCommand,
  },
  fuzz: {
    usage: 'ringzero fuzz FILE [name=value ...] [FILE ...] [options]',
    summary: 'Try random calls, interrupts and failing allocations on modules, guided by coverage',
    help: `Calls what the modules export, raises the lines that they request, makes allocations fail, lets time pass,
loads and unloads them, in programs that grow from those which came to new code. Parameters that are not
given vary. What crashes is minimised and written to DIR as a test that fails for as long as the bug is there.

${flagHelp(FUZZ_FLAGS)}

Exit code: 0 nothing crashed, 1 something did, or there is nothing to fuzz, 2 the command line is wrong,
3 ringzero is at fault, 130 interrupted: what is known by then is said.

  ringzero fuzz modules/irq_counter.ts --executions 1000
  ringzero fuzz driver.ts irq=5 --milliseconds 60000 --seed 7`,
    accounts: true,
    run: fuzzCommand,
  },
  modinfo: {
    usage: 'ringzero modinfo FILE',
    summary: 'Show what a module says of itself: licence, description, parameters',
    help: `The top level of the file runs, its init function does not.\n\n${flagHelp(MODINFO_FLAGS)}`,
    run: modinfoCommand,
  },
  rules: {
    usage: 'ringzero rules',
    summary: 'List the rules that the kernel checks, and what each does when it is broken',
    help: flagHelp(HELP),
    run: rulesCommand,
  },
  help: {
    usage: 'ringzero help [COMMAND]',
    summary: 'Explain a command',
    help: flagHelp(HELP),
    run: helpCommand,
  },
};

function helpCommand(argv: readonly string[], terminal: Terminal): number {
  const [name] = argv;
  if (name === undefined || name.startsWith('-')) {
    const width = Math.max(...Object.keys(commands).map((command) => command.length));
    const list = Object.entries(commands).map(([command, { summary }]) => `  ${command.padEnd(width)}  ${summary}`);
    void terminal.out(`ringzero ${version()}: runs kernel modules written in TypeScript on an emulated Linux machine.

usage: ringzero COMMAND ...

${list.join('\n')}

  --help, --version

Start with: ringzero tour`);
    return EXIT_CLEAN;
  }
  const { usage, summary, help } = commandNamed(name);
  void terminal.out(`usage: ${usage}\n\n${summary}.\n\n${help}`);
  return EXIT_CLEAN;
}

function commandNamed(name: string): Command {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command !== undefined) return command;
  const hint = /[./]/.test(name) ? `; to load a module: ringzero run ${name}` : suggestion(name, Object.keys(commands));
  throw new UsageError(`there is no command '${name}'${hint}; see: ringzero help`);
}

/** Runs a command line, without the program's name. Returns the exit code; never rejects. */
export async function cli(argv: readonly string[], terminal: Terminal): Promise<number> {
  const account = accountOf(argv);
  if (account === null) return guarded(argv, terminal, null);
  const code = await guarded(argv, account.beside(terminal), account);
  await terminal.out(account.text(code));
  return code;
}

/** A command line that is wrong has an account, too, as long as there is such a command. */
function accountOf(argv: readonly string[]): Account | null {
  const [name = '', ...rest] = argv;
  return Object.hasOwn(commands, name) && commands[name]!.accounts === true && !wantsHelp(rest) ? Account.of(argv) : null;
}

function wantsHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const flags = end < 0 ? argv : argv.slice(0, end);
  return flags.includes('--help') || flags.includes('-h');
}

async function guarded(argv: readonly string[], terminal: Terminal, account: Account | null): Promise<number> {
  try {
    const [name, ...rest] = argv;
    if (name === '--version' || name === '-v' || name === '-V') {
      void terminal.out(version());
      return EXIT_CLEAN;
    }
    if (name === undefined || name === '--help' || name === '-h') return helpCommand([], terminal);
    if (name.startsWith('-')) throw new UsageError(`there is no option ${name} before a command${suggestion(name.replace(/^-+/, ''), ['help', 'version'], '--')}; see: ringzero help`);
    const command = commandNamed(name);
    if (wantsHelp(rest)) return helpCommand([name], terminal);
    return await command.run(rest, terminal, account);
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err(`ringzero: ${error.message}`);
      return EXIT_USAGE;
    }
    if (error instanceof Interrupted) {
      terminal.err('ringzero: interrupted');
      return EXIT_INTERRUPTED;
    }
    terminal.err(`ringzero: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return EXIT_INTERNAL;
  }
}
