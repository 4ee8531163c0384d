/** One run, from boot to power off, as `ringzero run` does it, or another job: what happens in the worker, without the worker. */
import { decrement, increment, statement, within } from '../../kernel/arch/point.js';
import { enter, leave } from '../../kernel/arch/callstack.js';
import { kernel } from '../../kernel/current.js';
import { note_catch, note_throw } from '../../kernel/debug/trap.js';
import { headers } from '../../kernel/include/headers.js';
import { is_error, shown } from '../../kernel/lib/shown.js';
import { Uart } from '../devices/uart.js';
import { LoadError, Loader, type Image } from '../loader/index.js';
import type { Hashes } from '../explore/census.js';
import type { Part } from '../explore/part.js';
import type { FuzzNews } from '../fuzz/shown.js';
import { KernelError, KernelOops, KernelPanic, MachineError } from '../machine/errors.js';
import { boot, type Machine } from '../machine/machine.js';
import { moduleNamed } from '../loader/resolve.js';
import { declared } from '../machine/module_files.js';
import { ReplayError } from '../choice/token.js';
import { exploration } from './exploration.js';
import { fuzzing } from './fuzzing.js';
import type { InfoJob, Job, Outcome, RunJob, RunState, Stage } from './job.js';
import { replaying } from './replaying.js';
import { SUPERVISED } from './supervised.js';

/** A machine that is busy for ever is left alone after this much virtual time without input, in ns. */
const BUSY_NS = 1_000_000_000;

/** What a session tells while it runs. */
export interface Listener {
  console(line: string): void;
  stage(stage: Stage): void;
  /** How far an exploration has come, with the hashes of what is new. */
  part(part: Part, hashes: Hashes): void;
  /** What fuzzing has come to since the last time. */
  fuzzed(news: FuzzNews): void;
  /** Module code may run from here on, and has its site numbers; or none runs any more. */
  running(running: boolean): void;
}

export function runJob(job: Job, listener: Listener): Outcome {
  try {
    const loader = new Loader(headers);
    switch (job.kind) {
      case 'run':
        return run(job, loader, listener);
      case 'modinfo':
        return modinfo(job, loader, listener);
      case 'explore':
        return exploration(job, loader, listener);
      case 'replay':
        return replaying(job, loader, listener);
      case 'fuzz':
        return fuzzing(job, loader, listener);
    }
  } catch (error) {
    if (error instanceof LoadError) return { kind: 'bad-module', message: error.message, code: error.code };
    if (error instanceof MachineError || error instanceof ReplayError) return { kind: 'bad-option', message: error.message };
    return { kind: 'internal', message: is_error(error) ? (error.stack ?? error.message) : shown(error) };
  }
}

function run(job: RunJob, loader: Loader, listener: Listener): Outcome {
  // All of them compile before any of them runs: their code and their site numbers are kept.
  for (const { path } of job.modules) loader.load(path);
  const { command } = job;
  const machine = boot({
    ...job.boot,
    ...SUPERVISED,
    console: (line) => {
      listener.console(line);
    },
    ...(command === undefined ? {} : { replayHint: (token: string) => `${command} --replay ${token}` }),
  });
  try {
    const uart = new Uart();
    machine.attach(uart);
    const session = new Session(job, machine, uart, listener);
    listener.running(true);
    return session.run();
  } finally {
    listener.running(false);
    machine.powerOff();
  }
}

class Session {
  private readonly job: RunJob;
  private readonly machine: Machine;
  private readonly uart: Uart;
  private readonly listener: Listener;
  private interrupts = '';

  constructor(job: RunJob, machine: Machine, uart: Uart, listener: Listener) {
    this.listener = listener;
    this.job = job;
    this.machine = machine;
    this.uart = uart;
  }

