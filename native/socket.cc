#include "socket.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cmath>
#include <string>

#include "errors.h"
#include "syscalls.h"

namespace tsroute2 {

namespace {

struct Bytes {
  void* data = nullptr;
  size_t length = 0;
};

// The pointer is looked up in every call: a cached one would outlive a transferred or resized buffer.
bool TypedArray(napi_env env, napi_value value, napi_typedarray_type wanted, Bytes* bytes) {
  napi_typedarray_type type;
  return napi_get_typedarray_info(env, value, &type, &bytes->length, &bytes->data, nullptr, nullptr) == napi_ok &&
         type == wanted;
}

/** Arguments of receive, and of exchange from the second on. */
struct Window {
  Bytes area;
  Bytes meta;
  size_t reserve = 0;
  int64_t budget_ns = 0;

  /** Whether they can be used; if not, an exception is pending. */
  bool Parse(napi_env env, const napi_value* argv) {
    double reserve_bytes;
    double budget_us;
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

  int Receive(int fd) const {
    return ReceiveDatagrams(fd, static_cast<uint8_t*>(area.data), area.length, static_cast<int32_t*>(meta.data),
                            meta.length, reserve, budget_ns);
  }

  /** A call that cannot receive leaves `meta` as true as one that did. */
  int Refuse(int error) const {
    int32_t* head = static_cast<int32_t*>(meta.data);
    head[0] = error;
    head[1] = 0;
    return -error;
  }
};

napi_value Number(napi_env env, int value) {
  napi_value result = nullptr;
  napi_create_int32(env, value, &result);
  return result;
}

/** The socket and the first N arguments; missing ones are undefined. The class's signature vouches for `this`. */
template <size_t N>
Socket* Arguments(napi_env env, napi_callback_info info, napi_value (&argv)[N]) {
  size_t argc = N;
  napi_value self;
  void* socket = nullptr;
  napi_get_cb_info(env, info, &argc, argv, &self, nullptr);
  napi_unwrap(env, self, &socket);
  return static_cast<Socket*>(socket);
}

napi_property_descriptor RawMethod(const char* name, napi_callback method) {
  napi_property_descriptor descriptor{};
  descriptor.utf8name = name;
  descriptor.method = method;
  descriptor.attributes = napi_default_method;
  return descriptor;
}

}  // namespace

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
                     {
                         RawMethod("send", Send),
                         RawMethod("receive", Receive),
                         RawMethod("exchange", Exchange),
                         InstanceMethod("watch", &Socket::Watch, napi_default_method),
                         InstanceMethod("ref", &Socket::KeepLoop<true>, napi_default_method),
                         InstanceMethod("unref", &Socket::KeepLoop<false>, napi_default_method),
                         InstanceMethod("setOption", &Socket::Option<true>, napi_default_method),
                         InstanceMethod("getOption", &Socket::Option<false>, napi_default_method),
                         InstanceMethod("filter", &Socket::Filter, napi_default_method),
                         InstanceMethod("drops", &Socket::SocketDrops, napi_default_method),
                         InstanceMethod("close", &Socket::Close, napi_default_method),
                     },
                     environment);
}

