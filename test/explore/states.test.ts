/** Two schedules that have come to one state, as the reduction tells them, have come to the same. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arch } from '../../kernel/arch/arch.js';
import { pc } from '../../kernel/arch/callstack.js';
import { this_cpu } from '../../kernel/arch/cpu.js';
import { choose } from '../../runtime/index.js';
import { EXPLORED_KINDS } from '../../runtime/choice/restricted.js';
import { Asked } from '../../runtime/choice/sparse.js';
import { contextBound } from '../../runtime/explore/context_bound.js';
import { readOptions } from '../../runtime/explore/options.js';
import { Reduction } from '../../runtime/explore/reduction.js';
import { Subject } from '../../runtime/explore/schedule.js';
import { BoundedSearch } from '../../runtime/explore/search.js';
import type { Machine } from '../../runtime/machine/machine.js';
import { handler, type Part, part, sourceOf } from './common/random_programs.js';
import { askingPart, hostPart, loadTestFile, type ShownScenario, testFileOf } from './common/test_file.js';

/** The program, with a function that tells all that it knows. */
function visible(source: string): string {
  let threads = 0;
  return source
    .replace("from 'ringzero/linux/module';", "from 'ringzero/linux/module';\nimport { EXPORT_SYMBOL } from 'ringzero/linux/module';")
    .replaceAll('let seen = 0;', () => `let seen = 0;\n  looks[${threads++}] = () => seen;`)
    .replace('kfree(box);\n});', 'const last = box;\n  box = null;\n  kfree(last);\n});')
    .replace('function twice', `const looks = [];
function look() {
  // In an array the loader would not follow them, here nor anywhere else.
  const memory = box === null ? '' : cell.at(box).count + ' ' + cell.at(box).flag;
  const own = looks.map((one) => one()).join(' ');
  return JSON.stringify(shared) + ' ' + x + ' ' + y + ' ' + z + ' ' + level.value + ' ' + results.join(' ') + ' ' + memory + ' ' + atomic_read(total) + ' ' + own;
}
EXPORT_SYMBOL(look);
function twice`);
}

/** What there is to see of a machine that stands at a point, by `shown` or by what the program exports. */
function snapshot({ kernel }: Machine, irqs: readonly number[], shown: (() => string) | null): string {
  const look = shown ?? (kernel.modules.find_module('program')?.exports?.get('look') as (() => string) | undefined);
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
  const cpus = arch.cpus.map(({ irqs_off, irq_pending, softirq_pending, preempt_count }) => [irqs_off, irq_pending, softirq_pending, preempt_count].join(':'));
  return `CPU ${cpu.id} ${values} ${tasks.join(' ')} ${cpus.join(' ')} may come: ${irqs.join(' ')}`;
}

class Looking extends Reduction {
  machine: Machine | null = null;
  look: (() => string) | null = null;
  readonly seen = new Map<number, string>();
  again = 0;

