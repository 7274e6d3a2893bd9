// The system calls behind a netlink socket. Nothing here knows of JavaScript, and nothing looks into a datagram.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

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
  /** Whether the failure is about the namespace's path. */
  bool in_path = false;
};

/** Layout of the meta array; the same numbers as META_HEAD and META_STRIDE in src/transport/transport.ts. */
constexpr size_t kMetaHead = 2;
constexpr size_t kMetaStride = 4;
/** The size of a netlink header: a receive area smaller than this is a mistake. */
constexpr size_t kMinArea = 16;
/** A budget that never ends. */
constexpr int64_t kNoBudget = INT64_MAX;

/** Runs `body` to its end on a thread of its own, without signals. When there is none, errno says why. */
bool RunThread(const std::function<void()>& body);
/** Moves this thread, which must be one of RunThread. Null, or the call that failed. */
const char* EnterNamespace(const Netns& netns);

Opened OpenSocket(int protocol, const Netns& netns);

/** Bytes sent, or -errno. */
int SendDatagram(int fd, const void* data, size_t length);

/** Fills `area` and `meta` as Transport.receive says and returns the number of datagrams. */
int ReceiveDatagrams(int fd, uint8_t* area, size_t length, int32_t* meta, size_t words, size_t reserve,
                     int64_t budget_ns);

/** 0, or -errno. */
int SetOption(int fd, int level, int name, int value);
/** The option's value, or -errno. */
int GetOption(int fd, int level, int name);
/** Has the kernel drop what the classic BPF program of `count` instructions returns 0 for. 0, or -errno. */
int SetFilter(int fd, const void* program, size_t count);
/** Datagrams dropped at the socket, or -errno. */
int64_t Drops(int fd);

}  // namespace tsroute2
