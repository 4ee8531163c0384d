#!/usr/bin/env node
/** The `ringzero` program. */
import { cli } from './cli.js';
import { processTerminal } from './terminal.js';

const terminal = processTerminal();
const code = await cli(process.argv.slice(2), terminal);
// A reader that went away has left its own code.
process.exitCode ??= code;
