#ifndef RINGZERO_BATON_FAST_SWITCH_H_
#define RINGZERO_BATON_FAST_SWITCH_H_

// The part of the fast switch that is written in assembly: registers, stack pointer, thread pointer.

#if defined(__linux__) && defined(__LP64__) && (defined(__x86_64__) || defined(__aarch64__))
#define RINGZERO_FAST_SWITCH 1

#include <cstddef>
#include <cstdint>

namespace ringzero {

/** A stack that does not run: all it needs to go on. The assembly knows this layout. */
struct Saved {
  void* stack_pointer;
  uintptr_t thread_pointer;
};
static_assert(offsetof(Saved, stack_pointer) == 0 && offsetof(Saved, thread_pointer) == 8,
              "ringzero_switch relies on it");

/** The thread pointer of the running thread: constant through a thread's life, so saved once. */
inline uintptr_t ThreadPointer() {
  uintptr_t pointer;
#if defined(__x86_64__)
  asm("movq %%fs:0, %0" : "=r"(pointer));
#else
  asm("mrs %0, tpidr_el0" : "=r"(pointer));
#endif
  return pointer;
}

/** A frame at the top of an empty stack; switching to it calls start(argument), which never returns. */
void* FirstFrame(char* stack_top, void (*start)(void*), void* argument);

/** futex(2) without errno: errno lives in the thread's storage, which somebody else may be running on. */
long RawFutex(void* word, int operation, uint32_t value);

extern "C" {
/** Saves the running stack in `from` and goes on with `to`; comes back when somebody switches to `from`. */
void ringzero_switch(Saved* from, const Saved* to);
/** Where a first frame begins: calls start(argument) with an end of the call chain that unwinders know. */
void ringzero_first_frame();
}

}  // namespace ringzero

#endif
#endif  // RINGZERO_BATON_FAST_SWITCH_H_
