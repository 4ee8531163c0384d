/** The I/O ports: which device answers where, as the address decoders of a PC's boards have it. */
import type { Arch, IoPorts } from '../../kernel/arch/arch.js';
import { MachineError } from '../machine/errors.js';
import { askHost } from '../machine/host_code.js';
import type { Device, DeviceBus } from './device.js';

/** Ports of an x86 machine. */
const NR_PORTS = 0x1_0000;

/** Two devices cannot share a port. */
export class PortConflict extends Error {
  override readonly name = 'PortConflict';
}

type Wires = Pick<Arch, 'now' | 'schedule_event' | 'cancel_event' | 'irqchip' | 'abandon'>;

/** Of a device's own events, so many may happen within this time, in ns: with more its clock stands still, or nearly so. */
const EVENTS_MAX = 1_000_000;
const EVENTS_NS = 1_000_000;

export class PortBus implements IoPorts {
  readonly devices: Device[] = [];
  private readonly arch: Wires;

  constructor(arch: Wires) {
    this.arch = arch;
  }

  /** Throws a {@link PortConflict} where another device has the ports. */
  attach(device: Device): void {
    const other = this.devices.find(({ base, ports }) => device.base < base + ports && base < device.base + device.ports);
    if (other !== undefined) {
      throw new PortConflict(`attach(): ${device.name} wants port 0x${device.base.toString(16)}, which ${other.name} has`);
    }
    // First, for a device that cannot be connected has no ports.
    device.connect(busOf(this.arch, device.name));
    this.devices.push(device);
  }

  read(port: number, width: number): number {
    let value = 0;
    // A wide access to a device of bytes is split by the bus, low byte first.
    for (let i = width - 1; i >= 0; i--) value = (value << 8) | this.read_byte(port + i);
    return value >>> 0;
  }

  write(port: number, value: number, width: number): void {
    for (let i = 0; i < width; i++) {
      const device = this.device_at(port + i);
      if (device !== undefined) askHost(() => { device.write(port + i - device.base, (value >>> (8 * i)) & 0xff); });
    }
  }

  private read_byte(port: number): number {
    const device = this.device_at(port);
    return device === undefined ? 0xff : askHost(() => device.read(port - device.base)) & 0xff;
  }

  private device_at(port: number): Device | undefined {
    const at = port % NR_PORTS;
    for (const device of this.devices) if (at >= device.base && at < device.base + device.ports) return device;
    return undefined;
  }
}

function busOf(arch: Wires, device: string): DeviceBus {
  let since = 0;
  let events = 0;
  const count = (): void => {
    const now = arch.now();
    if (now - since >= EVENTS_NS) {
      since = now;
      events = 0;
    }
    if (++events <= EVENTS_MAX) return;
    arch.abandon(new MachineError(`the device ${device} had ${EVENTS_MAX} events of its own within ${now - since} ns of virtual time: a function that it gives to after() calls after() again with no time, or next to none`));
  };
  return {
    now: () => arch.now(),
    after: (ns, fire) => arch.schedule_event(arch.now() + ns, () => {
      count();
      askHost(fire);
    }),
    cancel: (event) => {
      arch.cancel_event(event);
    },
    raise: (irq) => {
      arch.irqchip.irq_raise(irq);
    },
    lower: (irq) => {
      arch.irqchip.irq_lower(irq);
    },
  };
}
