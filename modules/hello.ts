/**
 * hello: a module is born, takes its parameters, and goes.
 * After Corbet, Rubini and Kroah-Hartman, Linux Device Drivers, 3rd edition, chapter 2 (hellop.c).
 *
 *     npx ringzero run modules/hello.ts howmany=3 whom=Mom
 */
import { charp, int, MODULE_DESCRIPTION, module_exit, module_init, MODULE_LICENSE, module_param, MODULE_PARM_DESC } from 'ringzero/linux/module';
import { KERN_ALERT, printk } from 'ringzero/linux/printk';

MODULE_LICENSE('Dual BSD/GPL');
MODULE_DESCRIPTION('Says hello, as often as it is told to, and goodbye');

const howmany = module_param('howmany', int, 1, 0o444);
MODULE_PARM_DESC('howmany', 'How many times to say hello');
const whom = module_param('whom', charp, 'world', 0o444);
MODULE_PARM_DESC('whom', 'Whom to greet');

function hello_init(): number {
  for (let i = 0; i < howmany.value; i++) printk(KERN_ALERT + '(%d) Hello, %s\n', i, whom.value);
  return 0;
}

function hello_exit(): void {
  printk(KERN_ALERT + 'Goodbye, cruel world\n');
}

module_init(hello_init);
module_exit(hello_exit);
