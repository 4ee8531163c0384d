// The plain hand-over: each stack waits on a semaphore of its own, on its own thread.
// 3-5 us a switch, because the operating system has to put one thread to sleep and wake another.

#include <uv.h>

#include <cstdlib>

#include "baton.h"

namespace ringzero {
namespace {

class PortableSeat final : public Seat {
 public:
  PortableSeat() {
    if (uv_sem_init(&turn_, 0) != 0) std::abort();
  }
  // Only a seat that nobody waits on is destroyed: its thread has been joined.
  ~PortableSeat() override { uv_sem_destroy(&turn_); }

  void Arrive() override { uv_sem_wait(&turn_); }
  void AwaitArrival() override {}  // the semaphore remembers a baton that comes before its thread does

  void PassTo(Seat& next) override {
    Leave(next);
    uv_sem_wait(&turn_);
  }

  void Leave(Seat& next) override { uv_sem_post(&static_cast<PortableSeat&>(next).turn_); }
  void Dismiss() override {}

 private:
  uv_sem_t turn_;
};

}  // namespace

std::unique_ptr<Seat> MakePortableSeat() { return std::make_unique<PortableSeat>(); }

std::unique_ptr<Seat> MakeSeat(SwitchMode mode) {
  return mode == SwitchMode::kFast ? MakeFastSeat() : MakePortableSeat();
}

}  // namespace ringzero
