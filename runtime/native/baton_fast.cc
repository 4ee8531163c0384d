// The fast hand-over: nobody sleeps or wakes, because only one kernel thread ever runs JavaScript.
//
// Each stack is a real thread, so the C library gives it a stack and thread-local storage and V8 takes it
// for a thread of its own. Right after its start the thread parks its *kernel half* on a small side stack
// and so lends its stack and its thread pointer to whoever runs. A switch is then a change of the stack
// pointer and the thread pointer. To the kernel one thread runs all the time; to V8 and the C library it
// is each of them in turn.

#include "baton.h"
#include "baton_fast_switch.h"

#ifdef RINGZERO_FAST_SWITCH

#include <linux/futex.h>
#include <signal.h>
#include <sys/auxv.h>

#include <atomic>

namespace ringzero {
namespace {

/** A gate that opens once. It never touches thread-local storage, so a kernel half may wait at it. */
class Gate {
 public:
  void Open() {
    open_.store(1, std::memory_order_release);
    RawFutex(&open_, FUTEX_WAKE_PRIVATE, 1);
  }
  void Wait() {
    while (open_.load(std::memory_order_acquire) == 0) RawFutex(&open_, FUTEX_WAIT_PRIVATE, 0);
  }

 private:
  std::atomic<uint32_t> open_{0};
};
static_assert(sizeof(std::atomic<uint32_t>) == 4, "a futex word");

/** Room for the kernel half's three frames and for the one signal it cannot block (setuid's). */
size_t SideStackBytes() {
#ifdef AT_MINSIGSTKSZ
  return 16 * 1024 + getauxval(AT_MINSIGSTKSZ);
#else
  return 32 * 1024;
#endif
}

class FastSeat final : public Seat {
 public:
  void Arrive() override {
    // The kernel half shares its thread-local storage with whoever runs: no signal handler may run on it.
    sigset_t all;
    sigfillset(&all);
    // On Linux sigprocmask() is a thread's own; pthread_sigmask() would ask for glibc 2.32.
    sigprocmask(SIG_SETMASK, &all, nullptr);

    self_.thread_pointer = end_.thread_pointer = ThreadPointer();
    side_stack_.reset(new char[SideStackBytes()]);  // not cleared: most of it is never touched
    const Saved kernel_half{FirstFrame(side_stack_.get() + SideStackBytes(), ParkKernelHalf, this),
                            self_.thread_pointer};
    ringzero_switch(&self_, &kernel_half);
    // Here runs the kernel thread that had the baton, on this thread's stack.
  }

  void AwaitArrival() override { lent_.Wait(); }

  void PassTo(Seat& next) override { ringzero_switch(&self_, &static_cast<FastSeat&>(next).self_); }

  // The running kernel thread is not the one that belongs to this stack, so it must not fall into the
  // C library's thread exit here: it goes on elsewhere, and the kernel half comes back to end its thread.
  void Leave(Seat& next) override { ringzero_switch(&end_, &static_cast<FastSeat&>(next).self_); }

  void Dismiss() override { dismissed_.Open(); }

 private:
  static void ParkKernelHalf(void* argument) {
    auto* seat = static_cast<FastSeat*>(argument);
    seat->lent_.Open();
    seat->dismissed_.Wait();
    Saved nowhere{};
    ringzero_switch(&nowhere, &seat->end_);
  }

  Saved self_{nullptr, ThreadPointer()};
  Saved end_{};
  Gate lent_;
  Gate dismissed_;
  std::unique_ptr<char[]> side_stack_;
};

}  // namespace

bool FastSwitchAvailable() {
#if defined(__x86_64__)
  constexpr unsigned long kFsgsbase = 1ul << 1;  // HWCAP2_FSGSBASE: the kernel lets user mode write FS
  return (getauxval(AT_HWCAP2) & kFsgsbase) != 0;
#else
  return true;  // TPIDR_EL0 always is user mode's own
#endif
}

std::unique_ptr<Seat> MakeFastSeat() { return std::make_unique<FastSeat>(); }

}  // namespace ringzero

#else

namespace ringzero {
bool FastSwitchAvailable() { return false; }
std::unique_ptr<Seat> MakeFastSeat() { return nullptr; }
}  // namespace ringzero

#endif  // RINGZERO_FAST_SWITCH
