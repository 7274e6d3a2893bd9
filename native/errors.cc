#include "errors.h"

#include <napi.h>
#include <uv.h>

#include <string>

namespace tsroute2 {

void ThrowErrno(napi_env raw, int error, const char* syscall, const char* path) {
  Napi::Env env(raw);
  // On Linux libuv's error numbers are the negated errnos, and its names are the ones that Node.js shows.
  char name[64];
  char text[128];
  uv_err_name_r(-error, name, sizeof name);
  uv_strerror_r(-error, text, sizeof text);
  std::string message = std::string(name) + ": " + text + ", " + syscall;
  if (path != nullptr) message += std::string(" '") + path + "'";

  Napi::Error thrown = Napi::Error::New(env, message);
  thrown.Set("code", Napi::String::New(env, name));
  thrown.Set("errno", Napi::Number::New(env, -error));
  thrown.Set("syscall", Napi::String::New(env, syscall));
  if (path != nullptr) thrown.Set("path", Napi::String::New(env, path));
  thrown.ThrowAsJavaScriptException();
}

napi_value ThrowArgument(napi_env env, const char* message) {
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", message);
  return nullptr;
}

napi_value ThrowRange(napi_env env, const char* message) {
  napi_throw_range_error(env, "ERR_OUT_OF_RANGE", message);
  return nullptr;
}

}  // namespace tsroute2
