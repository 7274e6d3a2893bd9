// Preloaded into `ip` and `bridge`: answers their dump with the one message in $REPLAY_FILE, so that iproute2 prints
// what it reads from exactly these bytes. Everything else (name lookups, dumps of other objects) still goes to the kernel.
// In C because iproute2 6.1 has no other way to print a stored link or route as JSON (`monitor file` prints text only).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int dump_fd = -1;
static unsigned dump_seq;
static char answer[65536 + 64];
static size_t answer_len;

static void load(int fd) {
  FILE *f = fopen(getenv("REPLAY_FILE"), "rb");
  if (!f) exit(97);
  size_t n = fread(answer, 1, sizeof answer - 64, f);
  fclose(f);
  struct sockaddr_nl self = {0};
  socklen_t len = sizeof self;
  getsockname(fd, (struct sockaddr *)&self, &len);
  n = NLMSG_ALIGN(n);
  struct nlmsghdr *stored = (struct nlmsghdr *)answer;
  // iproute2 drops a message that is not addressed to its own dump; these two fields are never printed.
  stored->nlmsg_seq = dump_seq;
  stored->nlmsg_pid = self.nl_pid;
  struct nlmsghdr *done = (struct nlmsghdr *)(answer + n);
  *done = (struct nlmsghdr){NLMSG_LENGTH(4), NLMSG_DONE, NLM_F_MULTI, dump_seq, self.nl_pid};
  memset(NLMSG_DATA(done), 0, 4);
  answer_len = n + NLMSG_LENGTH(4);
}

// Whether it is the dump to answer, where a program makes several: $REPLAY_TYPE and $REPLAY_FAMILY say which; without them
// it is that which has such messages, NEW, DEL, GET and SET of an object having numbers in this order.
static int wanted(const struct nlmsghdr *h) {
  const char *type = getenv("REPLAY_TYPE"), *family = getenv("REPLAY_FAMILY");
  static int stored = -1;
  if (dump_fd >= 0 || (h->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP) return 0;
  if (type)
    return atoi(type) == h->nlmsg_type && (!family || atoi(family) == *(const unsigned char *)NLMSG_DATA(h));
  if (stored < 0) {
    struct nlmsghdr first = {0};
    FILE *f = fopen(getenv("REPLAY_FILE"), "rb");
    if (!f || fread(&first, sizeof first, 1, f) != 1) exit(97);
    fclose(f);
    stored = first.nlmsg_type;
  }
  return h->nlmsg_type == (stored & ~3) + 2;
}

ssize_t send(int fd, const void *buf, size_t len, int flags) {
  const struct nlmsghdr *h = buf;
  if (len >= sizeof *h && wanted(h)) {
    dump_fd = fd;
    dump_seq = h->nlmsg_seq;
    load(fd);
    return (ssize_t)len;
  }
  ssize_t (*real)(int, const void *, size_t, int) = dlsym(RTLD_NEXT, "send");
  return real(fd, buf, len, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags) {
  const struct nlmsghdr *h = msg->msg_iovlen ? msg->msg_iov[0].iov_base : NULL;
  if (h && msg->msg_iov[0].iov_len >= sizeof *h && wanted(h))
    return send(fd, h, h->nlmsg_len, flags);
  ssize_t (*real)(int, const struct msghdr *, int) = dlsym(RTLD_NEXT, "sendmsg");
  return real(fd, msg, flags);
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags) {
  if (fd != dump_fd || !answer_len) {
    ssize_t (*real)(int, struct msghdr *, int) = dlsym(RTLD_NEXT, "recvmsg");
    return real(fd, msg, flags);
  }
  if (msg->msg_name) {
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    memcpy(msg->msg_name, &kernel, sizeof kernel);
    msg->msg_namelen = sizeof kernel;
  }
  size_t room = msg->msg_iovlen ? msg->msg_iov[0].iov_len : 0;
  size_t len = answer_len;
  memcpy(msg->msg_iov[0].iov_base, answer, room < len ? room : len);
  msg->msg_flags = room < len ? MSG_TRUNC : 0;
  if (!(flags & MSG_PEEK)) answer_len = 0;
  return (ssize_t)len;
}
