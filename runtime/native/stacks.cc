// The face: checks arguments, tells errors in JavaScript's words. Everything else is StackPool's.
//
// The functions are V8's own and not Node-API's: a Node-API call keeps books on the env (open scopes, last
// error) that assume calls end in the order they began, and that is what switching stacks does not do.

#include <napi.h>
#include <uv.h>
#include <v8.h>

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <unordered_map>

#include "stack_pool.h"

namespace ringzero {
namespace {

using Arguments = v8::FunctionCallbackInfo<v8::Value>;

enum class ErrorKind { kError, kRangeError, kTypeError };

v8::Local<v8::String> Text(v8::Isolate* isolate, const std::string& text) {
  return v8::String::NewFromUtf8(isolate, text.c_str()).ToLocalChecked();
}

void Throw(v8::Isolate* isolate, ErrorKind kind, const std::string& message, const char* code = nullptr) {
  const v8::Local<v8::String> text = Text(isolate, message);
  const v8::Local<v8::Value> error = kind == ErrorKind::kRangeError  ? v8::Exception::RangeError(text)
                                     : kind == ErrorKind::kTypeError ? v8::Exception::TypeError(text)
                                                                     : v8::Exception::Error(text);
  if (code != nullptr) {
    const auto context = isolate->GetCurrentContext();
    error.As<v8::Object>()->Set(context, Text(isolate, "code"), Text(isolate, code)).Check();
  }
  isolate->ThrowException(error);
}

// V8 tags such pointers from the version on that Node 26 has.
#if V8_MAJOR_VERSION > 14 || (V8_MAJOR_VERSION == 14 && V8_MINOR_VERSION >= 6)
v8::Local<v8::External> Wrap(v8::Isolate* isolate, StackPool* pool) {
  return v8::External::New(isolate, pool, v8::kExternalPointerTypeTagDefault);
}
StackPool& PoolOf(const Arguments& arguments) {
  return *static_cast<StackPool*>(arguments.Data().As<v8::External>()->Value(v8::kExternalPointerTypeTagDefault));
}
#else
v8::Local<v8::External> Wrap(v8::Isolate* isolate, StackPool* pool) { return v8::External::New(isolate, pool); }
StackPool& PoolOf(const Arguments& arguments) {
  return *static_cast<StackPool*>(arguments.Data().As<v8::External>()->Value());
}
#endif

/** The number of a stack that can have the baton; false with an exception pending where it is not. */
bool LiveStack(const Arguments& arguments, const StackPool& pool, int* id) {
  const v8::Local<v8::Value> value = arguments[0];
  v8::Isolate* isolate = arguments.GetIsolate();
  if (!value->IsNumber()) {
    Throw(isolate, ErrorKind::kTypeError, "a stack is a number");
    return false;
  }
  if (value->IsInt32()) {
    *id = value.As<v8::Int32>()->Value();
    if (pool.IsLive(*id)) return true;
  }
  const v8::String::Utf8Value name(isolate, value);
  Throw(isolate, ErrorKind::kRangeError, std::string("no live stack has the number ") + *name);
  return false;
}

void Spawn(const Arguments& arguments) {
  v8::Isolate* isolate = arguments.GetIsolate();
  if (!arguments[0]->IsFunction()) return Throw(isolate, ErrorKind::kTypeError, "spawn() takes a function");
  const StackPool::Spawned spawned = PoolOf(arguments).Spawn(arguments[0].As<v8::Function>());
  if (spawned.id != 0) return arguments.GetReturnValue().Set(spawned.id);
  if (spawned.error == 0) {
    return Throw(isolate, ErrorKind::kRangeError,
                 "too many stacks: at most " + std::to_string(StackPool::kStacksMax) + " in one Node thread");
  }
  const char* code = uv_err_name(spawned.error);
  Throw(isolate, ErrorKind::kError,
        std::string("cannot make a thread for a stack: ") + code + ": " + uv_strerror(spawned.error), code);
}

void SwitchTo(const Arguments& arguments) {
  StackPool& pool = PoolOf(arguments);
  int id;
  if (LiveStack(arguments, pool, &id) && id != pool.current()) pool.SwitchTo(id);
}

void Kill(const Arguments& arguments) {
  StackPool& pool = PoolOf(arguments);
  v8::Isolate* isolate = arguments.GetIsolate();
  int id;
  if (!LiveStack(arguments, pool, &id)) return;
  if (id == 0) return Throw(isolate, ErrorKind::kRangeError, "stack 0 is the host's own and cannot be killed");
  if (id == pool.current()) return Throw(isolate, ErrorKind::kError, "a stack cannot kill itself");
  pool.Kill(id);
}

void Current(const Arguments& arguments) { arguments.GetReturnValue().Set(PoolOf(arguments).current()); }

void EndProcess(const Arguments& arguments) { std::_Exit(arguments[0].As<v8::Int32>()->Value()); }

void Stats(const Arguments& arguments) {
  const StackPool& pool = PoolOf(arguments);
  v8::Isolate* isolate = arguments.GetIsolate();
  const auto context = isolate->GetCurrentContext();
  const v8::Local<v8::Object> stats = v8::Object::New(isolate);
  const auto set = [&](const char* name, int value) {
    stats->Set(context, Text(isolate, name), v8::Integer::New(isolate, value)).Check();
  };
  set("threads", pool.threads());
  set("live", pool.live());
  set("pooled", pool.pooled());
  set("limit", StackPool::kStacksMax);
  arguments.GetReturnValue().Set(stats);
}

v8::Local<v8::Object> ToV8(Napi::Object object) {
  static_assert(sizeof(v8::Local<v8::Object>) == sizeof(napi_value), "Node-API's own conversion relies on it");
  napi_value value = object;
  v8::Local<v8::Object> local;
  std::memcpy(static_cast<void*>(&local), &value, sizeof local);
  return local;
}

/** Node-API loads an addon into any version of Node, but V8's own interface is another one in each. */
bool BuiltForThisNode(Napi::Env env) {
  const std::string built = std::to_string(V8_MAJOR_VERSION) + "." + std::to_string(V8_MINOR_VERSION) + ".";
  const std::string running = v8::V8::GetVersion();
  if (running.compare(0, built.size(), built) == 0) return true;
  Napi::Error error = Napi::Error::New(env, "ringzero's native part was built for another version of Node (V8 " +
                                                built + "x, and this is V8 " + running +
                                                "): run `npm rebuild ringzero`");
  error.Set("code", "ERR_RINGZERO_NODE_VERSION");
  error.ThrowAsJavaScriptException();
  return false;
}

/** RINGZERO_SWITCH says which, or the fastest there is. */
bool ChooseMode(Napi::Env env, SwitchMode* mode) {
  const Napi::Value process = env.Global().Get("process");
  const Napi::Value wish = process.As<Napi::Object>().Get("env").As<Napi::Object>().Get("RINGZERO_SWITCH");
  const bool fast = FastSwitchAvailable();
  const std::string name = wish.IsString() ? wish.As<Napi::String>().Utf8Value() : fast ? "fast" : "portable";
  if (name == "portable" || (name == "fast" && fast)) {
    *mode = name == "fast" ? SwitchMode::kFast : SwitchMode::kPortable;
    return true;
  }
  Napi::Error error = Napi::Error::New(
      env, name == "fast" ? "RINGZERO_SWITCH=fast: this machine has no fast switch (Linux on x86-64 with FSGSBASE, or "
                            "on arm64); leave it out, or use RINGZERO_SWITCH=portable"
                          : "RINGZERO_SWITCH=" + name + ": it is `fast` or `portable`");
  error.Set("code", "ERR_RINGZERO_SWITCH");
  error.ThrowAsJavaScriptException();
  return false;
}

/**
 * One pool an isolate, however often the addon is loaded into it (once more after every change of
 * require.cache): two pools would each take the other's stacks for their own stack 0.
 */
class Pools {
 public:
  /** Never destroyed: workers may be ending while the process runs its static destructors. */
  static Pools& Get() {
    static auto* pools = new Pools;
    return *pools;
  }

