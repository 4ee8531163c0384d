#!/usr/bin/env node
/** The `ringzero` program. */
import { loadStacks } from '../native/index.js';
import { stuckThreads } from '../supervisor/supervisor.js';
import { cli } from './cli.js';
import { processTerminal } from './terminal.js';

const terminal = processTerminal();
const code = await cli(process.argv.slice(2), terminal);
// A reader that went away has left its own code.
process.exitCode ??= code;
if (stuckThreads() > 0) {
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))));
  loadStacks().endProcess(Number(process.exitCode));
}
