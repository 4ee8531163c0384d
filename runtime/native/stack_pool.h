#ifndef RINGZERO_STACK_POOL_H_
#define RINGZERO_STACK_POOL_H_

#include <node_api.h>
#include <v8.h>

#include <memory>
#include <vector>

#include "stack.h"

namespace ringzero {

/** The stacks of one env (the main thread's or a worker's), and which of them has the baton. */
class StackPool {
 public:
  /** A bound on everything: threads, memory, and the time that the end of the env takes. */
  static constexpr int kStacksMax = 4096;

  /** Made on the host's own stack, inside the env's context. */
  StackPool(napi_env env, v8::Isolate* isolate, SwitchMode mode);
  /** On stack 0 while the env ends: ends every stack and joins every thread. */
  ~StackPool();

  struct Spawned {
    int id;     // 0: there is none
    int error;  // libuv's number for why; 0 with id 0: kStacksMax reached
  };
  Spawned Spawn(v8::Local<v8::Function> entry);
  /** To a stack that is not idle and not the current one. May leave a JavaScript exception pending. */
  void SwitchTo(int id);
  /** Ends a stack that is not idle, not the current one and not 0. */
  void Kill(int id);

  SwitchMode mode() const { return mode_; }
  int current() const { return current_; }
  int threads() const { return static_cast<int>(stacks_.size()) - 1; }
  int pooled() const { return static_cast<int>(idle_.size()); }
  int live() const { return threads() - pooled(); }
  /** A stack that can be handed the baton. */
  bool IsLive(int id) const;

  // The rest is for Stack.

  v8::Isolate* isolate() const { return isolate_; }
  v8::Local<v8::Context> context() const { return context_.Get(isolate_); }
  Stack& Host() { return *stacks_[0]; }
  Stack& At(int id) { return *stacks_[static_cast<size_t>(id)]; }

  void HandOver(Stack& from, Stack& to);
  void Recycle(Stack& stack) { idle_.push_back(stack.id()); }

  // Each of these says who gets the baton when an entry function has ended.
  /** What the entry function asked for, if that stack exists. */
  int NextAfter(const Stack& ended, v8::Local<v8::Value> wish);
  /** Stack 0, which throws `error` from its switchTo(). */
  int Fail(v8::Local<v8::Value> error);
  /** Stack 0, which carries on with the termination that somebody outside has asked for. */
  int Interrupt();

  /** A worker is being terminated, or has called process.exit(). */
  bool HostIsStopping() const;

 private:
  void Resume(Stack& self);
  void Terminate();

  const napi_env env_;
  v8::Isolate* const isolate_;
  const SwitchMode mode_;
  v8::Global<v8::Context> context_;
  v8::Global<v8::Function> spin_;
  v8::Global<v8::Value> failure_;
  bool interrupted_ = false;
  int current_ = 0;
  std::vector<std::unique_ptr<Stack>> stacks_;
  std::vector<int> idle_;  // the youngest last: it is used again first, and its stack is in the cache
};

}  // namespace ringzero

#endif  // RINGZERO_STACK_POOL_H_
