/** `ringzero tour`: a real text through an emulated serial port, by the right driver and by the wrong one. */
import { join, relative } from 'node:path';
import { kernelVoice, narrate } from './narrator.js';
import { packageRoot } from '../package_root.js';
import { version } from './package.js';
import type { RunJob, RunState } from '../supervisor/job.js';
import { supervise, type SuperviseOptions } from '../supervisor/supervisor.js';
import { EXIT_CLEAN, EXIT_FAULT, explainFailure } from './exit.js';
import { shellWord } from '../explore/shell_word.js';
import { showCount, showText, showTime } from './show.js';
import { readInput, type Terminal } from './terminal.js';
import { HELP, parseFlags, UsageError } from './usage.js';

const TIMEOUT_S = 10;
const LINES_SHOWN = 8;
const HEADLINE = 'BUG: sleeping function called from invalid context';

export async function tourCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { words } = parseFlags(argv, HELP, 'tour');
  if (words.length > 1) throw new UsageError('the tour takes one file: ringzero tour [FILE|-]');
  const folder = packageRoot();
  const file = words[0] ?? near(join(folder, 'README.md'));
  const text = await readInput(file, terminal);
  const name = file === '-' ? 'standard input' : file;
  const right = near(join(folder, 'modules', 'serial.ts'));
  const wrong = near(join(folder, 'modules', 'serial_sleeps.ts'));
  const say = narrate(terminal);

  say.title(`ringzero ${version()}: a tour with ${name} (${showCount(text.length, 'byte')})`);
  say.step('A machine boots: 2 CPUs, 20 MiB of memory, a serial port at 0x3f8 on interrupt line 4.');
  say.step(`insmod ${right}. For each byte its interrupt handler allocates with GFP_ATOMIC and queues; a thread writes the byte back.`);
  const started = process.hrtime.bigint();
  const lines: string[] = [];
  let loaded = false;
  const first = await supervise(echoing(right, text, file), {
    ...watched(terminal),
    console: (line) => {
      if (loaded) lines.push(line);
      else say.block(kernelVoice([line], terminal.colors));
    },
    stage: (stage) => {
      if (stage !== 'loaded') return;
      say.step('The text arrives, byte by byte, at 115200 baud ...');
      loaded = true;
    },
  });
  const host_ns = Number(process.hrtime.bigint() - started);
  const failed = explainFailure(first, TIMEOUT_S, terminal);
  if (failed !== null) return failed;
  if (first.kind !== 'done') return unexpected(terminal, first.kind === 'panic' ? first.report : first.kind);
  const { state } = first;

  const identical = sameBytes(text, state.sent);
  if (text.length > 0) say.step('... and comes back:');
  if (text.length > 0) say.block([...showText(state.sent, { columns: Math.min(terminal.width, 100), lines: LINES_SHOWN }), '']);
  say.block(figures(text, state, identical));
  say.block([`${showTime(state.time_ns)} of virtual time, ${showTime(host_ns)} of yours`]);
  if (!identical) return unexpected(terminal, `the echo differs from the text at byte ${firstDifference(text, state.sent)}`);

  say.step('rmmod serial');
  say.block(kernelVoice(lines, terminal.colors));
  const wrongs = [...state.headlines, ...(first.leftovers ?? [])];
  if (wrongs.length > 0) return unexpected(terminal, wrongs.join('\n'));
  say.block(['Nothing is left behind: no memory, no interrupt line, no timer, no lock.']);

  say.step(`insmod ${wrong}: the same driver, but for one word. The handler asks for memory with GFP_KERNEL, which may sleep.`);
  if (text.length === 0) {
    say.block(['No byte, no interrupt: with an empty text even a wrong driver goes unnoticed.']);
    return EXIT_CLEAN;
  }
  const second = await supervise(echoing(wrong, text, file), watched(terminal));
  const failed_too = explainFailure(second, TIMEOUT_S, terminal);
  if (failed_too !== null) return failed_too;
  if (second.kind !== 'panic' || !second.headline.startsWith(HEADLINE)) return unexpected(terminal, 'the driver that is wrong was not found out');
  say.block(kernelVoice(second.report.split('\n'), terminal.colors));
  say.step('That panic is the point: there was memory, and the allocation would not have slept this time, but an interrupt handler must not even try. It panics on every run, at the first byte.');
  say.title('Your turn: ringzero run FILE.ts, or ringzero help');
  return EXIT_CLEAN;
}

function echoing(module: string, text: Uint8Array, file: string): RunJob {
  const command = `ringzero run ${shellWord(module)} --input ${shellWord(file)}`;
  return { kind: 'run', modules: [{ path: module }], input: text, command };
}

function watched(terminal: Terminal): SuperviseOptions {
  return { timeout_s: TIMEOUT_S, signal: terminal.signal };
}

function figures(text: Uint8Array, state: RunState, identical: boolean): string[] {
  const [heading = '', ...rows] = state.interrupts.split('\n');
  const row = rows.find((line) => line.endsWith(' serial')) ?? '';
  return [heading, row, '', `${showCount(text.length, 'byte')}, ${showCount(state.serial_interrupts, 'interrupt')}, identical: ${identical ? 'yes' : 'NO'}`];
}

function unexpected(terminal: Terminal, what: string): number {
  terminal.err(`ringzero: the tour did not go as it should: ${what}`);
  return EXIT_FAULT;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at < 0 ? a.length : at;
}

/** A path as short as it can be said from here. */
function near(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}
