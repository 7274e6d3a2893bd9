// System calls about namespaces and mounts, each on a thread that ends with it.
#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "errors.h"
#include "socket.h"
#include "syscalls.h"

namespace tsroute2 {

namespace {

/** The same numbers as CALL in src/transport/native.ts. */
enum { kMount, kMountNew, kUnmount, kLock, kFile, kCalls };

class Job : public Napi::AsyncWorker {
 public:
  explicit Job(Napi::Env env) : AsyncWorker(env, "tsroute2") {}

  bool Parse(const Napi::CallbackInfo& info) {
    for (int i = 0; i < 3; i++) {
      if (!info[i + 2].IsString()) return false;
      text_[i] = info[i + 2].As<Napi::String>().Utf8Value();
      if (text_[i].find('\0') != std::string::npos) return false;
    }
    return Int32(info[0], &call_) && call_ >= 0 && call_ < kCalls && Int32(info[1], &number_);
  }

  napi_value Start() {
    napi_value promise = nullptr;
    napi_create_promise(Env(), &deferred_, &promise);
    Queue();
    return promise;
  }

  void Execute() override {
    auto body = [this] {
      failed_ = Perform();
      error_ = errno;
    };
    if (RunThread(body)) return;
    failed_ = "pthread_create";
    error_ = errno;
  }

  /** Null when the call failed; its error is pending then. */
  napi_value Result() {
    if (failed_ == nullptr) return Napi::String::New(Env(), text_[2]);
    ThrowErrno(Env(), error_, failed_, path_);
    return nullptr;
  }

  // Not by the wrapper's classes: in an environment that is ending nothing can be settled, and that is no error.
  void OnOK() override {
    napi_value value = Result();
    if (value != nullptr) napi_resolve_deferred(Env(), deferred_, value);
    if (value == nullptr && napi_get_and_clear_last_exception(Env(), &value) == napi_ok) {
      napi_reject_deferred(Env(), deferred_, value);
    }
  }

 private:
  /** Null, or the system call that failed. */
  const char* Perform() {
    if (call_ == kLock) return flock(number_, LOCK_EX | LOCK_NB) == 0 ? nullptr : "flock";
    if (call_ == kMountNew && unshare(CLONE_NEWNET) != 0) return "unshare";
    const char* first = path_ = text_[0].c_str();
    if (call_ == kUnmount) return umount2(path_, number_) == 0 ? nullptr : "umount2";
    const char* failed = call_ == kFile ? EnterNamespace({path_, -1, true}) : nullptr;
    if (failed != nullptr) return failed;
    path_ = text_[1].c_str();
    if (call_ == kFile) return File(text_[2]);
    return mount(first, path_, "none", static_cast<unsigned>(number_), nullptr) == 0 ? nullptr : "mount";
  }

  /** Writes `data` into the file, or reads it when that is empty. Here, because some files look whose namespace asks. */
  const char* File(std::string& data) {
    const bool reading = data.empty();
    const int fd = open(path_, (reading ? O_RDONLY : O_WRONLY) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
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

  int call_ = 0;
  int number_ = 0;
  std::string text_[3];
  int error_ = 0;
  const char* failed_ = nullptr;
  const char* path_ = nullptr;
  napi_deferred deferred_ = nullptr;
};

}  // namespace

Napi::Value Call(const Napi::CallbackInfo& info) {
  Job* job = new Job(info.Env());
  const bool valid = job->Parse(info);
  if (valid && info[5].ToBoolean()) return {info.Env(), job->Start()};
  if (valid) job->Execute();
  napi_value result = valid ? job->Result() : ThrowArgument(info.Env(), "expected two integers and three texts");
  delete job;
  return {info.Env(), result};
}

}  // namespace tsroute2
