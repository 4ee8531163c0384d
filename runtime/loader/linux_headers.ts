/** Headers of Linux 6.1 that drivers include and that there are not: where what they declare is, or what is near it. */

/** What Linux declares in them stands in headers of other names. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  module: ['init', 'moduleparam', 'export', 'kmod', 'kobject_ns'],
  printk: ['kern_levels'],
  types: ['compiler', 'compiler_types', 'stddef', 'stdint', 'align', 'build_bug'],
  kernel: ['minmax', 'math', 'kstrtox'],
  errno: ['errno-base'],
  gfp: ['gfp_types', 'mmzone', 'gfp-flags'],
  slab: ['slab_def', 'slub_def', 'kasan'],
  mm: ['mm_types', 'page-flags', 'page_ref'],
  percpu: ['percpu-defs', 'cpumask'],
  rwlock: ['rwlock_types', 'rwlock_api_smp'],
  spinlock: ['spinlock_types', 'spinlock_api_smp'],
  refcount: ['refcount_types'],
  interrupt: ['irqhandler'],
  irq: ['irqdesc', 'irqnr'],
  sched: ['sched/signal', 'sched/task', 'sched/types'],
  sched_mm: ['sched/mm'],
  ktime: ['timekeeping', 'time64', 'time', 'timekeeper_internal'],
  highmem: ['highmem-internal'],
  rcupdate: ['rcutree', 'rcupdate_wait', 'srcu'],
  list: ['rculist'],
};

interface Family {
  readonly what: string;
  /** Headers of Linux. */
  readonly linux: readonly string[];
  /** What there is of it. */
  readonly ours: readonly string[];
}

const FAMILIES: readonly Family[] = [
  { what: 'files and character devices', linux: ['fs', 'cdev', 'kdev_t', 'miscdevice', 'poll', 'uio', 'stat', 'dcache', 'fcntl', 'ioctl', 'namei', 'path', 'eventfd', 'pipe_fs_i', 'mman'], ours: [] },
  { what: 'memory of user processes', linux: ['uaccess', 'uaccess_with_memcpy', 'mmu_context'], ours: ['string'] },
  { what: '/proc, /sys and debugfs', linux: ['proc_fs', 'seq_file', 'seq_file_net', 'debugfs', 'sysfs', 'kobject', 'sysctl'], ours: ['module'] },
  { what: 'devices and their drivers', linux: ['device', 'device/class', 'device/bus', 'device/driver', 'dev_printk', 'platform_device', 'mod_devicetable', 'of', 'of_device', 'of_irq', 'property', 'acpi', 'pm', 'pm_runtime', 'clk', 'regulator/consumer', 'regmap', 'notifier'], ours: ['dma-mapping', 'interrupt', 'io'] },
  { what: 'ports and registers', linux: ['ioport', 'iopoll', 'iomap'], ours: ['io', 'serial_reg'] },
  { what: 'lines, buses and input', linux: ['gpio', 'gpio/consumer', 'gpio/driver', 'i2c', 'spi/spi', 'input', 'input-event-codes', 'leds', 'pwm', 'rtc', 'watchdog', 'hwmon', 'iio/iio'], ours: ['interrupt', 'irq', 'irqdomain'] },
  { what: 'disks', linux: ['blk-mq', 'blk_types', 'bio', 'bvec', 'genhd', 'hdreg', 'buffer_head', 'backing-dev'], ours: ['blkdev', 'pagemap', 'writeback'] },
  { what: 'networks', linux: ['netdevice', 'etherdevice', 'skbuff', 'net', 'socket', 'in', 'ip', 'tcp', 'udp', 'if', 'if_ether', 'inet', 'netfilter', 'netfilter_ipv4', 'u64_stats_sync', 'netdev_features', 'phy', 'ethtool'], ours: [] },
  { what: 'terminals', linux: ['tty', 'tty_driver', 'tty_port', 'tty_flip', 'tty_flags', 'tty_buffer', 'serial', 'serial_core', 'console', 'vt', 'vt_kern', 'kd', 'termios'], ours: ['serial_reg', 'printk'] },
  { what: 'PCI and USB', linux: ['pci', 'pci_ids', 'pci_regs', 'usb', 'usb/ch9', 'usb/gadget', 'msi'], ours: ['dma-mapping', 'interrupt'] },
  { what: 'processes and their rights', linux: ['cred', 'capability', 'uidgid', 'user_namespace', 'pid', 'pid_namespace', 'signal', 'nsproxy', 'utsname', 'fdtable', 'binfmts', 'security'], ours: ['sched', 'kthread'] },
  { what: 'locks', linux: ['seqlock', 'rtmutex', 'ww_mutex', 'local_lock', 'percpu-rwsem', 'bit_spinlock', 'lockref', 'llist'], ours: ['spinlock', 'mutex', 'rwsem', 'rwlock', 'semaphore', 'atomic'] },
  { what: 'collections', linux: ['hashtable', 'hash', 'jhash', 'rbtree', 'rbtree_augmented', 'xarray', 'idr', 'ida', 'radix-tree', 'maple_tree', 'kfifo', 'circ_buf', 'plist', 'klist', 'bitmap', 'sort', 'bsearch', 'kref', 'crc32', 'crc16', 'scatterlist'], ours: ['list', 'bitops', 'refcount'] },
  { what: 'work that is put off', linux: ['irq_work', 'task_work', 'stop_machine', 'completion_types', 'swait', 'wait_bit', 'async'], ours: ['workqueue', 'interrupt', 'timer', 'hrtimer', 'wait', 'completion'] },
  { what: 'tracing and probes', linux: ['kprobes', 'ftrace', 'tracepoint', 'trace_events', 'jump_label', 'static_key', 'perf_event', 'kgdb', 'kallsyms', 'stacktrace', 'kdebug'], ours: ['printk', 'bug'] },
  { what: 'processors', linux: ['cpu', 'cpuhotplug', 'cpufreq', 'topology', 'numa', 'cache', 'prefetch', 'cacheflush', 'linkage', 'ptrace', 'panic', 'panic_notifier', 'reboot', 'syscalls', 'unistd'], ours: ['smp', 'percpu', 'preempt', 'processor'] },
  { what: 'bytes of other orders', linux: ['byteorder/generic', 'swab', 'unaligned', 'uuid', 'ctype', 'parser', 'hex', 'base64', 'crypto', 'firmware', 'once', 'ratelimit', 'vt_buffer'], ours: ['string', 'bits', 'kernel'] },
];

/** In place of which headers of ours, or near which, a header of Linux stands; null for one that Linux does not have either. */
export function linuxHeader(name: string): { readonly elsewhere: string } | Pick<Family, 'what' | 'ours'> | null {
  for (const [ours, linux] of Object.entries(ELSEWHERE)) if (linux.includes(name)) return { elsewhere: ours };
  return FAMILIES.find(({ linux }) => linux.includes(name)) ?? null;
}

/** All that are told of, for the tests: none of them may exist, and what they lead to must. */
export function toldOf(): { readonly linux: readonly string[]; readonly ours: readonly string[] } {
  return {
    linux: [...Object.values(ELSEWHERE).flat(), ...FAMILIES.flatMap(({ linux }) => linux)],
    ours: [...Object.keys(ELSEWHERE), ...FAMILIES.flatMap(({ ours }) => ours)],
  };
}
