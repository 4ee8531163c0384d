/** Two schedules that have come to one state, as the reduction tells them, have come to the same. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pc } from '../../kernel/arch/callstack.js';
import { this_cpu } from '../../kernel/arch/cpu.js';
import { EXPLORED_KINDS } from '../../runtime/choice/restricted.js';
import { contextBound } from '../../runtime/explore/context_bound.js';
import { readOptions } from '../../runtime/explore/options.js';
import { Reduction } from '../../runtime/explore/reduction.js';
import { Subject } from '../../runtime/explore/schedule.js';
import { BoundedSearch } from '../../runtime/explore/search.js';
import type { Machine } from '../../runtime/machine/machine.js';
import { handler, type Part, part, sourceOf } from './common/random_programs.js';

/** The program, with a function that tells all that it knows. */
function visible(source: string): string {
  let threads = 0;
  return source
    .replace("from 'ringzero/linux/module';", "from 'ringzero/linux/module';\nimport { EXPORT_SYMBOL } from 'ringzero/linux/module';")
    .replaceAll('let seen = 0;', () => `let seen = 0;\n  looks[${threads++}] = () => seen;`)
    .replace('kfree(box);\n});', 'const last = box;\n  box = null;\n  kfree(last);\n});')
    .replace('function twice', `const looks = [];
function look() {
  const memory = box === null ? '' : [cell.at(box).count, cell.at(box).flag];
  return [x, y, z, level.value, results, memory, atomic_read(total), looks.map((one) => one())].join(' ');
}
EXPORT_SYMBOL(look);
function twice`);
}

/** What there is to see of a machine that stands at a point. */
function snapshot({ kernel }: Machine): string {
  const look = kernel.modules.find_module('program')?.exports?.get('look') as (() => string) | undefined;
  const cpu = this_cpu;
  const { fuel, horizon } = cpu;
  const place = pc.slice();
  // Nobody may come while it looks.
  cpu.fuel = 1_000_000_000;
  const values = look?.();
  cpu.fuel = fuel;
  cpu.horizon = horizon;
  pc.set(place);
  const tasks = kernel.sched.tasks.values().map((task) => {
    const [frame, site] = task === cpu.current ? place : [task.frame, task.site];
    return `${task.pid}:${task.__state}:${frame}:${site}:${[...(task.held_locks ?? [])].slice(0, 4 * task.lockdep_depth).filter((_, i) => i % 4 === 0).join('+')}`;
  });
  return `CPU ${cpu.id} ${values} ${tasks.join(' ')}`;
}

class Looking extends Reduction {
  machine: Machine | null = null;
  readonly seen = new Map<number, string>();
  again = 0;

  override mark(step: number, address: number, irqs: readonly number[]): number {
    const mark = super.mark(step, address, irqs);
    const state = this.latestStates.at(-1)!;
    const now = snapshot(this.machine!);
    const earlier = this.seen.get(state);
    if (earlier === undefined) this.seen.set(state, now);
    else {
      this.again++;
      if (earlier !== now) throw new Error(`one state for\n${earlier}\nand for\n${now}`);
    }
    return mark;
  }
}

/** How often the first schedules of the program come to a state that an earlier one has come to. */
function compare(a: Part, b: Part, irq: Part | null, schedules: number): number {
  const source = visible(sourceOf(a, b, irq));
  const looking = new Looking([]);
  const subject = new Subject({}, (machine) => {
    looking.machine = machine;
    if (irq !== null) machine.arm(5);
    machine.insmod({ name: 'program', source });
    machine.rmmod('program');
  }, 0, EXPLORED_KINDS);
  const { limits } = readOptions({ strategy: 'exhaustive', reduce: false }, {});
  const search = new BoundedSearch(subject, contextBound, { changes: 2, interrupts: 1, faults: 0 }, false, limits);
  for (let i = 0; i < schedules; i++) {
    const next = search.next();
    if (next === null) break;
    expect(subject.run(next)).toBeNull();
    search.ran();
    const strategy = subject.sparse(next.decisions);
    looking.watch(strategy, true);
    expect(subject.run(strategy)).toBeNull();
  }
  return looking.again;
}

test('of random programs', () => {
  let again = 0;
  fc.assert(
    fc.property(part, part, fc.option(handler), (a, b, irq) => {
      again += compare(a, b, irq, 400);
    }),
    { numRuns: Number(process.env['RINGZERO_PROGRAMS'] ?? 25) },
  );
  expect(again).toBeGreaterThan(1000);
}, 3_600_000);
