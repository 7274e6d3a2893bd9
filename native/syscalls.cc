#include "syscalls.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace tsroute2 {

namespace {

// Older C libraries lack these; the numbers are kernel ABI.
constexpr int kSolNetlink = 270, kListenAllNsid = 8, kSoMeminfo = 55;

// Reading the clock costs about as much as a tenth of a small receive, and one 32 KiB piece of a dump takes hundreds
// of microseconds: look at it after this many bytes, of which a datagram counts for some more.
constexpr size_t kClock = 4096, kClockDatagram = 256;
// Several at once, where the first was this small, and each has room for the largest that the kernel makes.
constexpr size_t kSlots = 8, kSmall = 4096, kLarge = 96 << 10;

/** With the call that failed just now, if any. */
Opened Failed(const char* syscall, Opened result = {}) {
  result.error = syscall == nullptr ? 0 : errno;
  result.syscall = syscall;
  return result;
}

Opened OpenHere(int protocol) {
  Opened result;
  // Port id 0 lets the kernel choose one, so any number of sockets fit in one process.
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  socklen_t length = sizeof address;
  sockaddr* const any = reinterpret_cast<sockaddr*>(&address);
  result.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  const char* failed = result.fd < 0 ? "socket" : nullptr;
  if (failed == nullptr && bind(result.fd, any, length) != 0) failed = "bind";
  if (failed == nullptr && getsockname(result.fd, any, &length) != 0) failed = "getsockname";
  result.portid = address.nl_pid;
  result = Failed(failed, result);
  if (failed != nullptr && result.fd >= 0) close(result.fd);
  return result;
}

int32_t NamespaceId(msghdr* message) {
  for (cmsghdr* c = CMSG_FIRSTHDR(message); c != nullptr; c = CMSG_NXTHDR(message, c)) {
    if (c->cmsg_level == kSolNetlink && c->cmsg_type == kListenAllNsid && c->cmsg_len >= CMSG_LEN(sizeof(int32_t))) {
      int32_t nsid;
      memcpy(&nsid, CMSG_DATA(c), sizeof nsid);
      return nsid;
    }
  }
  return -1;
}

/** One datagram without its namespace: 0.2 µs less than recvmmsg, of the one or two that a request takes. */
int ReceiveOne(int fd, uint8_t* area, size_t length, Received* received) {
  sockaddr_nl from{};
  socklen_t room = sizeof from;
  const ssize_t size = recvfrom(fd, area, length, MSG_DONTWAIT | MSG_TRUNC, reinterpret_cast<sockaddr*>(&from), &room);
  *received = {static_cast<size_t>(size), from.nl_pid, -1, 0};
  return size < 0 ? -1 : 1;
}

}  // namespace

// pthread_create rather than std::thread, whose failure is an exception that this addon is built without.
bool StartThread(const std::function<void()>& body, pthread_t* thread) {
  auto run = [](void* data) -> void* {
    (*static_cast<const std::function<void()>*>(data))();
    return nullptr;
  };
  sigset_t all, before;
  sigfillset(&all);
  // Signals belong to the threads that were here before.
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int error = pthread_create(thread, nullptr, run, const_cast<std::function<void()>*>(&body));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return error == 0;
}

bool RunThread(const std::function<void()>& body) {
  pthread_t thread;
  const bool started = StartThread(body, &thread);
  if (started) pthread_join(thread, nullptr);
  return started;
}