  StackPool* FindOrMake(Napi::Env env, v8::Isolate* isolate, SwitchMode mode) {
    const std::lock_guard<std::mutex> lock(mutex_);
    StackPool*& pool = pools_[isolate];
    if (pool == nullptr) {
      pool = new StackPool(env, isolate, mode);
      env.AddCleanupHook([](v8::Isolate* ending) { delete Get().Take(ending); }, isolate);
    }
    return pool;
  }

 private:
  StackPool* Take(v8::Isolate* isolate) {
    const std::lock_guard<std::mutex> lock(mutex_);
    StackPool* pool = pools_.at(isolate);
    pools_.erase(isolate);
    return pool;
  }

  std::mutex mutex_;
  std::unordered_map<v8::Isolate*, StackPool*> pools_;
};

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  SwitchMode mode;
  if (!BuiltForThisNode(env) || !ChooseMode(env, &mode)) return exports;

  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  StackPool* pool = Pools::Get().FindOrMake(env, isolate, mode);

  const v8::Local<v8::Object> face = ToV8(exports);
  const auto context = isolate->GetCurrentContext();
  const v8::Local<v8::External> data = Wrap(isolate, pool);
  const auto define = [&](const char* name, v8::FunctionCallback callback, int length) {
    auto function = v8::Function::New(context, callback, data, length, v8::ConstructorBehavior::kThrow);
    face->Set(context, Text(isolate, name), function.ToLocalChecked()).Check();
  };
  exports.Set("mode", pool->mode() == SwitchMode::kFast ? "fast" : "portable");
  define("spawn", Spawn, 1);
  define("switchTo", SwitchTo, 1);
  define("kill", Kill, 1);
  define("current", Current, 0);
  define("stats", Stats, 0);
  define("endProcess", EndProcess, 1);
  return exports;
}

NODE_API_MODULE(stacks, Init)

}  // namespace
}  // namespace ringzero
