/**
 * What a lock and its unlock cost, uncontended, inside a machine: goal 20 ns or less a pair.
 */
import { boot, headers } from '../../build/bench/test/bench/common/internals.js';
import { count, measure } from './common/measure.mjs';


const spinlock = headers.spinlock;
const { DEFINE_MUTEX, mutex_lock, mutex_unlock } = headers.mutex;
const { preempt_disable, preempt_enable } = headers.preempt;
const { ATOMIC_INIT, atomic_inc } = headers.atomic;
const { rcu_read_lock, rcu_read_unlock } = headers.rcupdate;
const { DEFINE_SPINLOCK, DEFINE_RWLOCK, spin_lock, spin_unlock, spin_lock_irqsave, spin_unlock_irqrestore, spin_lock_bh, spin_unlock_bh, read_lock, read_unlock } = spinlock;

const PAIRS = count(1_000_000, 10_000);
const machine = boot({ cpus: 2 });
const objects = machine.run(() => ({ l: DEFINE_SPINLOCK('l'), rw: DEFINE_RWLOCK('rw'), m: DEFINE_MUTEX('m'), v: ATOMIC_INIT(0) }));
const { l, rw, m, v } = objects;

const loops = {
  'preempt_disable + preempt_enable': () => { for (let i = 0; i < PAIRS; i++) { preempt_disable(); preempt_enable(); } },
  'spin_lock + spin_unlock': () => { for (let i = 0; i < PAIRS; i++) { spin_lock(l); spin_unlock(l); } },
  'spin_lock_irqsave + spin_unlock_irqrestore': () => { for (let i = 0; i < PAIRS; i++) { const flags = spin_lock_irqsave(l); spin_unlock_irqrestore(l, flags); } },
  'spin_lock_bh + spin_unlock_bh': () => { for (let i = 0; i < PAIRS; i++) { spin_lock_bh(l); spin_unlock_bh(l); } },
  'read_lock + read_unlock': () => { for (let i = 0; i < PAIRS; i++) { read_lock(rw); read_unlock(rw); } },
  'mutex_lock + mutex_unlock': () => { for (let i = 0; i < PAIRS; i++) { mutex_lock(m); mutex_unlock(m); } },
  'rcu_read_lock + rcu_read_unlock': () => { for (let i = 0; i < PAIRS; i++) { rcu_read_lock(); rcu_read_unlock(); } },
  'atomic_inc': () => { for (let i = 0; i < PAIRS; i++) atomic_inc(v); },
};

for (const [name, loop] of Object.entries(loops)) {
  machine.run(loop);
  const stats = await measure(() => { machine.run(loop); }, { min_samples: 10, min_cpu_time: 2e8 });
  console.log(`${name.padEnd(46)} ${(stats.p50 / PAIRS).toFixed(1).padStart(7)} ns, at best ${(stats.min / PAIRS).toFixed(1).padStart(5)} ns`);
}
machine.powerOff();
