// The second recorder: every netlink datagram of this network namespace, as the kernel hands it to an nlmon interface.
// nlmon INTERFACE FILE writes records { u32 length, u16 protocol, u16 packet type, bytes } until it is told to end
// (SIGTERM), and then what is still queued. A line on stdout says that it listens.
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define ETH_P_ALL 3

static volatile sig_atomic_t ended;
static void end(int number) { ended = number; }

static void check(int bad, const char *what) {
  if (!bad) return;
  perror(what);
  exit(1);
}

int main(int argc, char **argv) {
  static char data[1 << 20];
  check(argc != 3, "usage: nlmon INTERFACE FILE");
  FILE *file = fopen(argv[2], "wb");
  check(!file, argv[2]);
  int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));
  check(fd < 0, "socket");
  int size = 64 << 20;
  check(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0, "SO_RCVBUFFORCE");
  struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
  at.sll_ifindex = (int)if_nametoindex(argv[1]);
  check(!at.sll_ifindex, argv[1]);
  check(bind(fd, (struct sockaddr *)&at, sizeof at) < 0, "bind");
  struct sigaction action = {.sa_handler = end};
  check(sigaction(SIGTERM, &action, NULL) < 0, "sigaction");
  // Between the test of `ended` and the wait a signal would be lost: so a wait ends by itself.
  struct timeval wait = {.tv_usec = 50000};
  check(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) < 0, "SO_RCVTIMEO");
  check(write(1, "ready\n", 6) != 6, "write");
  for (;;) {
    int last = ended;
    struct sockaddr_ll from;
    socklen_t length = sizeof from;
    ssize_t n = recvfrom(fd, data, sizeof data, MSG_TRUNC | (last ? MSG_DONTWAIT : 0), (struct sockaddr *)&from, &length);
    if (n < 0 && errno == EAGAIN && last) break;
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    check(n < 0 || n > (ssize_t)sizeof data, "recvfrom");
    uint32_t count = (uint32_t)n;
    uint16_t kind[2] = {ntohs(from.sll_protocol), from.sll_pkttype};
    fwrite(&count, sizeof count, 1, file);
    fwrite(kind, sizeof kind, 1, file);
    fwrite(data, 1, count, file);
  }
  struct tpacket_stats stats;
  socklen_t length = sizeof stats;
  check(getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &length) < 0, "PACKET_STATISTICS");
  check(stats.tp_drops != 0, "datagrams were dropped");
  check(fclose(file) != 0, argv[2]);
  return 0;
}
