// System calls about namespaces, mounts and tun devices, each on a thread that ends with it.
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>

#include "socket.h"
#include "syscalls.h"

namespace tsroute2 {

namespace {

/** The same numbers as CALL in src/transport/native.ts. */
enum { kMount, kMountNew, kUnmount, kLock, kFile, kTun, kIoctl, kSend, kRelease, kCalls };

unsigned long Unsigned(const std::string& text, int base = 10) { return strtoul(text.c_str(), nullptr, base); }

void* Pointer(int fd) { return reinterpret_cast<void*>(static_cast<intptr_t>(fd)); }
void CloseOwned(void* fd) { close(static_cast<int>(reinterpret_cast<intptr_t>(fd))); }

struct Job {
  napi_env env;
  int call = 0, number = 0, own = -1, error = 0;
  std::string text[3] = {};
  const char *failed = nullptr, *path = nullptr;
  napi_async_work work = nullptr;
  napi_deferred deferred = nullptr;

  ~Job() { if (own >= 0) close(own); }

  bool Parse(const Napi::CallbackInfo& info) {
    for (int i = 0; i < 3; i++) {
      if (!info[i + 2].IsString()) return false;
      text[i] = info[i + 2].As<Napi::String>().Utf8Value();
      if (text[i].find('\0') != std::string::npos) return false;
    }
    if (!Int32(info[0], &call) || call < 0 || call >= kCalls || !Int32(info[1], &number)) return false;
    // Whatever becomes of the socket meanwhile, it is this one.
    if (call == kSend) own = fcntl(number, F_DUPFD_CLOEXEC, 0);
    return true;
  }

  void Execute() {
    failed = "pthread_create";
    auto body = [this] {
      failed = Perform();
      error = errno;
    };
    if (!RunThread(body)) error = errno;
  }

  /** Null, or the system call that failed. */
  const char* Perform() {
    if (call == kLock) return flock(number, LOCK_EX | LOCK_NB) == 0 ? nullptr : "flock";
    if (call == kIoctl) return ioctl(number, Unsigned(text[0]), Unsigned(text[1])) >= 0 ? nullptr : "ioctl";
    if (call == kSend) return Send(text[0]);
    if (call == kRelease) return text[0].empty() || close(number) == 0 ? nullptr : "close";
    if (call == kMountNew && unshare(CLONE_NEWNET) != 0) return "unshare";
    path = text[0].c_str();
    if (call == kUnmount) return umount2(path, number) == 0 ? nullptr : "umount2";
    const bool inside = (call == kFile || call == kTun) && *path != 0;
    const char* refused = inside ? EnterNamespace({path, -1, true}) : nullptr;
    if (refused != nullptr) return refused;
    path = text[1].c_str();
    if (call == kFile) return File(text[2]);
    if (call == kTun) return Tun(text[2]);
    return mount(text[0].c_str(), path, "none", static_cast<unsigned>(number), nullptr) == 0 ? nullptr : "mount";
  }

  /** Writes `data` into the file, or reads it when empty. Here, because some files look whose namespace asks. */
  const char* File(std::string& data) {
    const bool reading = data.empty();
    const int fd = open(path, (reading ? O_RDONLY : O_WRONLY) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) return "open";
    if (reading) data.resize(262144);
    // For a value of which only a part is taken: the call succeeds then, but it is not what was asked for.
    errno = EINVAL;
    const ssize_t done = reading ? read(fd, &data[0], data.size()) : write(fd, data.data(), data.size());
    close(fd);
    if (done < 0 || (!reading && done != static_cast<ssize_t>(data.size()))) return reading ? "read" : "write";
    data.resize(reading ? static_cast<size_t>(done) : 0);
    return nullptr;
  }

  /** Sends the bytes that are written in hexadecimal. */
  const char* Send(std::string& hex) {
    for (size_t i = 0; i < hex.size() / 2; i++) hex[i] = static_cast<char>(Unsigned(hex.substr(2 * i, 2), 16));
    errno = -std::min(SendDatagram(own, hex.data(), hex.size() / 2), 0);
    return errno == 0 ? nullptr : "sendmsg";
  }

  /** Opens the device of that name, made as the flags in `number` say; `data` becomes its descriptor and its name. */
  const char* Tun(std::string& data) {
    ifreq request{};
    request.ifr_flags = static_cast<short>(number);
    data.copy(request.ifr_name, IFNAMSIZ - 1);
    own = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (own < 0) return "open";
    path = nullptr;
    const bool made = ioctl(own, TUNSETIFF, &request) == 0;
    data = std::to_string(own) + ' ' + request.ifr_name;
    return made ? nullptr : "ioctl";
  }

  /** What was read, or the error. */
  napi_value Outcome() {
    // A worker may be terminated before its JavaScript has closed a descriptor, or has heard of it.
    if (call == kTun && failed == nullptr) napi_add_env_cleanup_hook(env, CloseOwned, Pointer(std::exchange(own, -1)));
    if (call == kRelease) napi_remove_env_cleanup_hook(env, CloseOwned, Pointer(number));
    napi_value read = nullptr;
    napi_create_string_utf8(env, text[2].c_str(), text[2].size(), &read);
    return failed == nullptr ? read : Errno(env, error, failed, path);
  }
};

void Finish(napi_env env, napi_status, void* data) {
  Job* job = static_cast<Job*>(data);
  (job->failed == nullptr ? napi_resolve_deferred : napi_reject_deferred)(env, job->deferred, job->Outcome());
  napi_delete_async_work(env, job->work);
  delete job;
}

}  // namespace

// Without the wrapper's AsyncWorker: in a worker that is being terminated each step may fail, which it does not expect.
Napi::Value Call(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Job* job = new Job{env};
  napi_value result = nullptr;
  bool later = false;
  if (!job->Parse(info)) {
    ThrowArgument(env, "expected two integers and three texts");
  } else if (napi_get_value_bool(env, info[5], &later) == napi_ok && later) {
    auto execute = [](napi_env, void* data) { static_cast<Job*>(data)->Execute(); };
    napi_create_string_latin1(env, "tsroute2", NAPI_AUTO_LENGTH, &result);
    if (napi_create_async_work(env, nullptr, result, execute, Finish, job, &job->work) == napi_ok &&
        napi_create_promise(env, &job->deferred, &result) == napi_ok &&
        napi_queue_async_work(env, job->work) == napi_ok) {
      return {env, result};
    }
    napi_delete_async_work(env, job->work);
  } else {
    job->Execute();
    result = job->Outcome();
    if (job->failed != nullptr) napi_throw(env, result);
  }
  delete job;
  return {env, result};
}

}  // namespace tsroute2
