/**
 * The rules that the kernel checks while it runs. Each has a name, a page of the same name in docs/rules/, and a
 * setting: `panic` stops the machine, `warn` prints the report and goes on as Linux would, `off` does not look.
 */
export type RuleSetting = 'panic' | 'warn' | 'off';

export const rules = {
  /** A function that may sleep is called in atomic context. */
  'sleep-in-atomic': 'panic',
  /** schedule() is called in atomic context. */
  'schedule-in-atomic': 'panic',
  /** preempt_enable(), local_bh_enable() or an unlock without its counterpart. */
  'preempt-underflow': 'warn',
  /** local_irq_restore() with interrupts enabled. */
  'irq-restore': 'warn',
  /** A function of a module returns with another context or other locks than it was called with. */
  'context-imbalance': 'warn',
  /** Wrong use of a spinlock: recursion, bad magic, wrong CPU, not held. */
  spinlock: 'panic',
  /** CPUs wait for each other and none can go on. */
  lockup: 'panic',
  /** Tasks sleep for each other, and none of them can ever wake up. */
  deadlock: 'panic',
  /** Unbalanced or misplaced use of a sleeping lock. */
  mutex: 'warn',
  /** Wrong use of RCU: sleeping inside a reader, a pointer read outside of one, an unlock too many. */
  rcu: 'warn',
  /** A task has waited for too long. */
  'hung-task': 'panic',
  /** Invalid use of memory: out of bounds, freed, null, wild. */
  kasan: 'panic',
  /** Memory is read that nobody has written. */
  kmsan: 'off',
  /** A module has gone and memory of its own is left, which nothing points to. */
  kmemleak: 'warn',
  /** An allocation failed. */
  'page-alloc-failure': 'warn',
  /** An allocation that must not fail has waited for memory in vain. The machine stops whatever the setting. */
  oom: 'warn',
  /** Code that reclaim may call allocates with flags that let reclaim call it. */
  'reclaim-recursion': 'warn',
  /** A page is in a state that it cannot be in. */
  'bad-page': 'warn',
  /** Wrong use of a slab cache: objects left, another cache's object, patterns overwritten. */
  slab: 'warn',
  /** An allocation asks for flags that its allocator does not take. */
  'gfp-flags': 'warn',
  /** Wrong use of memory that is mapped for a device. */
  'dma-api': 'warn',
  /** Memory that holds an active timer, work item or lock is freed or initialised again. */
  'object-state': 'warn',
  /** Wrong use of the interrupt interface. */
  irq: 'warn',
  /** smp_processor_id() where the task may move to another CPU. */
  'smp-processor-id': 'warn',
  /** WARN_ON() and its like. */
  warn: 'warn',
  /** An exception in module code: a null pointer, a JavaScript error, BUG(). */
  oops: 'warn',
  /** Module code returns a promise to a kernel that cannot wait for one. */
  async: 'panic',
} as const satisfies Record<string, RuleSetting>;

export type RuleName = keyof typeof rules;
export type RuleSettings = { readonly [rule in RuleName]?: RuleSetting };
