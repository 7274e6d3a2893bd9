#include "socket.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cmath>
#include <string>
#include <utility>

#include "syscalls.h"

namespace tsroute2 {

namespace {

struct Bytes { void* data = nullptr; size_t length = 0; };

// The pointer is looked up in every call: a cached one would outlive a transferred or resized buffer.
bool TypedArray(napi_env env, napi_value value, napi_typedarray_type wanted, Bytes* bytes) {
  napi_typedarray_type type;
  return napi_get_typedarray_info(env, value, &type, &bytes->length, &bytes->data, nullptr, nullptr) == napi_ok &&
         type == wanted;
}

/** Arguments of receive, and of exchange from the second on. */
struct Window {
  Bytes area, meta;
  size_t reserve = 0;
  int64_t budget_ns = 0;

  /** Whether they can be used; if not, an exception is pending. */
  bool Parse(napi_env env, const napi_value* argv) {
    double reserve_bytes, budget_us;
    if (!TypedArray(env, argv[0], napi_uint8_array, &area) || !TypedArray(env, argv[1], napi_int32_array, &meta) ||
        napi_get_value_double(env, argv[2], &reserve_bytes) != napi_ok ||
        napi_get_value_double(env, argv[3], &budget_us) != napi_ok) {
      ThrowArgument(env, "expected area (Uint8Array), meta (Int32Array), reserve (number) and budgetUs (number)");
      return false;
    }
    if (area.length < kMinArea || meta.length < kMetaHead + kMetaStride) {
      napi_throw_range_error(env, "ERR_OUT_OF_RANGE",
                             "area needs room for a netlink header, meta for its head and one datagram");
      return false;
    }
    // Written so that NaN is 0.
    reserve = !(reserve_bytes > 0) ? 0 : static_cast<size_t>(std::min(reserve_bytes, double{INT32_MAX}));
    budget_ns = !(budget_us > 0) ? 0 : budget_us >= 1e12 ? kNoBudget : static_cast<int64_t>(budget_us * 1000);
    return true;
  }

