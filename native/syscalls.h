// The system calls behind a netlink socket. Nothing here knows of JavaScript, and nothing looks into a datagram.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>

namespace tsroute2 {

/** Which network namespace to open a socket in: none (the process's own), a path, or an open descriptor. */
struct Netns {
  const char* path = nullptr;
  int fd = -1;
  bool given = false;
};

/** Outcome of OpenSocket: a bound descriptor, or the system call that failed and its errno. */
struct Opened {
  int fd = -1;
  uint32_t portid = 0;
  int error = 0;
  const char* syscall = nullptr;
};

/** Layout of the meta array; the same numbers as META_HEAD and META_STRIDE in src/transport/transport.ts. */
constexpr size_t kMetaHead = 2;
constexpr size_t kMetaStride = 4;
/** The size of a netlink header: a receive area smaller than this is a mistake. */
constexpr size_t kMinArea = 16;
/** A budget that never ends. */
constexpr int64_t kNoBudget = INT64_MAX;

/** Starts `body`, which stays the caller's, on a thread without signals. When there is none, errno says why. */
bool StartThread(const std::function<void()>& body, pthread_t* thread);
/** Runs `body` to its end on a thread of its own, without signals. When there is none, errno says why. */
bool RunThread(const std::function<void()>& body);
/** Moves this thread, which must be one of RunThread. Null, or the call that failed. */
const char* EnterNamespace(const Netns& netns);

Opened OpenSocket(int protocol, const Netns& netns);

/** Bytes sent, or -errno. */
int SendDatagram(int fd, const void* data, size_t length);

/** A datagram, `at` bytes into the space. A size beyond the space means that it was cut. */
struct Received {
  size_t size;
  uint32_t sender;
  int32_t nsid;
  size_t at;
};

/** As recvmmsg without waiting: up to `most`, in equal parts of the space. */
int ReceiveSome(int fd, uint8_t* area, size_t length, size_t most, Received* received);

/** A thread that takes datagrams off a socket while JavaScript is busy, into a queue of `limit` bytes. */
class Cache {
 public:
  /** Null, and errno says why, when there is none to be had. The socket stays the caller's, and outlives this. */
  static Cache* Start(int fd, size_t limit);
  ~Cache();
  /** As ReceiveSome, one: ENOBUFS once where something was lost, EAGAIN when there is nothing. */
  int Receive(uint8_t* area, size_t length, Received* received);

  /** A descriptor that is readable as long as Receive has something to say. */
  int event = -1;
  /** Datagrams that found the queue full. */
  std::atomic<uint32_t> dropped{0};

 private:
  struct Datagram {
    Received received;
    /** Whether something was lost behind it. */
    bool loss;
    std::string data;
  };
  Cache(int fd, size_t limit) : fd_(fd), limit_(limit) {}
  void Run();
  bool Take();

  const int fd_;
  const size_t limit_;
  int stop_ = -1;
  pthread_t thread_{};
  std::function<void()> run_;
  // What follows belongs to who takes datagrams off the socket.
  std::mutex receiving_;
  bool congested_ = false;
  uint8_t area_[1 << 20];
  // What follows the mutex belongs to both threads.
  std::mutex mutex_;
  std::deque<Datagram> queue_;
  size_t bytes_ = 0;
  bool lost_ = false, readable_ = false;
};

/** Fills `area` and `meta` as Transport.receive says, from the cache if there is one. The number of datagrams. */
int ReceiveDatagrams(int fd, Cache* cache, uint8_t* area, size_t length, int32_t* meta, size_t words,
                     size_t reserve, int64_t budget_ns);

/** Has the kernel drop what the classic BPF program of `count` instructions returns 0 for. 0, or -errno. */
int SetFilter(int fd, const void* program, size_t count);
/** Datagrams dropped at the socket, or -errno. */
int64_t Drops(int fd);

}  // namespace tsroute2
