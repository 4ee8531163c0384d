/** ringzero as a host uses it. Modules use the headers, `ringzero/linux/*`, and nothing from here. */
export { OutsideMachineError } from '../kernel/arch/cpu.js';
export { InternalError } from '../kernel/debug/internal_error.js';
export { rules, type RuleName, type RuleSetting, type RuleSettings } from '../kernel/debug/rules.js';
export type { Strategy } from './choice/choice.js';
export { ReplayError } from './choice/token.js';
export type { Device, DeviceBus } from './devices/device.js';
export { Uart, type UartOptions } from './devices/uart.js';
export { LoadError } from './loader/index.js';
export { KernelError, KernelOops, KernelPanic, MachineError } from './machine/errors.js';
export type { FailPageAlloc, FailSlab, FaultSettings } from './machine/faults.js';
export type { InlineModule } from './machine/inline_module.js';
export type { Leftover } from './machine/leftovers.js';
export { boot, Machine, type ModuleStatus } from './machine/machine.js';
export type { BootOptions } from './machine/options.js';
export type { InfoJob, Job, JobBoot, Outcome, RunJob, RunState, Stage } from './supervisor/job.js';
export { supervise, type SuperviseOptions } from './supervisor/supervisor.js';
export { type Exploration, ExplorationError, ExplorationFailure, explore, type ExploreOptions, type ExploreStrategy, replay } from './explore/explore.js';
export type { MachineOptions, Scenario } from './explore/schedule.js';
