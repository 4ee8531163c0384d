#include "baton_fast_switch.h"

#ifdef RINGZERO_FAST_SWITCH

#include <sys/syscall.h>

namespace ringzero {

#if defined(__x86_64__)

// Callee-saved registers only: the compiler has put the others away before the call. MXCSR and the x87
// control word are callee-saved too, but nobody in a Node process changes them for longer than a call.
asm(R"(
.pushsection .text
.globl ringzero_switch
.hidden ringzero_switch
.type ringzero_switch, @function
.p2align 4
ringzero_switch:
  .cfi_startproc
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, 0(%rdi)
  movq 8(%rsi), %rax
  wrfsbase %rax
  movq 0(%rsi), %rsp
  .cfi_adjust_cfa_offset 48
  .cfi_rel_offset rbp, 40
  .cfi_rel_offset rbx, 32
  .cfi_rel_offset r12, 24
  .cfi_rel_offset r13, 16
  .cfi_rel_offset r14, 8
  .cfi_rel_offset r15, 0
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  .cfi_adjust_cfa_offset -48
  ret
  .cfi_endproc
.size ringzero_switch, .-ringzero_switch

.globl ringzero_first_frame
.hidden ringzero_first_frame
.type ringzero_first_frame, @function
.p2align 4
ringzero_first_frame:
  .cfi_startproc
  .cfi_undefined rip
  movq %r13, %rdi
  call *%r12
  ud2
  .cfi_endproc
.size ringzero_first_frame, .-ringzero_first_frame
.popsection
)");

void* FirstFrame(char* stack_top, void (*start)(void*), void* argument) {
  auto** top = reinterpret_cast<void**>(reinterpret_cast<uintptr_t>(stack_top) & ~uintptr_t{15});
  void** frame = top - 9;  // r15 r14 r13 r12 rbx rbp, return address; then rsp is a multiple of 16 again
  for (int i = 0; i < 9; i++) frame[i] = nullptr;
  frame[2] = argument;
  frame[3] = reinterpret_cast<void*>(start);
  frame[6] = reinterpret_cast<void*>(&ringzero_first_frame);
  return frame;
}

long RawFutex(void* word, int operation, uint32_t value) {
  long result;
  register long timeout asm("r10") = 0;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(SYS_futex), "D"(word), "S"(operation), "d"(value), "r"(timeout)
               : "rcx", "r11", "memory");
  return result;
}

#else  // __aarch64__

asm(R"(
.pushsection .text
.globl ringzero_switch
.hidden ringzero_switch
.type ringzero_switch, %function
.p2align 4
ringzero_switch:
  .cfi_startproc
  hint #34            // bti c
  sub sp, sp, #160
  .cfi_adjust_cfa_offset 160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  .cfi_rel_offset x29, 80
  .cfi_rel_offset x30, 88
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0, #0]
  ldr x10, [x1, #8]
  msr tpidr_el0, x10
  ldr x9, [x1, #0]
  mov sp, x9
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  .cfi_adjust_cfa_offset -160
  ret
  .cfi_endproc
.size ringzero_switch, .-ringzero_switch

.globl ringzero_first_frame
.hidden ringzero_first_frame
.type ringzero_first_frame, %function
.p2align 4
ringzero_first_frame:
  .cfi_startproc
  .cfi_undefined x30
  mov x0, x20
  blr x19
  brk #1
  .cfi_endproc
.size ringzero_first_frame, .-ringzero_first_frame
.popsection
)");

void* FirstFrame(char* stack_top, void (*start)(void*), void* argument) {
  auto** top = reinterpret_cast<void**>(reinterpret_cast<uintptr_t>(stack_top) & ~uintptr_t{15});
  void** frame = top - 20;  // x19 .. x30, d8 .. d15
  for (int i = 0; i < 20; i++) frame[i] = nullptr;
  frame[0] = reinterpret_cast<void*>(start);
  frame[1] = argument;
  frame[11] = reinterpret_cast<void*>(&ringzero_first_frame);
  return frame;
}

long RawFutex(void* word, int operation, uint32_t value) {
  register long x0 asm("x0") = reinterpret_cast<long>(word);
  register long x1 asm("x1") = operation;
  register long x2 asm("x2") = value;
  register long x3 asm("x3") = 0;
  register long x8 asm("x8") = SYS_futex;
  asm volatile("svc #0" : "+r"(x0) : "r"(x1), "r"(x2), "r"(x3), "r"(x8) : "memory");
  return x0;
}

#endif

}  // namespace ringzero

#endif  // RINGZERO_FAST_SWITCH