Socket::Socket(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<Socket>(info), environment_(static_cast<Environment*>(info.Data())) {
  Napi::Env env = info.Env();
  int protocol;
  if (!Int32(info[0], &protocol)) {
    ThrowArgument(env, "protocol must be an integer");
    return;
  }
  Netns netns;
  std::string path;
  if (info[1].IsString()) {
    path = info[1].As<Napi::String>().Utf8Value();
    if (path.empty() || path.find('\0') != std::string::npos) {
      ThrowArgument(env, "netns must be a path without null bytes, and not empty");
      return;
    }
    netns.path = path.c_str();
    netns.given = true;
  } else if (Int32(info[1], &netns.fd)) {
    netns.given = true;
  } else if (!info[1].IsUndefined()) {
    ThrowArgument(env, "netns must be a path or a file descriptor");
    return;
  }

  Opened opened = OpenSocket(protocol, netns);
  if (opened.error != 0) {
    napi_throw(env, Errno(env, opened.error, opened.syscall, opened.in_path ? netns.path : nullptr));
    return;
  }
  fd_ = opened.fd;
  next_ = environment_->sockets;
  if (next_ != nullptr) next_->previous_ = this;
  environment_->sockets = this;

  // Plain properties rather than getters: a session compares the port id for every message.
  Napi::Object self = info.This().As<Napi::Object>();
  DefineNumber(self, "protocol", protocol);
  DefineNumber(self, "portid", opened.portid);
  DefineNumber(self, "fd", fd_);
}

Socket::~Socket() { CloseDescriptor(); }

void Socket::DefineNumber(Napi::Object object, const char* name, double value) {
  object.DefineProperty(Napi::PropertyDescriptor::Value(
      name, Napi::Number::New(object.Env(), value),
      static_cast<napi_property_attributes>(napi_enumerable | napi_configurable)));
}

void Socket::CloseDescriptor() {
  if (fd_ < 0) return;
  if (poll_ != nullptr) poll_->Close();
  poll_ = nullptr;
  // Never retried: on Linux the descriptor is gone even when close says EINTR.
  close(fd_);
  fd_ = -1;
  if (previous_ != nullptr) {
    previous_->next_ = next_;
  } else {
    environment_->sockets = next_;
  }
  if (next_ != nullptr) next_->previous_ = previous_;
  previous_ = next_ = nullptr;
}

napi_value Socket::Send(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  Socket* socket = Arguments(env, info, argv);
  Bytes data;
  if (socket == nullptr || !TypedArray(env, argv[0], napi_uint8_array, &data)) {
    return ThrowArgument(env, "expected data (Uint8Array)");
  }
  return Number(env, socket->fd_ < 0 ? -EBADF : SendDatagram(socket->fd_, data.data, data.length));
}

napi_value Socket::Receive(napi_env env, napi_callback_info info) {
  napi_value argv[4];
  Socket* socket = Arguments(env, info, argv);
  Window window;
  if (socket == nullptr || !window.Parse(env, argv)) return nullptr;
  return Number(env, socket->fd_ < 0 ? window.Refuse(EBADF) : window.Receive(socket->fd_));
}

napi_value Socket::Exchange(napi_env env, napi_callback_info info) {
  napi_value argv[5];
  Socket* socket = Arguments(env, info, argv);
  Bytes data;
  Window window;
  if (socket == nullptr || !TypedArray(env, argv[0], napi_uint8_array, &data)) {
    return ThrowArgument(env, "expected data (Uint8Array)");
  }
  if (!window.Parse(env, argv + 1)) return nullptr;
  if (socket->fd_ < 0) return Number(env, window.Refuse(EBADF));
  const int sent = SendDatagram(socket->fd_, data.data, data.length);
  return Number(env, sent < 0 ? window.Refuse(-sent) : window.Receive(socket->fd_));
}

Napi::Value Socket::Watch(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (info[0].IsNull() || info[0].IsUndefined()) {
    StopWatching();
    return env.Undefined();
  }
  if (!info[0].IsFunction()) {
    ThrowArgument(env, "onReadable must be a function or null");
    return env.Undefined();
  }
  if (fd_ < 0) {
    napi_throw(env, Errno(env, EBADF, "watch"));
    return env.Undefined();
  }
  if (poll_ == nullptr) {
    int error = 0;
    poll_ = Poll::Create(environment_, this, fd_, &error);
    if (poll_ == nullptr) {
      napi_throw(env, Errno(env, error, "uv_poll_init"));
      return env.Undefined();
    }
    poll_->SetRef(ref_);
  }
  if (callback_.IsEmpty()) Ref();
  callback_ = Napi::Persistent(info[0].As<Napi::Function>());
  poll_->Start();
  return env.Undefined();
}

void Socket::StopWatching() {
  if (poll_ != nullptr) poll_->Stop();
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
  if (poll_ != nullptr) poll_->SetRef(on);
  return info.Env().Undefined();
}

template <bool set>
Napi::Value Socket::Option(const Napi::CallbackInfo& info) {
  int level;
  int name;
  int value = 0;
  if (!Int32(info[0], &level) || !Int32(info[1], &name) || (set && !Int32(info[2], &value))) {
    ThrowArgument(info.Env(), "level, name and value must be integers");
    return info.Env().Undefined();
  }
  const int result = fd_ < 0 ? -EBADF : set ? SetOption(fd_, level, name, value) : GetOption(fd_, level, name);
  return Napi::Number::New(info.Env(), result);
}

Napi::Value Socket::Filter(const Napi::CallbackInfo& info) {
  // struct sock_filter: 16 bits of code, two jumps of 8, a constant of 32.
  constexpr size_t kInstruction = 8;
  Bytes program;
  if (!TypedArray(info.Env(), info[0], napi_uint8_array, &program) || program.length % kInstruction != 0) {
    ThrowArgument(info.Env(), "program must be a Uint8Array of whole instructions");
    return info.Env().Undefined();
  }
  return Napi::Number::New(info.Env(),
                           fd_ < 0 ? -EBADF : SetFilter(fd_, program.data, program.length / kInstruction));
}

Napi::Value Socket::SocketDrops(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), fd_ < 0 ? -EBADF : static_cast<double>(Drops(fd_)));
}

Napi::Value Socket::Close(const Napi::CallbackInfo& info) {
  if (fd_ >= 0) {
    StopWatching();
    CloseDescriptor();
    DefineNumber(info.This().As<Napi::Object>(), "fd", -1);
  }
  return info.Env().Undefined();
}

}  // namespace tsroute2
