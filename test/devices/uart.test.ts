import fc from 'fast-check';
import { boot, type Machine, Uart } from 'ringzero';
import { free_irq, IRQ_HANDLED, request_irq } from 'ringzero/linux/interrupt';
import { inb, inb_p, inl, inw, outb, outb_p, outw } from 'ringzero/linux/io';
import {
  UART_DLL, UART_DLM, UART_FCR, UART_FCR_CLEAR_RCVR, UART_FCR_ENABLE_FIFO, UART_FCR_TRIGGER_8, UART_IER, UART_IER_RDI, UART_IER_RLSI, UART_IER_THRI, UART_IIR,
  UART_IIR_NO_INT, UART_IIR_RDI, UART_IIR_RLSI, UART_IIR_RX_TIMEOUT, UART_IIR_THRI, UART_LCR, UART_LCR_DLAB, UART_LCR_WLEN7, UART_LCR_WLEN8, UART_LSR, UART_LSR_DR,
  UART_LSR_OE, UART_LSR_TEMT, UART_LSR_THRE, UART_MCR, UART_MCR_LOOP, UART_MCR_OUT2, UART_MSR, UART_RX, UART_SCR, UART_TX,
} from 'ringzero/linux/serial_reg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const PORT = 0x3f8;
const IRQ = 4;
/** One character at 115200 baud, 8N1, in ns. */
const CHARACTER_NS = 86_806;

let machine: Machine;
let uart: Uart;

beforeEach(() => {
  machine = boot({ cpus: 1 });
  uart = new Uart();
  machine.attach(uart);
});
afterEach(() => {
  machine.powerOff();
});

const get = (register: number): number => machine.run(() => inb(PORT + register));
const set = (register: number, value: number): void => {
  machine.run(() => {
    outb(value, PORT + register);
  });
  machine.settle();
};
/** Lets `n` characters' time pass. */
const characters = (n: number): void => {
  machine.advance(n * CHARACTER_NS);
};
const text = (): string => new TextDecoder().decode(uart.sent());

describe('receiving', () => {
  test('a byte is there after its time on the wire, and not before', () => {
    uart.receive('A');
    characters(0.9);
    expect(get(UART_LSR) & UART_LSR_DR).toBe(0);
    characters(0.2);
    expect(get(UART_LSR) & UART_LSR_DR).toBe(UART_LSR_DR);
    expect(get(UART_RX)).toBe(0x41);
    expect(get(UART_LSR) & UART_LSR_DR).toBe(0);
  });

  test('bytes that are handed over before the machine has the port wait for it', () => {
    const other = new Uart({ base: 0x2f8, irq: 3 });
    other.receive('x');
    machine.attach(other);
    characters(1.1);
    expect(machine.run(() => inb(0x2f8))).toBe(0x78);
  });

  test('without FIFOs the old byte is lost, and LSR says so once', () => {
    uart.receive('AB');
    characters(2.1);
    expect(get(UART_LSR) & (UART_LSR_OE | UART_LSR_DR)).toBe(UART_LSR_OE | UART_LSR_DR);
    expect(get(UART_LSR) & UART_LSR_OE).toBe(0);
    expect(get(UART_RX)).toBe(0x42);
    expect(uart.lost).toBe(1);
  });

  test('with FIFOs sixteen bytes are kept and the newest are lost', () => {
    set(UART_FCR, UART_FCR_ENABLE_FIFO);
    uart.receive('0123456789abcdefXY');
    characters(18.1);
    expect(get(UART_LSR) & UART_LSR_OE).toBe(UART_LSR_OE);
    const got = Array.from({ length: 16 }, () => String.fromCharCode(get(UART_RX))).join('');
    expect(got).toBe('0123456789abcdef');
    expect(get(UART_LSR) & UART_LSR_DR).toBe(0);
    expect(uart.lost).toBe(2);
  });

  test('clearing the FIFO forgets what is in it', () => {
    set(UART_FCR, UART_FCR_ENABLE_FIFO);
    uart.receive('abc');
    characters(3.1);
    set(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_CLEAR_RCVR);
    expect(get(UART_LSR) & UART_LSR_DR).toBe(0);
  });

  test('seven data bits are seven', () => {
    set(UART_LCR, UART_LCR_WLEN7);
    uart.receive(Uint8Array.of(0xc1));
    characters(1.1);
    expect(get(UART_RX)).toBe(0x41);
  });
});

