/** Runs a scenario on a machine of its own. */
import { GFP_KERNEL, kmalloc } from 'ringzero/linux/slab';
import { boot, KernelError, KernelOops, KernelPanic, type Machine, type RuleSettings } from 'ringzero';
import type { RuleName } from '../../kernel/debug/rules.js';
import { scripts, type Step, usual } from './scripts.js';
import { scenario } from './verdicts.js';

export interface Played {
  /** The reports, by their headlines' first lines. */
  readonly headlines: readonly string[];
  /** The rule of the last report, which is the one that stopped the machine if one did. */
  readonly rule: RuleName | null;
  readonly panicked: boolean;
  /** There was an insmod, and none that its task did not come back from. */
  readonly insmodReturned: boolean;
  /** As the scripts print them: `insmod NAME.ko: EINVAL`. */
  readonly errnos: readonly string[];
  /** What the module printed. */
  readonly said: readonly string[];
  readonly log: readonly string[];
}

export function play(name: string, rules: RuleSettings = {}): Played {
  const script = scripts.get(name);
  const steps = script ?? usual(name);
  // The real kernel looked for leaks only where the script says so.
  const machine = boot({ rules: steps.some((step) => step.do === 'leakscan') ? rules : { kmemleak: 'off', ...rules } });
  // A kernel that has booted has objects in its caches.
  machine.run(() => kmalloc(64, GFP_KERNEL));
  const errnos: string[] = [];
  const lost: string[] = [];
  let panicked = false;
  try {
    for (const step of steps) {
      // Where the usual insmod was killed the real kernel was asked no more.
      if (script === undefined && step.do === 'rmmod' && lost.includes('insmod')) continue;
      lost.push(step.do);
      if (take(machine, step, errnos)) lost.pop();
    }
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
    rule: reports.at(-1)?.rule ?? null,
    panicked,
    insmodReturned: steps.some((step) => step.do === 'insmod') && !lost.includes('insmod'),
    errnos,
    said: log.filter((line) => line.startsWith('ORACLE: ')).map((line) => line.slice('ORACLE: '.length)),
    log,
  };
}

/** Returns false where the task that does it is killed. */
function take(machine: Machine, step: Step, errnos: string[]): boolean {
  if (step.do === 'sleep') {
    machine.advance(step.seconds * 1_000_000_000);
    return true;
  }
  if (step.do === 'failslab') {
    machine.failslab({ probability: step.probability, taskFilter: true, ignoreGfpWait: false, verbose: 2, times: -1, interval: 1 });
    return true;
  }
  if (step.do === 'leakscan') {
    machine.kmemleak();
    return true;
  }
  const { module } = step;
  // The usual rmmod of a module that insmod refused.
  const isLoaded = machine.lsmod().some(({ name }) => name === module);
  const wasRefused = errnos.some((line) => line.startsWith(`insmod ${module}.ko`));
  if (step.do === 'rmmod' && step.told !== true && !isLoaded && wasRefused) return true;
  try {
    if (step.do === 'insmod') machine.insmod(scenario(module), step.params);
    else machine.rmmod(module);
  } catch (error) {
    // The task that was killed is insmod or rmmod; the machine goes on.
    if (error instanceof KernelOops) return false;
    if (!(error instanceof KernelError)) throw error;
    errnos.push(`${step.do} ${module}${step.do === 'insmod' ? '.ko' : ''}: ${error.code}`);
  }
  return true;
}
