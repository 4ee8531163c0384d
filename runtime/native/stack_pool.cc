#include "stack_pool.h"

#include <cmath>
#include <string>

namespace ringzero {
namespace {

v8::Local<v8::String> Text(v8::Isolate* isolate, const std::string& text) {
  return v8::String::NewFromUtf8(isolate, text.c_str()).ToLocalChecked();
}

/** Long enough for V8 to look at a termination request, and with an end in case there was none. */
v8::Local<v8::Function> MakeSpin(v8::Isolate* isolate, v8::Local<v8::Context> context) {
  const auto source = Text(isolate, "(function terminate() { for (let i = 0; i < 1000; i++); })");
  return v8::Script::Compile(context, source).ToLocalChecked()->Run(context).ToLocalChecked().As<v8::Function>();
}

/**
 * V8 scans the running stack up to where it believes that stack to begin, and it learns that only in
 * Isolate::Enter(). From Node 22 on its lock passes there each time that it changes hands; in Node 20 a full
 * collection would scan from one stack to the beginning of another, over what lies between. A collection on
 * whatever stack calls this first, and Enter() on an isolate that is entered only counts.
 */
void TellStackStart(v8::Isolate* isolate, v8::GCType, v8::GCCallbackFlags) {
  isolate->Enter();
  isolate->Exit();
}

}  // namespace

StackPool::StackPool(napi_env env, v8::Isolate* isolate, SwitchMode mode)
    : env_(env), isolate_(isolate), mode_(mode) {
  const v8::HandleScope handle_scope(isolate);
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  context_.Reset(isolate, context);
  spin_.Reset(isolate, MakeSpin(isolate, context));
  isolate->AddGCPrologueCallback(TellStackStart);
  stacks_.push_back(std::make_unique<Stack>(*this, 0, MakeSeat(mode)));
}

// Every thread is joined: a worker's addon is unmapped when its env ends, under the feet of any thread
// that has not quite returned.
StackPool::~StackPool() {
  const v8::HandleScope handle_scope(isolate_);  // Node 24 and later open none for cleanup hooks
  for (int id = 1; id <= threads(); id++) {
    if (IsLive(id)) Kill(id);
  }
  for (int id = 1; id <= threads(); id++) {
    Stack& stack = At(id);
    stack.Retire();
    HandOver(Host(), stack);
    current_ = 0;
    stack.Join();
  }
  isolate_->RemoveGCPrologueCallback(TellStackStart);
}

bool StackPool::IsLive(int id) const {
  return id >= 0 && id <= threads() && stacks_[static_cast<size_t>(id)]->state() != Stack::State::kIdle;
}

StackPool::Spawned StackPool::Spawn(v8::Local<v8::Function> entry) {
  if (idle_.empty()) {
    const int id = threads() + 1;
    if (id > kStacksMax) return {0, 0};
    auto stack = std::make_unique<Stack>(*this, id, MakeSeat(mode_));
    const int error = stack->Start();
    if (error != 0) return {0, error};
    stacks_.push_back(std::move(stack));
    idle_.push_back(id);
  }
  const int id = idle_.back();
  idle_.pop_back();
  At(id).Prepare(entry);
  return {id, 0};
}

void StackPool::SwitchTo(int id) {
  Stack& self = At(current_);
  // A stack that is being killed gets no further than here, whatever has swallowed its termination.
  if (!self.doomed()) HandOver(self, At(id));
  Resume(self);
}

void StackPool::Kill(int id) {
  Stack& self = At(current_);
  Stack& victim = At(id);
  if (victim.state() == Stack::State::kReady) {
    victim.Drop();
    Recycle(victim);
    return;
  }
  victim.Doom(current_);
  HandOver(self, victim);
  Resume(self);
}

void StackPool::HandOver(Stack& from, Stack& to) {
  current_ = to.id();
  const v8::Unlocker unlocker(isolate_);
  from.seat().PassTo(to.seat());
}

/** What waits for a stack that has the baton again. */
void StackPool::Resume(Stack& self) {
  if (self.doomed()) return Terminate();
  if (self.id() == 0 && interrupted_) {
    interrupted_ = false;
    return Terminate();
  }
  // V8 notes a termination request on the stack that runs. One that came while the baton changed hands was
  // noted on the stack that is parked now, and nobody would hear of it.
  if (HostIsStopping()) return Terminate();
  if (self.id() == 0 && !failure_.IsEmpty()) {
    const v8::Local<v8::Value> failure = failure_.Get(isolate_);
    failure_.Reset();
    isolate_->ThrowException(failure);
  }
}

// V8 looks at the request at the next call or loop, and a `finally` may be nearer than that: so call
// something here, and let its termination go up through our own caller.
void StackPool::Terminate() {
  // Node forbids JavaScript while an env ends.
  const v8::Isolate::AllowJavascriptExecutionScope allow(isolate_);
  const v8::HandleScope handle_scope(isolate_);
  isolate_->TerminateExecution();
  const v8::Local<v8::Context> context = this->context();
  if (spin_.Get(isolate_)->Call(context, v8::Undefined(isolate_), 0, nullptr).IsEmpty()) return;
}

int StackPool::NextAfter(const Stack& ended, v8::Local<v8::Value> wish) {
  if (wish->IsInt32()) {
    const int next = wish.As<v8::Int32>()->Value();
    if (IsLive(next)) return next;
  }
  v8::TryCatch try_catch(isolate_);  // what a module returned may refuse to be printed
  v8::Local<v8::String> printed;
  if (!wish->ToDetailString(context()).ToLocal(&printed)) printed = Text(isolate_, "(unprintable)");
  const v8::String::Utf8Value name(isolate_, printed);
  const std::string message = "internal error: stack " + std::to_string(ended.id()) + " ended and handed over to " +
                              std::string(*name, static_cast<size_t>(name.length())) + ", which is not a live stack";
  return Fail(v8::Exception::Error(Text(isolate_, message)));
}

int StackPool::Fail(v8::Local<v8::Value> error) {
  failure_.Reset(isolate_, error);
  return 0;
}

int StackPool::Interrupt() {
  interrupted_ = true;
  return 0;
}

bool StackPool::HostIsStopping() const {
  // Node tells an addon only in passing: a call that would throw is refused before its arguments are looked
  // at once the env is stopping. It is marked as stopping before V8 is asked to terminate.
  return napi_throw(env_, nullptr) != napi_invalid_arg;
}

}  // namespace ringzero