  int Receive(int fd, Cache* cache) const {
    return ReceiveDatagrams(fd, cache, static_cast<uint8_t*>(area.data), area.length, static_cast<int32_t*>(meta.data),
                            meta.length, reserve, budget_ns);
  }
};

napi_value Number(napi_env env, int value) {
  napi_value result = nullptr;
  napi_create_int32(env, value, &result);
  return result;
}

bool IsNull(napi_env env, napi_value value) {
  napi_valuetype type;
  return napi_typeof(env, value, &type) == napi_ok && type == napi_null;
}

// Runs when the environment ends, after the hooks of the sockets, which were added later. It is asynchronous because
// the environment must not go (nor the library be unloaded) before libuv's close callbacks ran.
void OnEnvironmentEnd(napi_async_cleanup_hook_handle hook, void* data) {
  Environment* environment = static_cast<Environment*>(data);
  environment->ending = true;
  if (environment->polls == 0) napi_remove_async_cleanup_hook(hook);
}

void DeleteEnvironment(napi_env, void* data, void*) { delete static_cast<Environment*>(data); }

}  // namespace

Environment* Environment::Create(napi_env env) {
  Environment* environment = new Environment{env};
  if (napi_get_uv_event_loop(env, &environment->loop) != napi_ok ||
      napi_set_instance_data(env, environment, DeleteEnvironment, nullptr) != napi_ok) {
    delete environment;
    return nullptr;
  }
  const napi_status hooked = napi_add_async_cleanup_hook(env, OnEnvironmentEnd, environment, &environment->hook);
  return hooked == napi_ok ? environment : nullptr;
}

// Without the wrapper's classes: in an environment that is ending each step may fail, at which they end the process.
napi_value Errno(napi_env env, int error, const char* syscall, const char* path) {
  napi_value list = nullptr, value = nullptr;
  napi_create_array(env, &list);
  napi_create_int32(env, error, &value);
  napi_set_element(env, list, 0, value);
  const char* const texts[] = {syscall, path};
  for (uint32_t i = 0; i < 2 && texts[i] != nullptr; i++) {
    napi_create_string_utf8(env, texts[i], NAPI_AUTO_LENGTH, &value);
    napi_set_element(env, list, i + 1, value);
  }
  return list;
}

napi_value ThrowArgument(napi_env env, const char* message) {
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", message);
  return nullptr;
}

// napi_get_value_int32 turns NaN into 0 and wraps what is too large: neither may become an option.
bool Int32(const Napi::Value& value, int* result) {
  if (!value.IsNumber()) return false;
  const double number = value.As<Napi::Number>().DoubleValue();
  if (!(number >= INT_MIN && number <= INT_MAX && std::trunc(number) == number)) return false;
  *result = static_cast<int>(number);
  return true;
}

Napi::Function Socket::Define(Napi::Env env, Environment* environment) {
  return DefineClass(env, "Socket",
                     {InstanceMethod("watch", &Socket::Watch, napi_default_method),
                      InstanceMethod("ref", &Socket::KeepLoop<true>, napi_default_method),
                      InstanceMethod("unref", &Socket::KeepLoop<false>, napi_default_method),
                      InstanceMethod("setOption", &Socket::Option<true>, napi_default_method),
                      InstanceMethod("getOption", &Socket::Option<false>, napi_default_method),
                      InstanceMethod("filter", &Socket::Filter, napi_default_method),
                      InstanceMethod("cache", &Socket::StartCache, napi_default_method),
                      InstanceMethod("drops", &Socket::SocketDrops, napi_default_method),
                      InstanceMethod("close", &Socket::Close, napi_default_method)},
                     environment);
}

Socket::Socket(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<Socket>(info), environment_(static_cast<Environment*>(info.Data())) {
  Napi::Env env = info.Env();
  int protocol;
  Netns netns;
  std::string path;
  netns.given = Int32(info[1], &netns.fd) || info[1].IsString();
  if (!Int32(info[0], &protocol) || (!netns.given && !info[1].IsUndefined())) {
    ThrowArgument(env, "protocol must be an integer, netns a path or a file descriptor");
    return;
  }
  if (info[1].IsString()) {
    path = info[1].As<Napi::String>().Utf8Value();
    netns.path = path.c_str();
  }
  Opened opened = OpenSocket(protocol, netns);
  if (opened.error != 0) {
    napi_throw(env, Errno(env, opened.error, opened.syscall));
    return;
  }
  fd_ = opened.fd;
  // A worker's termination comes there with sockets open and dumps half read.
  napi_add_env_cleanup_hook(env, OnEnvironmentEnd, this);
  // Plain properties rather than getters: a session compares the port id for every message.
  Napi::Object self = info.This().As<Napi::Object>();
  self.Set("protocol", protocol);
  self.Set("portid", opened.portid);
  self.Set("fd", fd_);
  // Called for every message or batch, so without the wrapper's layers, and with the socket at hand: to look up what
  // `this` wraps takes as long as all the rest. The function keeps the socket, whoever keeps the function.
  napi_value transfer = nullptr, value = self;
  napi_create_function(env, "transfer", NAPI_AUTO_LENGTH, Transfer, this, &transfer);
  const napi_property_descriptor keep{"socket", nullptr, nullptr, nullptr, nullptr, value, napi_default, nullptr};
  napi_define_properties(env, transfer, 1, &keep);
  self.Set("transfer", transfer);
}

Socket::~Socket() { CloseDescriptor(); }

void Socket::OnEnvironmentEnd(void* socket) { static_cast<Socket*>(socket)->CloseDescriptor(); }

void Socket::ClosePoll() {
  if (poll_ == nullptr) return;
  poll_->data = environment_;
  uv_close(reinterpret_cast<uv_handle_t*>(std::exchange(poll_, nullptr)), [](uv_handle_t* handle) {
    Environment* environment = static_cast<Environment*>(handle->data);
    delete reinterpret_cast<uv_poll_t*>(handle);
    environment->polls--;
    if (environment->ending && environment->polls == 0) napi_remove_async_cleanup_hook(environment->hook);
  });
}

void Socket::OnEvent(uv_poll_t* handle, int status, int) {
  // An overrun puts ENOBUFS on the socket, which epoll reports as EPOLLERR; libuv then stops the handle and says
  // EBADF. JavaScript hears of it like of any input: its receive takes the error off the socket.
  static_cast<Socket*>(handle->data)->OnReadable();
  // The callback may have closed this handle, which only libuv's close callback deletes; or it watches no more.
  // Starting again last means that an error which was received does not come back at once.
  if (status >= 0 || uv_is_closing(reinterpret_cast<uv_handle_t*>(handle))) return;
  if (!static_cast<Socket*>(handle->data)->callback_.IsEmpty()) uv_poll_start(handle, UV_READABLE, OnEvent);
}

void Socket::CloseDescriptor() {
  if (fd_ < 0) return;
  napi_remove_env_cleanup_hook(environment_->env, OnEnvironmentEnd, this);
  ClosePoll();
  delete cache_;
  cache_ = nullptr;
  // Never retried: on Linux the descriptor is gone even when close says EINTR.
  close(fd_);
  fd_ = -1;
}

napi_value Socket::Transfer(napi_env env, napi_callback_info info) {
  size_t argc = 5;
  napi_value argv[5];
  void* self = nullptr;
  napi_get_cb_info(env, info, &argc, argv, nullptr, &self);
  Socket* const socket = static_cast<Socket*>(self);
  Bytes data;
  Window window;
  // Null in the place of the data: it only receives; in that of the area: it only sends.
  const bool sends = TypedArray(env, argv[0], napi_uint8_array, &data), receives = !IsNull(env, argv[1]);
  if (!sends && !IsNull(env, argv[0])) return ThrowArgument(env, "expected data (Uint8Array)");
  if (receives && !window.Parse(env, argv + 1)) return nullptr;
  const int result = socket->fd_ < 0 ? -EBADF : sends ? SendDatagram(socket->fd_, data.data, data.length) : 0;
  if (receives && result >= 0) return Number(env, window.Receive(socket->fd_, socket->cache_));
  if (receives) {
    static_cast<int32_t*>(window.meta.data)[0] = -result;
    static_cast<int32_t*>(window.meta.data)[1] = 0;
  }
  return Number(env, result);
}

Napi::Value Socket::Watch(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  int error = fd_ < 0 ? EBADF : 0;
  if (!info[0].IsFunction()) {
    StopWatching();
    return env.Undefined();
  }
  if (poll_ == nullptr && error == 0) {
    poll_ = new uv_poll_t();
    error = -uv_poll_init(environment_->loop, poll_, cache_ == nullptr ? fd_ : cache_->event);
    if (error != 0) delete std::exchange(poll_, nullptr);
  }
  if (error != 0) {
    napi_throw(env, Errno(env, error, "watch"));
    return env.Undefined();
  }
  if (poll_->data == nullptr) environment_->polls++;
  poll_->data = this;
  SetRef();
  if (callback_.IsEmpty()) Ref();
  callback_ = Napi::Persistent(info[0].As<Napi::Function>());
  uv_poll_start(poll_, UV_READABLE, OnEvent);
  return env.Undefined();
}

void Socket::SetRef() {
  if (poll_ != nullptr) (ref_ ? uv_ref : uv_unref)(reinterpret_cast<uv_handle_t*>(poll_));
}

void Socket::StopWatching() {
  if (poll_ != nullptr) uv_poll_stop(poll_);
  if (callback_.IsEmpty()) return;
  callback_.Reset();
  Unref();
}

void Socket::OnReadable() {
  Napi::Env env(environment_->env);
  Napi::HandleScope scope(env);
  // MakeCallback rather than Call: it runs the microtasks and next ticks that the callback left behind.
  napi_value result;
  if (napi_make_callback(env, nullptr, Value(), callback_.Value(), 0, nullptr, &result) == napi_ok) return;
  // Nobody above us could catch it. When the environment is ending there is no exception to report, and this fails.
  napi_value exception;
  if (napi_get_and_clear_last_exception(env, &exception) == napi_ok) napi_fatal_exception(env, exception);
}

template <bool on>
Napi::Value Socket::KeepLoop(const Napi::CallbackInfo& info) {
  ref_ = on;
  SetRef();
  return info.Env().Undefined();
}

template <bool set>
Napi::Value Socket::Option(const Napi::CallbackInfo& info) {
  int level, name, value = 0;
  if (!Int32(info[0], &level) || !Int32(info[1], &name) || (set && !Int32(info[2], &value))) {
    return {info.Env(), ThrowArgument(info.Env(), "level, name and value must be integers")};
  }
  socklen_t size = sizeof value;
  const int failed = set ? setsockopt(fd_, level, name, &value, size) : getsockopt(fd_, level, name, &value, &size);
  return {info.Env(), Number(info.Env(), failed != 0 ? -errno : set ? 0 : value)};
}

Napi::Value Socket::Filter(const Napi::CallbackInfo& info) {
  // struct sock_filter: 16 bits of code, two jumps of 8, a constant of 32.
  constexpr size_t kInstruction = 8;
  Bytes program;
  if (!TypedArray(info.Env(), info[0], napi_uint8_array, &program) || program.length % kInstruction != 0) {
    return {info.Env(), ThrowArgument(info.Env(), "program must be a Uint8Array of whole instructions")};
  }
  return {info.Env(), Number(info.Env(), SetFilter(fd_, program.data, program.length / kInstruction))};
}

Napi::Value Socket::StartCache(const Napi::CallbackInfo& info) {
  int limit;
  if (!Int32(info[0], &limit) || limit < 0) return {info.Env(), ThrowArgument(info.Env(), "limit must be bytes")};
  // What is watched is another descriptor from now on.
  StopWatching();
  ClosePoll();
  errno = EBADF;
  if (cache_ == nullptr && fd_ >= 0) cache_ = Cache::Start(fd_, static_cast<size_t>(limit));
  return {info.Env(), Number(info.Env(), cache_ == nullptr ? -errno : 0)};
}

Napi::Value Socket::SocketDrops(const Napi::CallbackInfo& info) {
  const int64_t dropped = Drops(fd_);
  // As the kernel's own, the sum has 32 bits.
  const bool both = dropped >= 0 && cache_ != nullptr;
  return Napi::Number::New(info.Env(), static_cast<double>(both ? uint32_t(dropped) + cache_->dropped : dropped));
}

Napi::Value Socket::Close(const Napi::CallbackInfo& info) {
  if (fd_ >= 0) {
    StopWatching();
    CloseDescriptor();
    info.This().As<Napi::Object>().Set("fd", -1);
  }
  return info.Env().Undefined();
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  Environment* environment = Environment::Create(env);
  if (environment == nullptr) {
    Napi::Error::New(env, "tsroute2: the environment takes no cleanup hook").ThrowAsJavaScriptException();
    return exports;
  }
  exports.Set("Socket", Socket::Define(env, environment));
  exports.Set("call", Napi::Function::New<Call>(env, "call"));
  return exports;
}

NODE_API_MODULE(tsroute2, Init)

}  // namespace tsroute2
