/** What is shipped against the sources that it is built of. */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const HEADERS = 'kernel/include/linux';

type Namespace = Readonly<Record<string, unknown>>;

/** Of each name what it is, and what a report would call it. */
function contents(namespace: Namespace): Record<string, string> {
  return Object.fromEntries(Object.entries(namespace).map(([name, value]) => [name, typeof value === 'function' ? `function ${value.name}` : typeof value]));
}

async function compare(file: string): Promise<void> {
  const source = (await import(/* @vite-ignore */ pathToFileURL(join(root, `${file}.ts`)).href)) as Namespace;
  const built = (await import(/* @vite-ignore */ pathToFileURL(join(root, 'dist', `${file}.js`)).href)) as Namespace;
  expect(contents(built)).toEqual(contents(source));
}

test.each(readdirSync(join(root, HEADERS)).map((file) => file.replace(/\.ts$/, '')))('ringzero/linux/%s has the same names', async (header) => {
  await compare(`${HEADERS}/${header}`);
});

test('and so has ringzero', async () => {
  await compare('runtime/index');
});

test('each file of package.json is there', () => {
  for (const file of ['runtime/vitest/index', 'runtime/vitest/plugin', 'runtime/vitest/points', 'runtime/cli/main', 'runtime/supervisor/worker']) {
    expect(existsSync(join(root, 'dist', `${file}.js`)), file).toBe(true);
  }
});

test('the command can be executed, however often it has been built', () => {
  // Where there are no such permissions it always can.
  accessSync(join(root, 'dist/runtime/cli/main.js'), constants.X_OK);
});
