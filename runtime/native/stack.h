#ifndef RINGZERO_STACK_H_
#define RINGZERO_STACK_H_

#include <uv.h>
#include <v8.h>

#include <memory>

#include "baton.h"

namespace ringzero {

class StackPool;

/** One call stack, with the thread that owns it. Stack 0 is the host's own: it has no thread of ours. */
class Stack {
 public:
  enum class State {
    kIdle,   // in the pool
    kReady,  // has an entry function that has not begun
    kLive,   // has begun and not ended: it runs, or is parked in a switch
  };

  Stack(StackPool& pool, int id, std::unique_ptr<Seat> seat);
  ~Stack();

  /** Makes the thread; returns a libuv error number, 0 for none. The thread waits for its first baton. */
  int Start();

  /** Makes an idle stack ready. */
  void Prepare(v8::Local<v8::Function> entry);
  /** Makes a ready stack idle: it never ran, so there is nothing to unwind. */
  void Drop();
  /** Marks a live stack: the next time it has the baton it unwinds and hands the baton to `killer`. */
  void Doom(int killer);
  /** Marks an idle stack: the next time it has the baton its thread leaves V8 and hands it to stack 0. */
  void Retire() { retired_ = true; }
  /** Waits for the thread's end, after Retire() and one hand-over. */
  void Join();

  int id() const { return id_; }
  State state() const { return state_; }
  bool doomed() const { return doomed_; }
  Seat& seat() { return *seat_; }

 private:
  void Main();
  void Serve();
  int RunEntry();

  StackPool& pool_;
  const int id_;
  State state_ = State::kIdle;
  bool doomed_ = false;
  bool retired_ = false;
  int killer_ = 0;
  v8::Global<v8::Function> entry_;
  std::unique_ptr<Seat> seat_;
  uv_thread_t thread_;
};

}  // namespace ringzero

#endif  // RINGZERO_STACK_H_
