/** Each matcher, as it passes and as it fails. */
import { fileURLToPath } from 'node:url';
import { WARN } from 'ringzero/linux/bug';
import { module_init } from 'ringzero/linux/module';
import { preempt_disable } from 'ringzero/linux/preempt';
import { pr_info } from 'ringzero/linux/printk';
import { GFP_ATOMIC, GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { expect, test } from 'ringzero/vitest';

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));

function sleepInAtomic(): void {
  preempt_disable();
  kmalloc(64, GFP_KERNEL);
}

function warn(): void {
  WARN(true, 'the %s is on fire\n', 'printer');
}

function crash(): void {
  throw new TypeError('of the module');
}

/** The message of a failed assertion. */
function failureOf(assertion: () => void): string {
  try {
    assertion();
  } catch (error) {
    if (error instanceof Error && error.name === 'AssertionError') return error.message;
    if (error instanceof Error && !('headline' in error)) return error.message;
    throw error;
  }
  throw new Error('the assertion holds');
}

test.describe('toPanic', () => {
  test('passes', ({ machine }) => {
    expect(() => {
      machine.run(sleepInAtomic);
    }).toPanic();
    expect(() => machine.run(() => 0)).toPanic('sleeping function called from invalid context');
    expect(() => machine.run(() => 0)).toPanic(/preempt_count: 1, expected: 0/);
  });

  test('negated, passes where nothing happens', ({ machine }) => {
    machine.expectReport('the printer is on fire');
    expect(() => machine.run(() => 0)).not.toPanic();
    expect(() => {
      machine.run(warn);
    }).not.toPanic('scheduling while atomic');
  });

  test('negated, passes over no other failure', ({ machine }) => {
    expect(() => {
      expect(() => {
        machine.rmmod('nobody');
      }).not.toPanic();
    }).toFailWith('ENOENT');
    expect(() => {
      expect(() => {
        machine.run(sleepInAtomic);
      }).not.toPanic('scheduling while atomic');
    }).toPanic('sleeping function');
  });

  test('fails with the report where the panic is another one', ({ machine }) => {
    const message = failureOf(() => {
      expect(() => {
        machine.run(sleepInAtomic);
      }).toPanic(/scheduling while atomic/);
    });
    expect(message).toContain('expected kernel panic with /scheduling while atomic/, but the kernel panicked:');
    expect(message).toContain('in_atomic(): 1, irqs_disabled(): 0');
    expect(message).toContain('Kernel panic - not syncing');
  });

  test('fails where nothing or a warning happens', ({ machine }) => {
    machine.expectReport('the printer is on fire');
    expect(failureOf(() => {
      expect(() => machine.run(() => 0)).toPanic();
    })).toBe('expected kernel panic, but it returned, and the kernel reported nothing');
    expect(failureOf(() => {
      expect(() => {
        machine.run(warn);
      }).toPanic();
    })).toMatch(/it returned, and the kernel reported:\n\nthe printer is on fire/);
  });

  test('negated, fails with the report', ({ machine }) => {
    expect(failureOf(() => {
      expect(() => {
        machine.run(sleepInAtomic);
      }).not.toPanic();
    })).toMatch(/^expected no kernel panic, but the kernel panicked:\n\nBUG: sleeping function/);
  });

  test('lets through what is not the kernel\'s', ({ machine }) => {
    expect(failureOf(() => {
      expect(() => {
        machine.run(() => {
          expect(1).toBe(2);
        });
      }).toPanic();
    })).toContain('expected 1 to be 2');
  });

  test('wants a function', ({ machine }) => {
    expect(failureOf(() => {
      expect(machine).toPanic();
    })).toContain('toPanic() wants a function');
  });
});

test.describe('toOops', () => {
  const load = (machine: { insmod(what: { name: string; body: () => void }): void }): (() => void) => () => {
    machine.insmod({
      name: 'crashes',
      body: () => {
        module_init(() => {
          crash();
          return 0;
        });
      },
    });
  };

  test('passes', ({ machine }) => {
    expect(load(machine)).toOops(/TypeError: of the module/);
    expect(() => machine.run(() => 0)).not.toOops();
  });

  test('fails with what happened', ({ machine }) => {
    machine.expectReport('the printer is on fire');
    expect(failureOf(() => {
      expect(load(machine)).toOops('RangeError');
    })).toMatch(/^expected oops with "RangeError", but insmod was killed\n\nOops: TypeError: of the module/);
    expect(failureOf(() => {
      expect(() => {
        machine.run(warn);
      }).toOops();
    })).toContain('the printer is on fire');
  });
});