  override mark(step: number, address: number, irqs: readonly number[]): number {
    const mark = super.mark(step, address, irqs);
    const state = this.copyStates()!.at(-1)!;
    const now = snapshot(this.machine!, irqs, this.look);
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
  return compareSchedules(irq === null ? 4 : 2, schedules, (machine) => {
    if (irq !== null) machine.arm(5);
    machine.insmod({ name: 'program', source }, { level: machine.run(() => choose(2)) });
    machine.rmmod('program');
  });
}

let files = 0;

/** The same of code in a test file, where the host has its part. */
function compareFile(a: Part, b: Part, irq: Part | null, between: Part, later: Part, device: Part, schedules: number): number {
  const scenario = loadTestFile(`/project/states${files++}.test.ts`, testFileOf(a, b, irq, between, later, device, 20))['scenario'] as ShownScenario;
  return compareSchedules(irq === null ? 4 : 2, schedules, (machine, looking) => {
    scenario(machine, (look) => { looking.look = look; });
  });
}

function compareSchedules(changes: number, schedules: number, scenario: (machine: Machine, looking: Looking) => void): number {
  const looking = new Looking([]);
  const subject = new Subject({}, (machine) => {
    looking.machine = machine;
    looking.look = null;
    scenario(machine, looking);
  }, 0, EXPLORED_KINDS);
  const { limits } = readOptions({ strategy: 'exhaustive', reduce: false }, {});
  const search = new BoundedSearch(subject, contextBound, { changes, interrupts: 1, faults: 0 }, false, limits);
  for (let i = 0; i < schedules; i++) {
    const next = search.next();
    if (next === null) break;
    expect(subject.run(next)).toBeNull();
    search.ran();
    const strategy = subject.sparse(next.decisions, new Asked());
    looking.watch(strategy, true);
    expect(subject.run(strategy)).toBeNull();
  }
  return looking.again;
}

test.each<[string, Part, Part, Part | null]>([
  ['variables', ['x = 1;', 'y = x;'], ['x = 2;', 'x = y;'], null],
  ['memory', ['cell.at(box).count = 1;', 'cell.at(box).flag += 1;'], ['cell.at(box).count = 2;', 'cell.at(box).count += 3;'], null],
  ['atomics', ['atomic_set(total, 5);', 'x = atomic_inc_return(total);'], ['atomic_set(total, 7);'], null],
  ['what is behind an access', ['x = cell.at(box).count + 1;'], ['x = 7;', 'x++;'], null],
  ['what is behind a call', ['x = twice(3);'], ['x = 7;', 'x++;'], null],
  ['what may touch anything', ['results[2] = 1;', 'y++;'], ['results[2] = 2;', 'z++;'], null],
  ['interrupts', ['local_irq_disable();', 'x = 1;', 'local_irq_enable();', 'x = 3;'], ['y = 1;'], ['y = x;']],
  ['tasklets', ['tasklet_schedule(soft);', 'x = 3;'], ['y = x;'], ['tasklet_schedule(soft);']],
  ['sleepers', ['mutex_lock(big);', 'x = 1;', 'mutex_unlock(big);'], ['mutex_lock(big);', 'x += 2;', 'mutex_unlock(big);'], null],
])('by %s', (_, a, b, irq) => {
  expect(compare(a, b, irq, 6000)).toBeGreaterThan(100);
});

test.each<[string, Part, Part, { between?: Part; later?: Part; device?: Part }]>([
  ['variables that the host reads', ['x = 1;', 'x = 2;', 'x = 3;'], ['y = 1;', 'y = 2;'], { between: ['seen = x * 5 + y;'] }],
  ['variables that the host writes', ['seen = seen * 5 + x;', 'seen = seen * 5 + x;'], ['y = 1;', 'y = 2;'], { between: ['x = 4;'] }],
  ['what the host asks itself', ['x = 1;', 'x = 2;'], ['y = x;'], { between: ['if (x === 1) z = 7;'] }],
  ['what the host finds behind a stop', ['x = 1;', 'x = 2;', 'x = 3;'], ['y = 1;', 'y = 2;'], { between: ['seen = (machine.advance(20), x * 5 + y);'] }],
  ['what a device does', ['inb(0x300);', 'x = 1;'], ['inb(0x300);', 'x = 2;'], { device: ['seen = seen * 3 + x;'] }],
])('of a test file, by %s', (_, a, b, { between = [], later = [], device = [] }) => {
  expect(compareFile(a, b, null, between, later, device, 6000)).toBeGreaterThan(100);
});

test('of random programs in a test file', () => {
  let again = 0;
  fc.assert(
    fc.property(askingPart, askingPart, fc.option(handler), hostPart, hostPart, hostPart, (a, b, irq, between, later, device) => {
      again += compareFile(a, b, irq, between, later, device, 300);
    }),
    { numRuns: Number(process.env['RINGZERO_PROGRAMS'] ?? 25) },
  );
  expect(again).toBeGreaterThan(1000);
}, 3_600_000);

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
