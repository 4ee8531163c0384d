// The plain hand-over: each stack waits for its turn on its own thread; the operating system puts it to sleep
// and wakes it. On the core of the stack that hands over this is quick. To wake a core that sleeps is not: so
// where the next stack is on another core, this one looks out for the baton's return for a while before its own
// core goes to sleep.

#include <uv.h>

#include <atomic>
#include <cstdlib>

#include "baton.h"

namespace ringzero {
namespace {

/** Twice what it costs to wake a core: the baton is back no sooner when the next stack has to be woken first. */
constexpr uint64_t kLookoutNs = 50'000;

/** Whether a stack of any pool looks out now: more than one would keep others that can run from their cores. */
std::atomic<bool> lookout_taken{false};

void RelaxCore() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb");
#endif
}

class PortableSeat final : public Seat {
 public:
  PortableSeat() {
    if (uv_sem_init(&wake_, 0) != 0) std::abort();
  }
  // Only a seat that nobody waits on is destroyed: its thread has been joined.
  ~PortableSeat() override { uv_sem_destroy(&wake_); }

  void Arrive() override { Await(); }
  void AwaitArrival() override {}  // the seat remembers a baton that comes before its thread does

  void PassTo(Seat& next) override {
    core_ = uv_thread_getcpu();
    const int next_core = static_cast<PortableSeat&>(next).core_;
    Leave(next);
    // Where it last ran the system likes to wake it again. On this core it could not run while this one looks out.
    if (next_core >= 0 && next_core != core_) LookOut();
    Await();
  }

  void Leave(Seat& next) override { static_cast<PortableSeat&>(next).Give(); }
  void Dismiss() override {}

 private:
  enum Baton { kAway, kHere, kAwayAndAsleep };

  void Give() {
    if (baton_.exchange(kHere, std::memory_order_acq_rel) == kAwayAndAsleep) uv_sem_post(&wake_);
  }

  void Await() {
    Baton seen = kAway;
    if (baton_.compare_exchange_strong(seen, kAwayAndAsleep, std::memory_order_acq_rel)) uv_sem_wait(&wake_);
    baton_.store(kAway, std::memory_order_relaxed);  // until this stack hands it on, nobody gives it another
  }

  /** Comes back when the baton is here, or after kLookoutNs. */
  void LookOut() {
    if (lookout_taken.exchange(true, std::memory_order_relaxed)) return;
    const uint64_t end = uv_hrtime() + kLookoutNs;
    do {
      RelaxCore();
    } while (baton_.load(std::memory_order_relaxed) != kHere && uv_hrtime() < end);
    lookout_taken.store(false, std::memory_order_relaxed);
  }

  std::atomic<Baton> baton_{kAway};
  int core_ = -1;  // where it last ran; belongs to whoever has the baton, and negative where that is not known
  uv_sem_t wake_;
};

}  // namespace

std::unique_ptr<Seat> MakePortableSeat() { return std::make_unique<PortableSeat>(); }

std::unique_ptr<Seat> MakeSeat(SwitchMode mode) {
  return mode == SwitchMode::kFast ? MakeFastSeat() : MakePortableSeat();
}

}  // namespace ringzero
