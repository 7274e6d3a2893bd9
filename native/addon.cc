// Entry point: one Environment and one class per environment that loads the addon.
#include <napi.h>

#include "poll.h"
#include "socket.h"

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  tsroute2::Environment* environment = tsroute2::Environment::Create(env);
  if (environment == nullptr) {
    Napi::Error::New(env, "tsroute2: the environment takes no cleanup hook").ThrowAsJavaScriptException();
    return exports;
  }
  exports.Set("Socket", tsroute2::Socket::Define(env, environment));
  exports.Set("call", Napi::Function::New<tsroute2::Call>(env, "call"));
  return exports;
}

}  // namespace

NODE_API_MODULE(tsroute2, Init)
