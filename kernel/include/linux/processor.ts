/** Follows include/linux/processor.h and arch/x86/include/asm/processor.h. */
export { cpu_relax } from '../../time/delay.js';
