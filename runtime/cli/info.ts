/** `ringzero modinfo` and `ringzero rules`: what there is to know without running anything. */
import { rules, type RuleName } from '../../kernel/debug/rules.js';
import { supervise } from '../supervisor/supervisor.js';
import { EXIT_CLEAN, explainFailure } from './exit.js';
import type { Terminal } from './terminal.js';
import { type Flags, HELP, limitFlag, limitFlags, parseFlags, UsageError } from './usage.js';

/** A top level says what it is in no time, whatever points it reaches. */
const TIMEOUT_S = 10;

export const MODINFO_FLAGS: Flags = { ...limitFlags(TIMEOUT_S), ...HELP };

/** As modinfo prints it: a tag and its text a line. */
export async function modinfoCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const args = parseFlags(argv, MODINFO_FLAGS, 'modinfo');
  const { words } = args;
  const [path] = words;
  if (path === undefined || words.length > 1) throw new UsageError('modinfo takes one module: ringzero modinfo FILE.ts');
  const outcome = await supervise({ kind: 'modinfo', path }, { timeout_s: TIMEOUT_S, limit_s: limitFlag(args, TIMEOUT_S), signal: terminal.signal });
  const failed = explainFailure(outcome, TIMEOUT_S, terminal);
  if (failed !== null) return failed;
  if (outcome.kind !== 'modinfo') throw new TypeError(`modinfo came out as ${outcome.kind}`);
  for (const { tag, text } of outcome.info) void terminal.out(`${`${tag}:`.padEnd(16)}${text}`.trimEnd());
  return EXIT_CLEAN;
}

const WHAT: Readonly<Record<RuleName, string>> = {
  'sleep-in-atomic': 'a function that may sleep is called in atomic context',
  'schedule-in-atomic': 'schedule() is called in atomic context',
  'preempt-underflow': 'preempt_enable(), local_bh_enable() or an unlock has no counterpart',
  'irq-restore': 'local_irq_restore() with interrupts enabled',
  'context-imbalance': 'a function of a module returns with another context or other locks than it was called with',
  spinlock: 'wrong use of a spinlock: recursion, bad magic, wrong CPU, not held',
  lockup: 'CPUs wait for each other and none can go on, or one does not give way',
  mutex: 'wrong use of a sleeping lock',
  rcu: 'wrong use of RCU: sleeping inside a reader, a pointer read outside of one, an unlock too many',
  deadlock: 'tasks sleep for each other, and none of them can ever wake up',
  'hung-task': 'a task has waited for too long',
  kasan: 'invalid use of memory: out of bounds, freed, null, wild',
  kmsan: 'memory is read that nobody has written',
  kmemleak: 'a module has gone and memory of its own is left, which nothing points to',
  'page-alloc-failure': 'an allocation failed',
  oom: 'an allocation that must not fail has waited for memory in vain',
  'reclaim-recursion': 'code that reclaim may call allocates with flags that let reclaim call it',
  'bad-page': 'a page is in a state that it cannot be in',
  slab: 'wrong use of a slab cache: objects left, an object of another cache, patterns overwritten',
  'gfp-flags': 'an allocation asks for flags that its allocator does not take',
  'dma-api': 'wrong use of memory that is mapped for a device',
  'object-state': 'memory that holds an active timer, work item or lock is freed or initialised again',
  irq: 'wrong use of the interrupt interface',
  'smp-processor-id': 'smp_processor_id() where the task may move to another CPU',
  warn: 'WARN_ON() and its like',
  oops: 'an exception in module code: a null pointer, a JavaScript error, BUG()',
  async: 'module code returns a promise to a kernel that cannot wait for one',
};

export function rulesCommand(argv: readonly string[], terminal: Terminal): number {
  const { words } = parseFlags(argv, HELP, 'rules');
  if (words.length > 0) throw new UsageError('rules takes nothing: ringzero rules');
  const { bold, dim } = terminal.colors;
  const names = Object.keys(rules) as RuleName[];
  const width = Math.max(...names.map((name) => name.length));
  void terminal.out(dim(`${'rule'.padEnd(width)}  default  what breaks it`));
  for (const name of names) void terminal.out(`${bold(name.padEnd(width))}  ${rules[name].padEnd(7)}  ${WHAT[name]}`);
  void terminal.out(dim('panic stops the machine, warn reports and goes on, off does not look: ringzero run --rule NAME=SETTING'));
  return EXIT_CLEAN;
}
