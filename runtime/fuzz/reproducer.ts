/** A crash as a short test: it fails for as long as the driver has the bug. */
import type { MachineOptions } from '../explore/schedule.js';
import type { Reproduction } from './minimise.js';
import { type Act, type CallsAct, faultOf, lengthOf, type OtherStep } from './play.js';
import type { Target } from './target.js';
import type { Value } from './values.js';

const HOST_ONLY = ['console', 'replayHint', 'limit_s'];

export function reproducer(target: Target, machine: MachineOptions, { how, fault, acts }: Reproduction): string {
  const { lines, unloaded } = new Body(target, acts);
  const options = Object.entries(machine).filter(([name, value]) => !HOST_ONLY.includes(name) && value !== undefined && !(name === 'seed' && (value === 0 || how !== 'time')));
  const given = options.length === 0 ? '' : literal(Object.fromEntries(options));
  const clean = unloaded ? ['expect(machine).toBeClean();'] : [];
  const indented = (body: readonly string[]): string[] => body.map((line) => `  ${line}`);
  const name = quoted(fault.headline);
  const code =
    how === 'time'
      ? [
          ...(given === '' ? [] : [`test.override({ boot: ${given} });`, '']),
          `test(${name}, ({ machine }) => {`,
          ...indented([...lines, 'expect(machine.headlines()).toEqual([]);', ...clean]),
          '});',
        ]
      : [
          'function scenario(machine: Machine): void {',
          ...indented([...lines, ...clean.flatMap((line) => ['// Else replay() throws what the kernel reported.', `if (machine.headlines().length === 0) ${line}`])]),
          '}',
          '',
          '// The token is for the driver as it was. Once that has changed, explore({}, scenario) looks at every short schedule.',
          `test(${name}, () => {`,
          `  replay(${quoted(fault.token)}, scenario${given === '' ? '' : `, ${given}`});`,
          '});',
        ];
  const host = lines.some((line) => line.includes('host.'));
  if (host) code.unshift(`const host = (await import(resolve(${quoted(target.source!)}))) as { calls: Calls; setup?: (machine: Machine) => void };`, '');
  const text = code.join('\n');
  const used = (names: readonly (readonly [name: string, pattern: RegExp])[]): string => names.filter(([, pattern]) => pattern.test(text)).map(([imported]) => imported).join(', ');
  const ours = used([['type Calls', /\bCalls;/], ['type Machine', /\bMachine\)/], ['replay', /\breplay\(/]]);
  return [
    '// Found by ringzero fuzz. It fails for as long as this goes wrong:',
    `// ${fault.headline}`,
    ...fault.frames.map((frame) => `//   ${frame}`),
    ...(host ? ["import { resolve } from 'node:path';"] : []),
    ...(ours === '' ? [] : [`import { ${ours} } from 'ringzero';`]),
    `import { ${used([['expect', /\bexpect\(/], ['test', /\btest[.(]/]])} } from 'ringzero/vitest';`,
    '',
    text,
    '',
  ].join('\n');
}

/** What the program did, a statement a line. */
class Body {
  readonly lines: string[] = [];
  /** Whether no module is left when all of it has been done. */
  readonly unloaded: boolean;
  private readonly target: Target;
  /** Calls whose results are arguments of others, and the variable that has the last one. */
  private readonly wanted = new Set<string>();
  private readonly variables = new Map<string, string>();

