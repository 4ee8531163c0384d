/** Read-copy-update. Follows include/linux/rcupdate.h. */
export {
  call_rcu,
  kfree_rcu,
  rcu_access_pointer,
  rcu_assign_pointer,
  rcu_barrier,
  rcu_dereference,
  rcu_dereference_check,
  rcu_dereference_protected,
  rcu_head,
  rcu_read_lock,
  rcu_read_lock_held,
  rcu_read_unlock,
  synchronize_rcu,
} from '../../rcu/update.js';
/** Of a pointer that no reader can see yet. */
export { rcu_assign_pointer as RCU_INIT_POINTER } from '../../rcu/update.js';
