// Watching a descriptor on the event loop, and what one environment (the main thread or a worker) holds.
#pragma once

#include <node_api.h>
#include <uv.h>

#include <cstddef>

namespace tsroute2 {

class Socket;

/** All that the addon keeps for one environment: there is no static state, so workers and second copies are apart. */
struct Environment {
  napi_env env = nullptr;
  uv_loop_t* loop = nullptr;
  napi_async_cleanup_hook_handle hook = nullptr;
  /** Open sockets, a list through Socket::next_. */
  Socket* sockets = nullptr;
  /** Poll handles that libuv still knows, closing ones included. */
  size_t polls = 0;
  bool ending = false;

  /** Gives the environment its hooks. Returns whether it could. */
  static Environment* Create(napi_env env);
};

/** A uv_poll_t with a life of its own: libuv needs the memory until the close callback, longer than the socket's. */
class Poll {
 public:
  /** Null and `error` (a positive errno) when libuv refuses the descriptor. The handle is unref'ed. */
  static Poll* Create(Environment* environment, Socket* socket, int fd, int* error);

  void Start();
  void Stop();
  void SetRef(bool on);
  /** Closes the handle; the object deletes itself later. The descriptor may be closed right after. */
  void Close();

 private:
  Poll(Environment* environment, Socket* socket) : environment_(environment), socket_(socket) {}
  static void OnEvent(uv_poll_t* handle, int status, int events);
  static void OnClosed(uv_handle_t* handle);
  uv_handle_t* handle() { return reinterpret_cast<uv_handle_t*>(&poll_); }

  uv_poll_t poll_{};
  Environment* environment_;
  Socket* socket_;
  bool active_ = false;
};

}  // namespace tsroute2