test.describe('toWarn and toHaveWarned', () => {
  test('pass', ({ machine }) => {
    expect(machine).not.toHaveWarned();
    expect(() => {
      machine.run(warn);
    }).toWarn('the printer is on fire');
    expect(machine).toHaveWarned(/WARNING: CPU: \d+ PID: \d+/);
    expect(() => machine.run(() => 0)).not.toWarn();
  });

  test('fail with what was reported', ({ machine }) => {
    machine.expectReport('the printer is on fire');
    expect(failureOf(() => {
      expect(machine).toHaveWarned();
    })).toBe('expected warning, but the kernel has reported nothing');
    expect(failureOf(() => {
      expect(() => {
        machine.run(warn);
      }).toWarn('flooded');
    })).toMatch(/^expected warning with "flooded", but it returned, and the kernel reported:\n\nthe printer is on fire/);
    expect(failureOf(() => {
      expect(machine).not.toHaveWarned();
    })).toMatch(/^expected no warning, but the kernel has reported:\n\nthe printer is on fire/);
  });

  test('a panic is no warning', ({ machine }) => {
    expect(failureOf(() => {
      expect(() => {
        machine.run(() => {
          warn();
          sleepInAtomic();
        });
      }).toWarn('the printer is on fire');
    })).toMatch(/^expected warning .* but the kernel panicked:/);
    expect(machine).toHaveWarned('the printer is on fire');
    expect(machine).not.toHaveWarned('sleeping function');
  });
});

test.describe('toHaveLogged', () => {
  test('passes', ({ machine }) => {
    machine.run(() => {
      pr_info('one %d\n', 1);
      pr_info('two\n');
    });
    expect(machine).toHaveLogged('one 1');
    expect(machine).toHaveLogged(/^two$/);
    expect(machine).toHaveLogged('one 1\ntwo');
    expect(machine).not.toHaveLogged('three');
  });

  test('fails with the log', ({ machine }) => {
    expect(failureOf(() => {
      expect(machine).toHaveLogged('one');
    })).toBe('expected line with "one" in the log, but the log is empty');
    machine.run(() => pr_info('two\n'));
    expect(failureOf(() => {
      expect(machine).toHaveLogged('one');
    })).toBe('expected line with "one" in the log, but the log is:\n\ntwo');
  });
});

test.describe('toBeClean', () => {
  test('passes', ({ machine }) => {
    machine.run(() => {
      kfree(kmalloc(64, GFP_ATOMIC));
    });
    expect(machine).toBeClean();
  });

  test('fails with what is left', ({ machine }) => {
    machine.insmod(fixture('leaks'));
    machine.expectReport('kmemleak: unreferenced object');
    machine.rmmod('leaks');
    const message = failureOf(() => {
      expect(machine).toBeClean();
    });
    expect(message).toMatch(/memory: .*size 100.*leaks\.ts:7/);
    expect(message).toMatch(/interrupt: irq 7 .*'leaky'/);
    expect(machine).not.toBeClean();
  });

  test('fails with a report that nobody has expected so far', ({ machine }) => {
    machine.run(warn);
    expect(failureOf(() => {
      expect(machine).toBeClean();
    })).toMatch(/^expected a clean machine, but the kernel has reported what nobody expected:\n\nthe printer is on fire\nWARNING/);
    expect(machine).toHaveWarned('the printer is on fire');
    expect(machine).toBeClean();
  });

  test('negated, fails on a clean machine', ({ machine }) => {
    expect(failureOf(() => {
      expect(machine).not.toBeClean();
    })).toContain('the machine is clean');
  });
});

test.describe('toFailWith', () => {
  const refuse = (errno: number) => ({
    name: 'refuses',
    body: () => {
      module_init(() => errno);
    },
  });

  test('passes', ({ machine }) => {
    expect(() => {
      machine.insmod(refuse(-16));
    }).toFailWith('EBUSY');
    expect(() => {
      machine.rmmod('refuses');
    }).toFailWith('ENOENT');
    expect(() => machine.run(() => 0)).not.toFailWith('EBUSY');
  });

  test('fails with the errno that came', ({ machine }) => {
    expect(failureOf(() => {
      expect(() => {
        machine.insmod(refuse(-19));
      }).toFailWith('EBUSY');
    })).toContain('expected failure with EBUSY, but it was refused: insmod refuses: No such device (ENODEV)');
  });

  test('knows the errnos', ({ machine }) => {
    expect(failureOf(() => {
      expect(() => machine.run(() => 0)).toFailWith('EBSY');
    })).toContain("there is no errno 'EBSY'");
  });
});

