// mitata; and a short mode (RINGZERO_BENCH=short, `npm run bench -- --short`), which shows in seconds that each benchmark still
// runs. Its figures mean nothing.
import * as mitata from 'mitata';

export const SHORT = process.env.RINGZERO_BENCH === 'short';

/** How many of something: all of them, or in short mode a few. */
export const count = (all, few) => (SHORT ? few : all);

const FEW = { min_samples: 2, min_cpu_time: 1e6, warmup_samples: 1, batch_samples: 8, samples_threshold: Infinity };

/** As mitata's: times in ns. */
export async function measure(body, options = {}) {
  const stats = await mitata.measure(body, SHORT ? FEW : options);
  if (!(stats.p50 > 0)) throw new Error(`a median of ${stats.p50} ns`);
  return stats;
}

const noted = [];

async function runFew() {
  const benchmarks = [];
  for (const [alias, body] of noted) {
    const stats = await measure(body);
    console.log(`${alias.padEnd(70)} ran`);
    benchmarks.push({ alias, runs: [{ stats }] });
  }
  return { benchmarks };
}

export const bench = SHORT ? (name, body) => void noted.push([name, body]) : mitata.bench;
export const group = SHORT ? (_name, body) => body() : mitata.group;
export const summary = SHORT ? (body) => body() : mitata.summary;
export const do_not_optimize = mitata.do_not_optimize;

/** A benchmark that throws ends the run: mitata would note it in its table and go on. */
export const run = SHORT ? runFew : () => mitata.run({ throw: true });

/** What must hold whatever the machine does meanwhile; it fails the benchmark. */
export function must(holds, message) {
  if (holds) return;
  console.error(`FAIL: ${message}`);
  process.exitCode = 1;
}
