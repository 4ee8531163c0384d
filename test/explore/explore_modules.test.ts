/** Explorations of module files by several workers, as a test asks for them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

// Workers run what was built.
const built = new URL('../../dist/runtime/index.js', import.meta.url).href;
const { exploreModules, explore, ExplorationError, ExplorationFailure, MachineError, replay } = (await import(/* @vite-ignore */ built)) as typeof import('../../runtime/index.js');

const MODULE = `
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { BUG_ON } from 'ringzero/linux/bug'; import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { kthread_run } from 'ringzero/linux/kthread';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
const fixed = module_param('fixed', bool, false, 0);
const hangs = module_param('hangs', bool, false, 0);
const done = DECLARE_COMPLETION('done');
let x = 0; const lock = DEFINE_SPINLOCK('lock');
function work(): number {
  if (fixed.value) { spin_lock(lock); x++; spin_unlock(lock); }
  else {
    const seen = x;
    x = seen + 1;
  }
  complete(done);
  return 0;
}
module_init(() => {
  if (hangs.value) /^(a+)+$/.test('a'.repeat(40) + 'b');
  kthread_run(work, null, 'a');
  kthread_run(work, null, 'b');
  wait_for_completion(done);
  wait_for_completion(done);
  BUG_ON(x !== 2);
  return 0;
});
module_exit(() => undefined);
MODULE_LICENSE('GPL');
`;

let folder: string;
let file: string;
let alone: string;

beforeAll(() => {
  folder = mkdtempSync('explore_modules_');
  file = join(folder, 'twice.ts');
  writeFileSync(file, MODULE);
  alone = join(folder, 'alone.ts');
  writeFileSync(alone, "import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';\nmodule_init(() => 0);\nmodule_exit(() => undefined);\nMODULE_LICENSE('GPL');\n");
});
afterAll(() => { rmSync(folder, { recursive: true }); });
afterEach(() => { vi.unstubAllEnvs(); });

const fixed = (): { modules: { path: string; params: { fixed: boolean } }[] } => ({ modules: [{ path: file, params: { fixed: true } }] });

describe('exploreModules()', () => {
  test.each([1, 2, 3])('%i workers show what explore() shows', async (workers) => {
    const alone = explore({ strategy: 'exhaustive', reduce: false }, (machine) => {
      machine.insmod(file, { fixed: true });
      machine.settleOrGoOn();
      machine.rmmod('twice');
      machine.outlive();
    });
    expect(await exploreModules({ strategy: 'exhaustive', reduce: false, workers }, fixed())).toEqual({ ...alone, estimate: expect.any(Number) as number });
  });

  test('reports the same failure whatever the workers, with a token for replay()', async () => {
    const reports = await Promise.all([1, 2, 2, 4].map(async (workers) => {
      const error: unknown = await exploreModules({ strategy: 'exhaustive', workers }, { modules: [file] }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ExplorationFailure);
      return error as InstanceType<typeof ExplorationFailure>;
    }));
    expect(new Set(reports.map(({ headline }) => headline)).size).toBe(1);
    expect(reports[1]!.message).toBe(reports[2]!.message);
    expect(reports[0]!.message).toContain(`ringzero replay ${reports[0]!.token} ${file}`);
    expect(() => { replay(reports[0]!.token, (machine) => { machine.insmod(file); }); }).toThrow(/kernel BUG/);
  });

  test('says what hangs, does not load, or cannot interleave', async () => {
    await expect(exploreModules({ workers: 1, timeout_s: 0.3 }, { modules: [{ path: file, params: { hangs: true } }] })).rejects.toThrow(/without reaching a preemption point[^]*twice\.ts:20/);
    await expect(exploreModules({ workers: 2 }, { modules: [join(folder, 'none.ts')] })).rejects.toThrow(ExplorationError);
    await expect(exploreModules({ workers: 2 }, { modules: [alone] })).rejects.toThrow(/nothing could interleave/);
  });

  test('ends at a signal, with what is known', async () => {
    const controller = new AbortController();
    const end = exploreModules({ workers: 2, schedules: 100_000_000, strategy: 'random', signal: controller.signal }, fixed());
    controller.abort();
    await expect(end).rejects.toThrow(/^interrupted; by then: \d+ schedules drawn by random/);
  });

  test.each<[options: object, scenario: object, message: string]>([
    [{ workers: 0 }, {}, 'workers must be an integer from 1 to 64, or auto, got 0'],
    [{ workers: 'many' }, {}, 'workers must be an integer from 1 to 64, or auto, got many'],
    [{ rules: {} }, {}, 'there is no option \'rules\''],
    [{}, { modules: [] }, 'modules must name at least one file'],
    [{}, { arm: [0] }, 'arm must be interrupt lines from 1'],
    [{}, { cpus: 9 }, 'cpus must be an integer from 1 to 8, got 9'],
    [{}, { time_ms: -1 }, 'time_ms must be a number of milliseconds, got -1'],
  ])('%j, %j is refused', async (options, scenario, message) => {
    const end = exploreModules(options, { ...fixed(), ...scenario });
    await expect(end).rejects.toThrow(MachineError);
    await expect(end).rejects.toThrow(message);
  });

  test('the environment has the last word', async () => {
    vi.stubEnv('RINGZERO_EXPLORE_WORKERS', 'x');
    await expect(exploreModules({ workers: 1 }, fixed())).rejects.toThrow('RINGZERO_EXPLORE_WORKERS must be an integer from 1 to 64, or auto, got x');
  });
});