describe('sending', () => {
  test('a byte leaves when its time is over', () => {
    const seen: number[] = [];
    uart.onTransmit = (byte) => seen.push(byte);
    set(UART_TX, 0x41);
    expect(get(UART_LSR) & (UART_LSR_THRE | UART_LSR_TEMT)).toBe(UART_LSR_THRE);
    expect(text()).toBe('');
    characters(1.1);
    expect(text()).toBe('A');
    expect(seen).toEqual([0x41]);
    expect(get(UART_LSR) & (UART_LSR_THRE | UART_LSR_TEMT)).toBe(UART_LSR_THRE | UART_LSR_TEMT);
  });

  test('without FIFOs a byte too many takes the place of the one that waits', () => {
    machine.run(() => {
      for (const c of 'abc') outb(c.charCodeAt(0), PORT + UART_TX);
    });
    characters(4);
    expect(text()).toBe('ac');
  });

  test('the FIFO takes sixteen beside the one that is on the wire', () => {
    set(UART_FCR, UART_FCR_ENABLE_FIFO);
    machine.run(() => {
      for (const c of '0123456789abcdefgXYZ') outb(c.charCodeAt(0), PORT + UART_TX);
    });
    characters(20);
    expect(text()).toBe('0123456789abcdefg');
  });

  test('loop-back brings it to the receiver, and cuts off the wire', () => {
    set(UART_MCR, UART_MCR_LOOP);
    set(UART_TX, 0x55);
    uart.receive('z');
    characters(1.5);
    expect(get(UART_RX)).toBe(0x55);
    expect(get(UART_LSR) & UART_LSR_DR).toBe(0);
    expect(text()).toBe('');
  });
});

describe('interrupts', () => {
  /** Counts interrupts of the line; the handler reads IIR into `reasons` and then does `serve`. */
  const handle = (serve: () => void): number[] => {
    const reasons: number[] = [];
    machine.run(() => {
      expect(request_irq(IRQ, () => {
        reasons.push(inb(PORT + UART_IIR) & 0x0f);
        serve();
        return IRQ_HANDLED;
      }, 0, 'test', null)).toBe(0);
      outb(UART_MCR_OUT2, PORT + UART_MCR);
    });
    return reasons;
  };
  const drain = (): void => {
    while ((inb(PORT + UART_LSR) & UART_LSR_DR) !== 0) inb(PORT + UART_RX);
  };

  test('one a byte, each with its reason', () => {
    const reasons = handle(drain);
    set(UART_IER, UART_IER_RDI);
    uart.receive('abc');
    characters(4);
    expect(reasons).toEqual([UART_IIR_RDI, UART_IIR_RDI, UART_IIR_RDI]);
    expect(get(UART_IIR)).toBe(UART_IIR_NO_INT);
  });

  test('none while IER or OUT2 are off; a byte that waits raises the line when they go on', () => {
    const reasons = handle(drain);
    uart.receive('a');
    characters(2);
    expect(reasons).toEqual([]);
    set(UART_MCR, 0);
    set(UART_IER, UART_IER_RDI);
    expect(reasons).toEqual([]);
    set(UART_MCR, UART_MCR_OUT2);
    expect(reasons).toEqual([UART_IIR_RDI]);
  });

  test('the line is a level: what the handler leaves unread brings it back', () => {
    set(UART_FCR, UART_FCR_ENABLE_FIFO);
    uart.receive('abc');
    characters(4);
    const reasons = handle(() => inb(PORT + UART_RX));
    set(UART_IER, UART_IER_RDI);
    expect(reasons).toHaveLength(3);
  });

  test('a FIFO announces eight bytes at its trigger, and fewer after a time', () => {
    set(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_TRIGGER_8);
    const reasons = handle(drain);
    set(UART_IER, UART_IER_RDI);
    uart.receive('01234567');
    characters(7.5);
    expect(reasons).toEqual([]);
    characters(1);
    expect(reasons).toEqual([UART_IIR_RDI]);
    uart.receive('89');
    characters(5);
    expect(reasons).toHaveLength(1);
    characters(2);
    expect(reasons).toEqual([UART_IIR_RDI, UART_IIR_RX_TIMEOUT]);
  });

  test('an overrun comes before the data', () => {
    uart.receive('ab');
    characters(3);
    const reasons = handle(drain);
    set(UART_IER, UART_IER_RDI | UART_IER_RLSI);
    expect(reasons[0]).toBe(UART_IIR_RLSI);
  });

  test('an empty transmitter is announced when it is asked for, and again after each byte', () => {
    const text = 'xyz';
    let at = 0;
    const reasons = handle(() => {
      if (at < text.length) outb(text.charCodeAt(at++), PORT + UART_TX);
    });
    set(UART_IER, UART_IER_THRI);
    characters(4);
    expect(new TextDecoder().decode(uart.sent())).toBe('xyz');
    expect(reasons.every((reason) => reason === UART_IIR_THRI)).toBe(true);
    expect(reasons).toHaveLength(4);
    machine.run(() => {
      outb(0, PORT + UART_IER);
      free_irq(IRQ, null);
    });
  });
});