const char* EnterNamespace(const Netns& netns) {
  int fd = netns.fd;
  // O_NONBLOCK: a path that turns out to be a FIFO must fail in setns, not hang here.
  if (netns.path != nullptr) fd = open(netns.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (netns.path != nullptr && fd < 0) return "open";
  const bool entered = setns(fd, CLONE_NEWNET) == 0;
  // Succeeds, so errno stays what setns made it.
  if (netns.path != nullptr) close(fd);
  return entered ? nullptr : "setns";
}

Opened OpenSocket(int protocol, const Netns& netns) {
  if (!netns.given) return OpenHere(protocol);
  Opened opened;
  const bool ran = RunThread([&] {
    const char* failed = EnterNamespace(netns);
    opened = failed == nullptr ? OpenHere(protocol) : Failed(failed);
  });
  return ran ? opened : Failed("pthread_create");
}

int SendDatagram(int fd, const void* data, size_t length) {
  ssize_t sent;
  do sent = send(fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : static_cast<int>(sent);
}

int ReceiveSome(int fd, uint8_t* area, size_t length, size_t most, Received* received) {
  sockaddr_nl from[kSlots] = {};
  alignas(cmsghdr) char control[kSlots][64];
  iovec iov[kSlots];
  mmsghdr messages[kSlots];
  const size_t room = most == 1 ? length : length / most & ~size_t{7};
  for (size_t i = 0; i < most; i++) {
    iov[i] = {area + i * room, room};
    messages[i] = {{&from[i], sizeof from[i], &iov[i], 1, control[i], sizeof control[i], 0}, 0};
  }
  const int count = recvmmsg(fd, messages, static_cast<unsigned>(most), MSG_DONTWAIT | MSG_TRUNC, nullptr);
  for (int i = 0; i < count; i++) {
    const size_t size = most == 1 ? messages[i].msg_len : std::min<size_t>(messages[i].msg_len, room);
    received[i] = {size, from[i].nl_pid, NamespaceId(&messages[i].msg_hdr), i * room};
  }
  return count;
}

int ReceiveDatagrams(int fd, Cache* cache, uint8_t* area, size_t length, int32_t* meta, size_t words,
                     size_t reserve, int64_t budget_ns) {
  length = std::min(length, size_t{INT32_MAX});
  reserve = std::max(reserve, kMinArea);
  const size_t most = budget_ns <= 0 ? 1 : (words - kMetaHead) / kMetaStride;
  const int64_t end = budget_ns <= 0 || budget_ns == kNoBudget ? kNoBudget : static_cast<int64_t>(uv_hrtime()) + budget_ns;

  int reason = 0;
  size_t count = 0, offset = 0, since = 0, slots = 1;
  while (count < most && (count == 0 || length - offset >= reserve)) {
    // All the space that is left, not just `reserve`: the kernel sizes the pieces of a dump by it.
    Received received[kSlots];
    const int came = cache != nullptr ? cache->Receive(area + offset, length - offset, received)
                     : most == 1      ? ReceiveOne(fd, area, length, received)
                                      : ReceiveSome(fd, area + offset, length - offset, slots, received);
    reason = came < 0 ? errno : 0;
    if (reason == EINTR) continue;
    if (reason != 0) break;
    uint8_t* const start = area + offset;
    for (int i = 0; i < came; i++) {
      const auto& [size, sender, nsid, at] = received[i];
      // MSG_TRUNC makes `size` the true length, which may lie beyond the end of the area.
      if (i > 0) memmove(area + offset, start + at, std::min(size, length - offset));
      const int32_t entry[] = {int32_t(offset), int32_t(size), int32_t(sender), nsid};
      memcpy(meta + kMetaHead + count++ * kMetaStride, entry, sizeof entry);
      offset = std::min((offset + size + 7) & ~size_t{7}, length);
      since += size + kClockDatagram;
    }
    // Events are small and come in bursts; each of several still has room for the largest.
    const bool several = cache == nullptr && received[0].size <= kSmall && most - count >= kSlots;
    slots = several && (length - offset) / kSlots >= kLarge ? kSlots : 1;
    if (since >= kClock && end != kNoBudget && static_cast<int64_t>(uv_hrtime()) >= end) break;
    since %= kClock;
  }
  meta[0] = reason;
  meta[1] = static_cast<int32_t>(count);
  return static_cast<int>(count);
}

int SetFilter(int fd, const void* program, size_t count) {
  if (count > UINT16_MAX) return -EINVAL;
  // The kernel copies the program, and checks it.
  sock_fprog code{static_cast<unsigned short>(count), static_cast<sock_filter*>(const_cast<void*>(program))};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &code, sizeof code) == 0 ? 0 : -errno;
}

int64_t Drops(int fd) {
  uint32_t info[SK_MEMINFO_VARS] = {};
  socklen_t length = sizeof info;
  if (getsockopt(fd, SOL_SOCKET, kSoMeminfo, info, &length) != 0) return -errno;
  return info[SK_MEMINFO_DROPS];
}

}  // namespace tsroute2
