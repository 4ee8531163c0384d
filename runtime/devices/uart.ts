/**
 * A serial port with FIFOs, as a PC has it. The source of its behaviour is National Semiconductor's PC16550D data
 * sheet (TL/C/8652, June 1995); section numbers below are of it. Modem status lines are wired to "ready" for good.
 *
 * On the host's side bytes arrive at the baud rate in virtual time, whether or not anybody reads them:
 *
 *     const uart = new Uart();
 *     machine.attach(uart);
 *     uart.receive('hello\n');
 */
import type { ClockEvent } from '../../kernel/arch/arch.js';
import type { Device, DeviceBus } from './device.js';

// Registers, by offset. DLL and DLM lie under the first two while LCR's DLAB bit is set.
const RBR_THR = 0;
const IER = 1;
const IIR_FCR = 2;
const LCR = 3;
const MCR = 4;
const LSR = 5;
const MSR = 6;
const SCR = 7;

const IER_RDI = 0x01;
const IER_THRI = 0x02;
const IER_RLSI = 0x04;

const IIR_NO_INT = 0x01;
const IIR_THRI = 0x02;
const IIR_RDI = 0x04;
const IIR_RLSI = 0x06;
const IIR_TIMEOUT = 0x0c;
const IIR_FIFOS = 0xc0;

const FCR_ENABLE = 0x01;
const FCR_CLEAR_RCVR = 0x02;
const FCR_CLEAR_XMIT = 0x04;

const LCR_STOP = 0x04;
const LCR_PARITY = 0x08;
const LCR_DLAB = 0x80;
/** 8 bits, no parity, one stop bit: how a PC's firmware leaves the port. */
const LCR_8N1 = 0x03;

/** On a PC the interrupt reaches the controller only while this output is on. */
const MCR_OUT2 = 0x08;
const MCR_LOOP = 0x10;

const LSR_DR = 0x01;
const LSR_OE = 0x02;
const LSR_THRE = 0x20;
const LSR_TEMT = 0x40;

/** CTS, DSR and DCD are on. */
const MSR_READY = 0xb0;

const FIFO_SIZE = 16;
const FIFO_TRIGGERS = [1, 4, 8, 14];
/** Time after which bytes below the trigger are announced all the same, in characters. */
const TIMEOUT_CHARACTERS = 4;

const CLOCK_HZ = 1_843_200;
const CLOCKS_PER_BIT = 16;

export interface UartOptions {
  /** Its first port: 0x3f8 unless told. */
  readonly base?: number;
  /** Its interrupt line: 4 unless told. */
  readonly irq?: number;
}

export class Uart implements Device {
  readonly name = 'serial';
  readonly base: number;
  readonly ports = 8;
  readonly irq: number;
  /** Called with each byte that has left the port. */
  onTransmit: ((byte: number) => void) | null = null;

  private bus: DeviceBus | null = null;
  private ier = 0;
  private lcr = LCR_8N1;
  private mcr = 0;
  private scr = 0;
  private divisor = 1;
  private fifos = false;
  private trigger = 1;

  private readonly rx: number[] = [];
  private overrun = false;
  private timed_out = false;
  private timeout: ClockEvent | null = null;

  private readonly tx: number[] = [];
  private shifting = false;
  private thre_pending = false;

  /** The interrupt line is up. */
  private line = false;

  /** What is still to arrive, and how much of the first piece has. */
  private readonly wire: Uint8Array[] = [];
  private wire_at = 0;
  private arriving = false;
  private readonly out: number[] = [];
  private lost_bytes = 0;

  constructor(options: UartOptions = {}) {
    this.base = options.base ?? 0x3f8;
    this.irq = options.irq ?? 4;
  }

  connect(bus: DeviceBus): void {
    if (this.bus !== null) throw new Error('a serial port belongs to one machine: make a new one');
    this.bus = bus;
    this.next_arrival();
  }

  // The host's side

  /** Bytes, or a text as UTF-8, come in one after another; what comes on top of earlier ones waits for its turn. */
  receive(what: Uint8Array | string): void {
    const bytes = typeof what === 'string' ? new TextEncoder().encode(what) : what.slice();
    if (bytes.length === 0) return;
    this.wire.push(bytes);
    if (this.bus !== null && !this.arriving) this.next_arrival();
  }

  /** Everything that has left the port so far. */
  sent(): Uint8Array {
    return Uint8Array.from(this.out);
  }

  /** Bytes that were lost because nobody had read the earlier ones in time. */
  get lost(): number {
    return this.lost_bytes;
  }

  /** Time that one character takes on the wire, in ns. */
  get character_ns(): number {
    const bits = 1 + 5 + (this.lcr & 3) + ((this.lcr & LCR_PARITY) !== 0 ? 1 : 0) + ((this.lcr & LCR_STOP) !== 0 ? 2 : 1);
    // A divisor of 0 counts all the way round.
    return Math.round((bits * CLOCKS_PER_BIT * (this.divisor === 0 ? 0x1_0000 : this.divisor) * 1e9) / CLOCK_HZ);
  }

  private next_arrival(): void {
    this.arriving = this.wire.length > 0;
    if (this.arriving) this.bus!.after(this.character_ns, () => {
      this.arrive();
    });
  }

  private arrive(): void {
    const piece = this.wire[0]!;
    const byte = piece[this.wire_at++]!;
    if (this.wire_at === piece.length) {
      this.wire.shift();
      this.wire_at = 0;
    }
    // In loop-back the input pin is cut off (8.6.7).
    if ((this.mcr & MCR_LOOP) === 0) this.take(byte);
    this.next_arrival();
  }