  constructor(target: Target, acts: readonly Act[]) {
    this.target = target;
    for (const act of acts) {
      if (act.step !== 'calls') continue;
      for (const { args } of act.calls) for (const arg of args) if (isResult(arg)) this.wanted.add(arg.result);
    }
    if (target.setup !== null) this.lines.push('host.setup?.(machine);');
    const loaded: number[] = [];
    for (const act of acts) {
      this.add(act);
      if (act.step === 'calls' || act.refused !== null) continue;
      if (act.step.kind === 'load') loaded.push(act.step.module);
      if (act.step.kind === 'unload') loaded.splice(loaded.indexOf(act.step.module), 1);
    }
    const last = acts.findLastIndex(({ step }) => step === 'calls' || step.kind !== 'unload');
    const refused = new Set(acts.slice(last + 1).flatMap(({ step }) => (step !== 'calls' && step.kind === 'unload' ? [step.module] : [])));
    // The crash came before their time: a driver without the bug has them unloaded.
    const rest = loaded.filter((module) => !refused.has(module)).reverse();
    this.unloaded = rest.length === loaded.length;
    for (const module of rest) this.lines.push(`machine.rmmod(${quoted(target.modules[module]!.name)});`);
    this.lines.push('machine.settle();');
  }

  private add(act: Act): void {
    if (act.step === 'calls') {
      this.addCalls(act);
      return;
    }
    const statement = this.statement(act.step);
    this.lines.push(act.refused === null ? statement : `expect(() => { ${statement} }).toThrow(${quoted(act.refused)});`);
  }

  private statement(step: OtherStep): string {
    const { modules } = this.target;
    switch (step.kind) {
      case 'load': {
        const { what, params } = modules[step.module]!;
        const all = { ...params, ...step.params };
        return `machine.insmod(${literal(what)}${Object.keys(all).length === 0 ? '' : `, ${literal(all)}`});`;
      }
      case 'unload':
        return `machine.rmmod(${quoted(modules[step.module]!.name)});`;
      case 'raise':
      case 'lower':
      case 'arm':
        return `machine.${step.kind}(${step.irq});`;
      case 'advance':
        return `machine.advance(${String(step.ns).replace(/\B(?=(\d{3})+$)/g, '_')});`;
      case 'fail':
        return `machine.${step.what === 'slab' ? 'failslab' : 'failPageAlloc'}(${literal(faultOf(modules.map(({ name }) => name), step.nth))});`;
    }
  }

  private addCalls({ calls }: CallsAct): void {
    const given = calls.map(({ args }) => args.map((arg) => this.argument(arg, args)));
    const wanted = calls.some(({ name }) => this.wanted.has(name));
    const variables = calls.map(({ name }) => (this.wanted.has(name) ? `${name.replace(/\W/g, '_')}_${this.lines.length + 1}` : ''));
    const [first] = calls;
    const bind = !wanted ? '' : calls.length === 1 ? `const ${variables[0]!} = ` : `const [${variables.join(', ')}] = `;
    if (this.target.calls[first!.name]?.run !== undefined) this.lines.push(`${bind}host.calls[${quoted(first!.name)}]!.run!(machine, ...([${given[0]!.join(', ')}] as never[]));`);
    else if (calls.length === 1) this.lines.push(`${bind}machine.call(${[quoted(first!.name), ...given[0]!].join(', ')});`);
    else this.lines.push(`${bind}machine.callTogether(${calls.map(({ name }, i) => `[${[quoted(name), ...given[i]!].join(', ')}]`).join(', ')});`);
    calls.forEach(({ name }, i) => {
      if (variables[i] !== '') this.variables.set(name, variables[i]!);
    });
  }

  private argument(value: Value, args: readonly Value[]): string {
    if (isResult(value)) {
      const variable = this.variables.get(value.result);
      return variable === undefined ? '0' : `${variable} ?? 0`;
    }
    if (typeof value === 'object' && value !== null && 'lengthOf' in value) return String(lengthOf(value, args));
    return Array.isArray(value) ? `Uint8Array.of(${value.join(', ')})` : literal(value);
  }
}

function isResult(value: Value): value is { readonly result: string } {
  return typeof value === 'object' && value !== null && 'result' in value;
}

function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** A value as TypeScript writes it. */
function literal(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).map(([name, field]) => `${/^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name)}: ${literal(field)}`);
  return `{ ${fields.join(', ')} }`;
}
