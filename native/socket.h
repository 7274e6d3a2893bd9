// What JavaScript sees: src/transport/native.ts and transport.ts say what it does. And what one environment holds.
#pragma once

#include <napi.h>
#include <uv.h>

#include <cstddef>

namespace tsroute2 {

/** An error as src/transport/native.ts takes it: [errno, syscall] and, when there is one, the path. */
napi_value Errno(napi_env env, int error, const char* syscall, const char* path = nullptr);

/** Throws a TypeError with the code ERR_INVALID_ARG_TYPE. Returns null, so that callers can return it. */
napi_value ThrowArgument(napi_env env, const char* message);

/** Whether the value is a whole number of 32 bits. */
bool Int32(const Napi::Value& value, int* result);

/** System calls about namespaces, mounts and tun devices: netns.cc. */
Napi::Value Call(const Napi::CallbackInfo& info);

class Cache;

/** All that the addon keeps for one environment: there is no static state, so workers and second copies are apart. */
struct Environment {
  napi_env env = nullptr;
  uv_loop_t* loop = nullptr;
  napi_async_cleanup_hook_handle hook = nullptr;
  /** Poll handles that libuv still knows, closing ones included. */
  size_t polls = 0;
  bool ending = false;

  /** Gives the environment its hooks. Null when it could not. */
  static Environment* Create(napi_env env);
};

class Socket : public Napi::ObjectWrap<Socket> {
 public:
  static Napi::Function Define(Napi::Env env, Environment* environment);

  explicit Socket(const Napi::CallbackInfo& info);
  ~Socket() override;

 private:
  static napi_value Transfer(napi_env env, napi_callback_info info);

  Napi::Value Watch(const Napi::CallbackInfo& info);
  template <bool on>
  Napi::Value KeepLoop(const Napi::CallbackInfo& info);
  template <bool set>
  Napi::Value Option(const Napi::CallbackInfo& info);
  Napi::Value StartCache(const Napi::CallbackInfo& info);
  Napi::Value Filter(const Napi::CallbackInfo& info);
  Napi::Value SocketDrops(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  static void OnEnvironmentEnd(void* socket);
  static void OnEvent(uv_poll_t* handle, int status, int events);
  /** Calls the watching function; what it throws becomes an uncaught exception. */
  void OnReadable();
  void StopWatching();
  void SetRef();
  void ClosePoll();
  /** Closes handle and descriptor without touching JavaScript: this also runs where none may run any more. */
  void CloseDescriptor();

  Environment* environment_;
  int fd_ = -1;
  bool ref_ = false;
  // Has a life of its own: libuv needs the memory until its close callback, longer than the socket's.
  uv_poll_t* poll_ = nullptr;
  Cache* cache_ = nullptr;
  // Not empty while watching; the object then also holds itself, so that a forgotten one goes on watching.
  Napi::FunctionReference callback_;
};

}  // namespace tsroute2
