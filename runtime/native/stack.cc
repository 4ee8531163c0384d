#include "stack.h"

#include "stack_pool.h"

namespace ringzero {

namespace {
// V8 lets JavaScript use 984 KiB of a stack, wherever that stack is. The rest is for C++ below and above.
constexpr size_t kStackBytes = 2 * 1024 * 1024;
}  // namespace

Stack::Stack(StackPool& pool, int id, std::unique_ptr<Seat> seat) : pool_(pool), id_(id), seat_(std::move(seat)) {
  if (id_ == 0) state_ = State::kLive;
}

Stack::~Stack() = default;

int Stack::Start() {
  uv_thread_options_t options{};
  options.flags = UV_THREAD_HAS_STACK_SIZE;
  options.stack_size = kStackBytes;
  const int error =
      uv_thread_create_ex(&thread_, &options, [](void* stack) { static_cast<Stack*>(stack)->Main(); }, this);
  if (error == 0) seat_->AwaitArrival();
  return error;
}

void Stack::Join() {
  seat_->Dismiss();
  uv_thread_join(&thread_);
}

void Stack::Prepare(v8::Local<v8::Function> entry) {
  entry_.Reset(pool_.isolate(), entry);
  state_ = State::kReady;
}

void Stack::Drop() {
  entry_.Reset();
  state_ = State::kIdle;
}

void Stack::Doom(int killer) {
  doomed_ = true;
  killer_ = killer;
}

void Stack::Main() {
  seat_->Arrive();
  if (!retired_) Serve();
  seat_->Leave(pool_.Host().seat());
}

// A stack stays inside its Locker and scopes when an entry function has ended, parked like any other: to
// use it again costs a switch, not a set-up. It also keeps Isolate::Enter and Exit in order: V8 holds one
// list of them for all threads, and takes the youngest off whoever exits.
void Stack::Serve() {
  v8::Isolate* isolate = pool_.isolate();
  {
    v8::Locker locker(isolate);
    v8::Isolate::Scope isolate_scope(isolate);
    v8::HandleScope handle_scope(isolate);
    v8::Context::Scope context_scope(pool_.context());
    while (!retired_) {
      const int next = RunEntry();
      pool_.Recycle(*this);
      pool_.HandOver(*this, pool_.At(next));
    }
  }
  isolate->DiscardThreadSpecificMetadata();
}

/** Runs the entry function to its end; returns the stack that gets the baton then. */
int Stack::RunEntry() {
  v8::Isolate* isolate = pool_.isolate();
  v8::HandleScope handle_scope(isolate);
  v8::TryCatch try_catch(isolate);
  const v8::Local<v8::Context> context = pool_.context();
  const v8::Local<v8::Function> entry = entry_.Get(isolate);
  entry_.Reset();
  state_ = State::kLive;
  if (pool_.HostIsStopping()) return pool_.Interrupt();

  v8::Local<v8::Value> result;
  const bool returned = entry->Call(context, v8::Undefined(isolate), 0, nullptr).ToLocal(&result);
  state_ = State::kIdle;
  if (doomed_) {
    doomed_ = false;
    isolate->CancelTerminateExecution();  // or the next entry function on this stack would not get far
    return killer_;
  }
  if (returned) return pool_.NextAfter(*this, result);
  if (try_catch.HasTerminated()) {
    isolate->CancelTerminateExecution();
    return pool_.Interrupt();
  }
  return pool_.Fail(try_catch.Exception());
}

}  // namespace ringzero
