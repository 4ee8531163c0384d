#ifndef RINGZERO_BATON_H_
#define RINGZERO_BATON_H_

#include <memory>

namespace ringzero {

/**
 * Where a stack sits while it has not the baton.
 *
 * Every stack is a thread of its own to V8 and to the C library. One of them runs at any time: the one
 * that holds the baton. How the baton travels is the only thing that the two modes differ in.
 */
class Seat {
 public:
  virtual ~Seat() = default;

  /** On the new thread: comes back when the baton is handed here for the first time. */
  virtual void Arrive() = 0;
  /** On the creating thread: comes back when the new thread can be handed the baton. */
  virtual void AwaitArrival() = 0;

  /** Hands the baton to `next`; comes back when somebody hands it here. */
  virtual void PassTo(Seat& next) = 0;

  /** Hands the baton to `next` for good. The thread may end once this has come back. */
  virtual void Leave(Seat& next) = 0;
  /** On the thread that got the baton from Leave(): lets the thread that left come to its end. */
  virtual void Dismiss() = 0;
};

enum class SwitchMode { kFast, kPortable };

/** The seat of the thread that calls this is seated already; any other one has to Arrive(). */
std::unique_ptr<Seat> MakeSeat(SwitchMode mode);

std::unique_ptr<Seat> MakePortableSeat();

/** Null where the fast switch is not available. */
std::unique_ptr<Seat> MakeFastSeat();
bool FastSwitchAvailable();

}  // namespace ringzero

#endif  // RINGZERO_BATON_H_
