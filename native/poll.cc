#include "poll.h"

#include <new>

#include "socket.h"

namespace tsroute2 {

namespace {

// Runs when the environment ends: a worker's termination comes here with sockets open and dumps half read. The hook
// is asynchronous because the environment must not go (nor the library be unloaded) before libuv's close callbacks ran.
void OnEnvironmentEnd(napi_async_cleanup_hook_handle hook, void* data) {
  Environment* environment = static_cast<Environment*>(data);
  environment->ending = true;
  while (environment->sockets != nullptr) environment->sockets->CloseDescriptor();
  if (environment->polls == 0) napi_remove_async_cleanup_hook(hook);
}

void DeleteEnvironment(napi_env, void* data, void*) { delete static_cast<Environment*>(data); }

}  // namespace

Environment* Environment::Create(napi_env env) {
  Environment* environment = new (std::nothrow) Environment();
  if (environment == nullptr) return nullptr;
  environment->env = env;
  if (napi_get_uv_event_loop(env, &environment->loop) != napi_ok ||
      napi_set_instance_data(env, environment, DeleteEnvironment, nullptr) != napi_ok) {
    delete environment;
    return nullptr;
  }
  if (napi_add_async_cleanup_hook(env, OnEnvironmentEnd, environment, &environment->hook) != napi_ok) return nullptr;
  return environment;
}

Poll* Poll::Create(Environment* environment, Socket* socket, int fd, int* error) {
  Poll* poll = new (std::nothrow) Poll(environment, socket);
  const int status = poll == nullptr ? UV_ENOMEM : uv_poll_init(environment->loop, &poll->poll_, fd);
  if (status != 0) {
    delete poll;
    *error = -status;
    return nullptr;
  }
  poll->poll_.data = poll;
  uv_unref(poll->handle());
  environment->polls++;
  return poll;
}

void Poll::Start() { active_ = uv_poll_start(&poll_, UV_READABLE, OnEvent) == 0; }

void Poll::Stop() {
  active_ = false;
  uv_poll_stop(&poll_);
}

void Poll::SetRef(bool on) { (on ? uv_ref : uv_unref)(handle()); }

void Poll::Close() {
  active_ = false;
  socket_ = nullptr;
  uv_close(handle(), OnClosed);
}

void Poll::OnEvent(uv_poll_t* handle, int status, int) {
  Poll* poll = static_cast<Poll*>(handle->data);
  // An overrun puts ENOBUFS on the socket, which epoll reports as EPOLLERR; libuv then stops the handle and says
  // EBADF. JavaScript hears of it like of any input: its receive takes the error off the socket.
  poll->socket_->OnReadable();
  // The callback may have stopped or closed this handle, but only libuv's close callback deletes it. Starting again
  // last means that an error which was received does not come back at once.
  if (status < 0 && poll->active_) poll->Start();
}

void Poll::OnClosed(uv_handle_t* handle) {
  Poll* poll = static_cast<Poll*>(handle->data);
  Environment* environment = poll->environment_;
  delete poll;
  environment->polls--;
  if (environment->ending && environment->polls == 0) napi_remove_async_cleanup_hook(environment->hook);
}

}  // namespace tsroute2
