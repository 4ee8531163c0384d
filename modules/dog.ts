/**
 * dog: memory is asked for, may be refused, and is given back.
 * After Love, Linux Kernel Development, 2nd edition, chapter 11, whose kmalloc() example is a struct dog.
 *
 *     npx ringzero run modules/dog.ts weight=32
 */
import { ENOMEM } from 'ringzero/linux/errno';
import { int, MODULE_DESCRIPTION, module_exit, module_init, MODULE_LICENSE, module_param, MODULE_PARM_DESC } from 'ringzero/linux/module';
import { pr_info } from 'ringzero/linux/printk';
import { GFP_KERNEL, kfree, kmalloc, ksize } from 'ringzero/linux/slab';
import { type PtrTo, s32, sizeof, struct } from 'ringzero/linux/types';

MODULE_LICENSE('GPL');
MODULE_DESCRIPTION('Keeps one dog in kernel memory');

const weight = module_param('weight', int, 25, 0o444);
MODULE_PARM_DESC('weight', 'Weight of the dog in kg');

const dog = struct('dog', { tail_length: s32, weight: s32 });

let rex: PtrTo<typeof dog> | null = null;

function dog_init(): number {
  const p = kmalloc(sizeof(dog), GFP_KERNEL);
  // Leave this check out and the next line does not compile: p may be null.
  if (p === null) return -ENOMEM;
  dog.at(p).tail_length = 12;
  dog.at(p).weight = weight.value;
  rex = p;
  pr_info('dog: %d bytes asked for, %zu given: tail %d cm, weight %d kg\n', sizeof(dog), ksize(p), dog.at(p).tail_length, dog.at(p).weight);
  return 0;
}

function dog_exit(): void {
  kfree(rex);
  pr_info('dog: gone\n');
}

module_init(dog_init);
module_exit(dog_exit);