  // The receiver

  /** A character is complete in the shift register. */
  private take(byte: number): void {
    const data = byte & (0xff >> (3 - (this.lcr & 3)));
    if (this.rx.length >= (this.fifos ? FIFO_SIZE : 1)) {
      this.overrun = true;
      this.lost_bytes++;
      // 8.4: with FIFOs it is the new character that is lost, without them the old one.
      if (!this.fifos) this.rx[0] = data;
    } else this.rx.push(data);
    this.await_timeout();
    this.update();
  }

  /** 8.11: bytes that do not reach the trigger are announced after four characters' time without a change. */
  private await_timeout(): void {
    if (this.timeout !== null) this.bus!.cancel(this.timeout);
    this.timeout = null;
    if (this.trigger === 1 || this.rx.length === 0) return;
    this.timeout = this.bus!.after(this.character_ns * TIMEOUT_CHARACTERS, () => {
      this.timeout = null;
      this.timed_out = true;
      this.update();
    });
  }

  private read_rbr(): number {
    const byte = this.rx.shift() ?? 0;
    this.timed_out = false;
    this.await_timeout();
    this.update();
    return byte;
  }

  // The transmitter

  private write_thr(byte: number): void {
    this.thre_pending = false;
    if (this.tx.length < (this.fifos ? FIFO_SIZE : 1)) this.tx.push(byte);
    // Without FIFOs a character that waits is overwritten; into a full FIFO nothing goes.
    else if (!this.fifos) this.tx[0] = byte;
    if (!this.shifting) this.shift_out();
    this.update();
  }

  private shift_out(): void {
    const byte = this.tx.shift();
    this.shifting = byte !== undefined;
    if (byte === undefined) return;
    if (this.tx.length === 0) this.thre_pending = true;
    this.bus!.after(this.character_ns, () => {
      if ((this.mcr & MCR_LOOP) !== 0) this.take(byte);
      else {
        this.out.push(byte);
        this.onTransmit?.(byte);
      }
      this.shift_out();
      this.update();
    });
  }

  // Interrupts

  /** The reason with the highest priority (8.5, table III). */
  private identify(): number {
    if ((this.ier & IER_RLSI) !== 0 && this.overrun) return IIR_RLSI;
    if ((this.ier & IER_RDI) !== 0) {
      if (this.rx.length >= this.trigger) return IIR_RDI;
      if (this.timed_out) return IIR_TIMEOUT;
    }
    if ((this.ier & IER_THRI) !== 0 && this.thre_pending) return IIR_THRI;
    return IIR_NO_INT;
  }

  private update(): void {
    const wanted = this.identify() !== IIR_NO_INT && (this.mcr & MCR_OUT2) !== 0;
    if (wanted === this.line) return;
    this.line = wanted;
    if (wanted) this.bus!.raise(this.irq);
    else this.bus!.lower(this.irq);
  }

  // Registers

  read(offset: number): number {
    const dlab = (this.lcr & LCR_DLAB) !== 0;
    switch (offset) {
      case RBR_THR:
        return dlab ? this.divisor & 0xff : this.read_rbr();
      case IER:
        return dlab ? this.divisor >> 8 : this.ier;
      case IIR_FCR: {
        const reason = this.identify();
        // Reading it takes the transmitter's interrupt back, if that is what it tells.
        if (reason === IIR_THRI) this.thre_pending = false;
        this.update();
        return reason | (this.fifos ? IIR_FIFOS : 0);
      }
      case LCR:
        return this.lcr;
      case MCR:
        return this.mcr;
      case LSR: {
        const status =
          (this.rx.length > 0 ? LSR_DR : 0) |
          (this.overrun ? LSR_OE : 0) |
          (this.tx.length === 0 ? LSR_THRE : 0) |
          (this.tx.length === 0 && !this.shifting ? LSR_TEMT : 0);
        this.overrun = false;
        this.update();
        return status;
      }
      case MSR:
        return MSR_READY;
      case SCR:
        return this.scr;
      default:
        return 0xff;
    }
  }

  write(offset: number, value: number): void {
    const dlab = (this.lcr & LCR_DLAB) !== 0;
    switch (offset) {
      case RBR_THR:
        if (dlab) this.divisor = (this.divisor & 0xff00) | value;
        else this.write_thr(value);
        break;
      case IER:
        if (dlab) this.divisor = (this.divisor & 0xff) | (value << 8);
        else {
          // 8.7: switching it on while the transmitter is empty announces that.
          if ((value & ~this.ier & IER_THRI) !== 0 && this.tx.length === 0) this.thre_pending = true;
          this.ier = value & 0x0f;
        }
        break;
      case IIR_FCR:
        this.write_fcr(value);
        break;
      case LCR:
        this.lcr = value;
        break;
      case MCR:
        this.mcr = value & 0x1f;
        break;
      case SCR:
        this.scr = value;
        break;
      default:
        // LSR and MSR are for reading (8.4: writing is for factory tests).
        break;
    }
    this.update();
  }

  private write_fcr(value: number): void {
    const fifos = (value & FCR_ENABLE) !== 0;
    const changed = fifos !== this.fifos;
    this.fifos = fifos;
    if (changed || (fifos && (value & FCR_CLEAR_RCVR) !== 0)) {
      this.rx.length = 0;
      this.timed_out = false;
    }
    if (changed || (fifos && (value & FCR_CLEAR_XMIT) !== 0)) this.tx.length = 0;
    this.trigger = fifos ? FIFO_TRIGGERS[value >> 6]! : 1;
    this.await_timeout();
  }
}
