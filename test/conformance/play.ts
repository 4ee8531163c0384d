/** Runs a scenario on a machine of its own. */
import { GFP_KERNEL, kmalloc } from 'ringzero/linux/slab';
import { boot, KernelError, KernelOops, KernelPanic, type Machine, type RuleSettings } from 'ringzero';
import type { RuleName } from '../../kernel/debug/rules.js';
import { scripts, type Step, usual } from './scripts.js';
import { scenario } from './verdicts.js';

export interface Played {
  /** The reports, by their headlines' first lines. */
  readonly headlines: readonly string[];
  /** The rule of the first report. */
  readonly rule: RuleName | null;
  readonly panicked: boolean;
  /** As the scripts print them: `insmod NAME.ko: EINVAL`. */
  readonly errnos: readonly string[];
  /** What the module printed. */
  readonly said: readonly string[];
  readonly log: readonly string[];
}

export function play(name: string, rules: RuleSettings = {}): Played {
  const steps = scripts.get(name) ?? usual(name);
  // The real kernel looked for leaks only where the script says so.
  const machine = boot({ rules: steps.some((step) => step.do === 'leakscan') ? rules : { kmemleak: 'off', ...rules } });
  // A kernel that has booted has objects in its caches.
  machine.run(() => kmalloc(64, GFP_KERNEL));
  const errnos: string[] = [];
  let panicked = false;
  try {
    for (const step of steps) take(machine, step, errnos);
  } catch (error) {
    if (!(error instanceof KernelPanic)) throw error;
    panicked = true;
  } finally {
    machine.powerOff();
  }
  const log = machine.log();
  const { reports } = machine.kernel;
  return {
    headlines: reports.map(({ headline }) => headline.split('\n', 1)[0]!),
    rule: reports[0]?.rule ?? null,
    panicked,
    errnos,
    said: log.filter((line) => line.startsWith('ORACLE: ')).map((line) => line.slice('ORACLE: '.length)),
    log,
  };
}

function take(machine: Machine, step: Step, errnos: string[]): void {
  if (step.do === 'sleep') {
    machine.advance(step.seconds * 1_000_000_000);
    return;
  }
  if (step.do === 'failslab') {
    machine.failslab({ probability: step.probability, taskFilter: true, ignoreGfpWait: false, verbose: 2, times: -1, interval: 1 });
    return;
  }
  if (step.do === 'leakscan') {
    machine.kmemleak();
    return;
  }
  const { module } = step;
  // The usual rmmod of a module that insmod refused.
  const isLoaded = machine.lsmod().some(({ name }) => name === module);
  const wasRefused = errnos.some((line) => line.startsWith(`insmod ${module}.ko`));
  if (step.do === 'rmmod' && step.told !== true && !isLoaded && wasRefused) return;
  try {
    if (step.do === 'insmod') machine.insmod(scenario(module), step.params);
    else machine.rmmod(module);
  } catch (error) {
    // The task that was killed is insmod or rmmod; the machine goes on.
    if (error instanceof KernelOops) return;
    if (!(error instanceof KernelError)) throw error;
    errnos.push(`${step.do} ${module}${step.do === 'insmod' ? '.ko' : ''}: ${error.code}`);
  }
}