describe('registers', () => {
  test('the divisor sets the pace', () => {
    machine.run(() => {
      outb(UART_LCR_DLAB | UART_LCR_WLEN8, PORT + UART_LCR);
      outb(12, PORT + UART_DLL);
      outb(0, PORT + UART_DLM);
      expect(inb(PORT + UART_DLL)).toBe(12);
      expect(inb(PORT + UART_DLM)).toBe(0);
      outb(UART_LCR_WLEN8, PORT + UART_LCR);
    });
    // 9600 baud: 10 bits in 1.04 ms.
    expect(uart.character_ns).toBe(1_041_667);
    uart.receive('a');
    machine.advance(1_000_000);
    expect(get(UART_LSR) & UART_LSR_DR).toBe(0);
    machine.advance(100_000);
    expect(get(UART_LSR) & UART_LSR_DR).toBe(UART_LSR_DR);
  });

  test('the scratch register keeps a byte, the modem is ready', () => {
    set(UART_SCR, 0xa5);
    expect(get(UART_SCR)).toBe(0xa5);
    expect(get(UART_MSR)).toBe(0xb0);
  });

  test('inb_p and outb_p reach the same registers', () => {
    machine.run(() => {
      outb_p(0x5a, PORT + UART_SCR);
      expect(inb_p(PORT + UART_SCR)).toBe(0x5a);
    });
  });

  test('a wide access reaches two registers, low byte first', () => {
    machine.run(() => {
      outw(0x5aff, PORT + UART_MSR);
      expect(inw(PORT + UART_MSR)).toBe(0x5ab0);
    });
  });

  test('ports that nobody answers read as all ones', () => {
    machine.run(() => {
      expect(inb(0x300)).toBe(0xff);
      expect(inw(0x300)).toBe(0xffff);
      expect(inl(0x300)).toBe(0xffff_ffff);
      outb(1, 0x300);
    });
  });

  test('two devices cannot have one port, and a port cannot be in two machines', () => {
    expect(() => {
      machine.attach(new Uart({ base: 0x3fc, irq: 5 }));
    }).toThrow('attach(): serial wants port 0x3fc, which serial has');
    const other = boot();
    expect(() => {
      other.attach(uart);
    }).toThrow('make a new one');
    other.powerOff();
  });
});

test('every byte that is read in time comes through, in order', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (bytes, fifos) => {
      const m = boot({ cpus: 1 });
      try {
        const port = new Uart();
        m.attach(port);
        const got: number[] = [];
        m.run(() => {
          request_irq(IRQ, () => {
            while ((inb(PORT + UART_LSR) & UART_LSR_DR) !== 0) got.push(inb(PORT + UART_RX));
            return IRQ_HANDLED;
          }, 0, 'test', null);
          outb(fifos ? UART_FCR_ENABLE_FIFO : 0, PORT + UART_FCR);
          outb(UART_MCR_OUT2, PORT + UART_MCR);
          outb(UART_IER_RDI, PORT + UART_IER);
        });
        port.receive(bytes);
        expect(m.untilQuiet(1e9)).toBe(true);
        expect(got).toEqual([...bytes]);
        expect(port.lost).toBe(0);
      } finally {
        m.powerOff();
      }
    }),
  );
});
