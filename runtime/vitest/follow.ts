/**
 * What vitest is told of the modules that its tests load, which it does not see: their coverage, for its reports, and
 * that the tests depend on them, for its watch mode.
 */
import type { Reporter, TestModule, Vitest, VitestPluginContext } from 'vitest/node';
import { addFile, type IstanbulFile } from '../loader/coverage.js';
import { COVERAGE, type Told } from './told.js';

/** As much of a provider of coverage, V8's and Istanbul's, as there is of it here. */
interface CoverageProvider {
  generateCoverage: (context: unknown) => unknown;
  readonly isIncluded?: (path: string) => boolean;
}

/** As much of Istanbul's coverage map. */
interface CoverageMap {
  readonly data: Record<string, unknown>;
  addFileCoverage(file: IstanbulFile): void;
}

/** Vite's hook for vitest: the tests of a project are followed. */
export function follow({ vitest, project }: VitestPluginContext): void {
  project.provide(COVERAGE, vitest.config.coverage.enabled);
  vitest.config.reporters.push(new Follower());
}

class Follower implements Reporter {
  private counted: Record<string, IstanbulFile> = {};
  /** By test file: what it depended on when it ran last. */
  private readonly dependencies = new Map<string, readonly string[]>();

  onInit(vitest: Vitest): void {
    // The types leave it out.
    const { coverageProvider } = vitest as unknown as { readonly coverageProvider?: CoverageProvider | null };
    if (coverageProvider) this.complete(coverageProvider);
  }

  onTestRunStart(): void {
    this.counted = {};
  }

  onTestModuleEnd(module: TestModule): void {
    const meta = module.meta() as { ringzero?: Told };
    const told = meta.ringzero;
    if (told === undefined) return;
    // Other reporters write all of it.
    delete meta.ringzero;
    for (const file of Object.values(told.coverage)) addFile(this.counted, file);
    this.depend(module, told.files);
  }

  /** Modules' own counts take the place of what the provider makes of their files. */
  private complete(provider: CoverageProvider): void {
    const generate = provider.generateCoverage.bind(provider);
    provider.generateCoverage = async (context) => {
      const map = (await generate(context)) as CoverageMap;
      for (const [path, file] of Object.entries(this.counted)) {
        if (provider.isIncluded?.(path) === false) continue;
        // Two maps of one file would not fit together.
        Reflect.deleteProperty(map.data, path);
        map.addFileCoverage(file);
      }
      return map;
    };
  }

  /** In Vite's graph the test imports the files: when one changes its importers run again. */
  private depend({ moduleId, project: { vite } }: TestModule, files: readonly string[]): void {
    const before = this.dependencies.get(moduleId) ?? [];
    this.dependencies.set(moduleId, files);
    for (const { moduleGraph } of Object.values(vite.environments)) {
      for (const test of moduleGraph.getModulesByFile(moduleId) ?? []) {
        for (const file of before) for (const one of moduleGraph.getModulesByFile(file) ?? []) if (!files.includes(file)) one.importers.delete(test);
        for (const file of files) moduleGraph.createFileOnlyEntry(file).importers.add(test);
      }
    }
    vite.watcher.add([...files]);
  }
}
