#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "syscalls.h"

namespace tsroute2 {

Cache* Cache::Start(int fd, size_t limit) {
  Cache* cache = new (std::nothrow) Cache(fd, limit);
  errno = ENOMEM;
  if (cache == nullptr) return nullptr;
  cache->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  cache->stop_ = eventfd(0, EFD_CLOEXEC);
  cache->run_ = [cache] { cache->Run(); };
  if (cache->event >= 0 && cache->stop_ >= 0 && StartThread(cache->run_, &cache->thread_)) return cache;
  const int error = errno;
  close(std::exchange(cache->stop_, -1));
  delete cache;
  errno = error;
  return nullptr;
}

Cache::~Cache() {
  if (stop_ >= 0) {
    eventfd_write(stop_, 1);
    pthread_join(thread_, nullptr);
    close(stop_);
  }
  close(event);
}

void Cache::Run() {
  pollfd polled[] = {{fd_, POLLIN, 0}, {stop_, POLLIN, 0}};
  while (poll(polled, 2, -1) < 0 || polled[1].revents == 0) {
    while (Take()) continue;
  }
}

bool Cache::Take() {
  // Held until it is in the queue, so that datagrams stay in order.
  const std::lock_guard<std::mutex> turn(receiving_);
  Datagram datagram{};
  const bool came = ReceiveSome(fd_, area_, sizeof area_, 1, &datagram.received) > 0;
  if (!came && errno == ENOBUFS) return congested_ = true;
  // Until its queue is empty the kernel drops more without another error: what is asked for again before is lost, too.
  if (!came && !std::exchange(congested_, false)) return false;
  if (came) datagram.data.assign(area_, area_ + std::min(datagram.received.size, sizeof area_));
  const size_t size = datagram.data.size() + sizeof datagram;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (came && bytes_ + size <= limit_) {
    bytes_ += size;
    queue_.push_back(std::move(datagram));
  } else {
    // What the kernel dropped it has counted.
    if (came) dropped++;
    (queue_.empty() ? lost_ : queue_.back().loss) = true;
  }
  if (!readable_) readable_ = eventfd_write(event, 1) == 0;
  return came;
}

int Cache::Receive(uint8_t* area, size_t length, Received* received) {
  const std::lock_guard<std::mutex> turn(receiving_);
  const std::lock_guard<std::mutex> lock(mutex_);
  // An answer to what was just sent is not left to the thread: it may not run before the socket is full of them.
  if (queue_.empty() && !lost_) {
    int came = ReceiveSome(fd_, area, length, 1, received);
    if (came < 0 && errno == ENOBUFS) congested_ = true, came = ReceiveSome(fd_, area, length, 1, received);
    if (came < 0 && errno == EAGAIN && std::exchange(congested_, false)) errno = ENOBUFS;
    return came;
  }
  Datagram datagram{};
  const int error = std::exchange(lost_, false) ? ENOBUFS : 0;
  if (error == 0) {
    datagram = std::move(queue_.front());
    queue_.pop_front();
    bytes_ -= datagram.data.size() + sizeof datagram;
    lost_ = datagram.loss;
  }
  eventfd_t count;
  if (readable_ && queue_.empty() && !lost_) readable_ = eventfd_read(event, &count) != 0;
  errno = error;
  if (error != 0) return -1;
  memcpy(area, datagram.data.data(), std::min(datagram.data.size(), length));
  *received = datagram.received;
  return 1;
}

}  // namespace tsroute2