  run(): Outcome {
    try {
      for (const { path, params } of this.job.modules) {
        this.listener.stage(`insmod ${moduleNamed(path)}`);
        this.machine.insmod(path, params);
      }
      this.listener.stage('loaded');
      const quiet = this.live();
      this.interrupts = this.machine.proc('interrupts');
      this.listener.stage('unloading');
      const leftovers = this.unload();
      return { kind: 'done', state: this.state(), quiet, leftovers };
    } catch (error) {
      if (this.interrupts === '') this.interrupts = this.machine.proc('interrupts');
      if (error instanceof KernelPanic) return { kind: 'panic', state: this.state(), headline: error.headline, report: error.report, token: error.token };
      if (error instanceof KernelOops) return { kind: 'oops', state: this.state(), headline: error.headline, report: error.report };
      if (error instanceof KernelError) return { kind: 'refused', state: this.state(), message: error.message };
      throw error;
    }
  }

  /** Returns false where the machine was busy to the end of its time. */
  private live(): boolean {
    const { input, raise = [], time_ms } = this.job;
    const { machine, uart } = this;
    let arrival_ns = 0;
    if (input !== undefined) {
      arrival_ns = input.length * uart.character_ns;
      uart.receive(input);
    }
    for (const irq of raise) machine.raise(irq);
    if (time_ms === undefined) return machine.untilQuiet(arrival_ns + BUSY_NS);
    machine.advance(Math.round(time_ms * 1e6));
    return true;
  }

  /** What the modules left behind; null where they are still there. */
  private unload(): readonly string[] | null {
    const { machine } = this;
    if (this.job.keep === true) return null;
    const names = machine.lsmod().map(({ name }) => name).reverse();
    let stays = false;
    for (const name of names) {
      const mod = machine.kernel.modules.find_module(name);
      // Linux does not unload a module that has no exit function.
      if (mod !== null && mod.init !== null && mod.exit === null) stays = true;
      else {
        this.listener.stage(`rmmod ${name}`);
        machine.rmmod(name);
      }
    }
    if (stays) return null;
    this.listener.stage('unloaded');
    machine.outlive();
    return machine.leftovers().map(({ text }) => text);
  }

  private state(): RunState {
    const { machine, uart } = this;
    return {
      time_ns: machine.now(),
      headlines: machine.headlines(),
      sent: uart.sent(),
      lost: uart.lost,
      interrupts: this.interrupts,
      serial_interrupts: machine.kernel.irq.descs[uart.irq]?.kstat_irqs.reduce((sum, n) => sum + n, 0) ?? 0,
      trace: this.job.boot?.trace === true ? machine.trace() : null,
    };
  }
}

/** Runs the top level of the file alone: what it calls there is what modinfo tells. */
function modinfo(job: InfoJob, loader: Loader, listener: Listener): Outcome {
  const image = declared(loader.load(job.path), job.path);
  const machine = boot(SUPERVISED);
  try {
    listener.running(true);
    machine.insmod({ name: image.name, body: () => {
      topLevel(image);
    } });
    const own = machine.modinfo(image.name).filter(({ tag }) => tag !== 'filename' && tag !== 'name');
    const depends = image.dependencies.map(({ module }) => module).join(',');
    return { kind: 'modinfo', info: [{ tag: 'filename', text: image.path }, { tag: 'name', text: image.name }, { tag: 'depends', text: depends }, ...own] };
  } catch (error) {
    if (error instanceof KernelOops || error instanceof KernelPanic) return { kind: 'bad-module', message: error.report, code: 'ENOEXEC' };
    throw error;
  } finally {
    listener.running(false);
    machine.powerOff();
  }
}

function topLevel(image: Image): void {
  const mod = kernel.modules.this_module('modinfo');
  image.instantiate({
    headers: (name) => headers[name],
    // Another module's function, which is not there, and which a top level has no reason to call.
    resolveSymbol: () => () => 0,
    thisModule: mod,
    // Nobody looks into it.
    runtime: { statement, within, increment, decrement, enter, leave, note_throw, note_catch, variables: () => undefined },
  });
  mod.init = null;
  mod.exit = null;
}
