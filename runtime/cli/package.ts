/** What the command line says of the package that it is part of. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../package_root.js';

export function version(): string {
  const manifest = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}
