// What JavaScript sees: src/transport/native.ts and transport.ts say what it does.
#pragma once

#include <napi.h>

#include "poll.h"

namespace tsroute2 {

/** Whether the value is a whole number of 32 bits. */
bool Int32(const Napi::Value& value, int* result);

/** System calls about namespaces, mounts and tun devices: netns.cc. */
Napi::Value Call(const Napi::CallbackInfo& info);

class Socket : public Napi::ObjectWrap<Socket> {
 public:
  static Napi::Function Define(Napi::Env env, Environment* environment);

  explicit Socket(const Napi::CallbackInfo& info);
  ~Socket() override;

  /** Calls the watching function; what it throws becomes an uncaught exception. */
  void OnReadable();
  /** Closes handle and descriptor without touching JavaScript: this also runs where none may run any more. */
  void CloseDescriptor();

 private:
  // Called for every message or batch, so without the wrapper's layers.
  static napi_value Send(napi_env env, napi_callback_info info);
  static napi_value Receive(napi_env env, napi_callback_info info);
  static napi_value Exchange(napi_env env, napi_callback_info info);

  Napi::Value Watch(const Napi::CallbackInfo& info);
  template <bool on>
  Napi::Value KeepLoop(const Napi::CallbackInfo& info);
  template <bool set>
  Napi::Value Option(const Napi::CallbackInfo& info);
  Napi::Value Filter(const Napi::CallbackInfo& info);
  Napi::Value SocketDrops(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  void DefineNumber(Napi::Object object, const char* name, double value);
  void StopWatching();

  Environment* environment_;
  Socket* previous_ = nullptr;
  Socket* next_ = nullptr;
  int fd_ = -1;
  bool ref_ = false;
  Poll* poll_ = nullptr;
  // Not empty while watching; the object then also holds itself, so that a forgotten one goes on watching.
  Napi::FunctionReference callback_;
};

}  // namespace tsroute2
