// Errors as Node.js throws them.
#pragma once

#include <node_api.h>

namespace tsroute2 {

/** An Error with `code`, `errno` (negative), `syscall` and, when there is one, `path`. */
napi_value Errno(napi_env env, int error, const char* syscall, const char* path = nullptr);

/** Throws a TypeError with the code ERR_INVALID_ARG_TYPE. Returns null, so that callers can return it. */
napi_value ThrowArgument(napi_env env, const char* message);

}  // namespace tsroute2
