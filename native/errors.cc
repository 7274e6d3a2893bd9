#include "errors.h"

#include <uv.h>

#include <string>

namespace tsroute2 {

// Without the wrapper's classes: in an environment that is ending each step may fail, at which they end the process.
napi_value Errno(napi_env env, int error, const char* syscall, const char* path) {
  // On Linux libuv's error numbers are the negated errnos, and its names are the ones that Node.js shows.
  char name[64];
  char text[128];
  uv_err_name_r(-error, name, sizeof name);
  uv_strerror_r(-error, text, sizeof text);
  std::string message = std::string(name) + ": " + text + ", " + syscall;
  if (path != nullptr) message += std::string(" '") + path + "'";

  napi_value value = nullptr;
  napi_value result = nullptr;
  napi_create_string_utf8(env, message.c_str(), message.size(), &value);
  napi_create_error(env, nullptr, value, &result);
  napi_create_int32(env, -error, &value);
  napi_set_named_property(env, result, "errno", value);
  const char* const members[][2] = {{"code", name}, {"syscall", syscall}, {"path", path}};
  for (const auto& [key, member] : members) {
    if (member == nullptr) continue;
    napi_create_string_utf8(env, member, NAPI_AUTO_LENGTH, &value);
    napi_set_named_property(env, result, key, value);
  }
  return result;
}

napi_value ThrowArgument(napi_env env, const char* message) {
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", message);
  return nullptr;
}

}  // namespace tsroute2
