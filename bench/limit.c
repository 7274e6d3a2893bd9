// The limit, for `npm run bench`: what the kernel itself takes, asked from C with nothing in between.
// Usage: limit WORKLOAD. The last line on stdout is JSON; settings come from the environment (N, ITER, IFACE, GW, FAMILY,
// RCVBUF). Workloads: recv-routes, decode-routes, recv-links, decode-links, get-link, {add,del}-{seq,batch,window},
// mixed (makes the second set of routes), burst, burst-seq (200,000 events), events.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char out[1 << 17], in[1 << 20];
static size_t used;
static uint32_t seq;

static long setting(const char *name, long otherwise) {
  const char *text = getenv(name);
  return text != NULL && *text != '\0' ? atol(text) : otherwise;
}

static void fail(const char *what) { perror(what), exit(1); }

static double started, started_cpu;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static double cpu(void) {
  struct rusage r;
  getrusage(RUSAGE_SELF, &r);
  return r.ru_utime.tv_sec + r.ru_stime.tv_sec + (r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static void start(void) {
  started = now();
  started_cpu = cpu();
}

static void report(long n, long times, double seconds, const char *more) {
  struct rusage r;
  const double used_cpu = (cpu() - started_cpu) / times;
  getrusage(RUSAGE_SELF, &r);
  printf("{\"n\":%ld,\"seconds\":%.7f,\"cpu_seconds\":%.7f,\"peak_rss_kb\":%ld%s}\n", n, seconds, used_cpu, r.ru_maxrss, more);
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static int open_socket(unsigned group) {
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  const int on = 1, room = (int)setting("RCVBUF", 0);
  struct sockaddr_nl address = {.nl_family = AF_NETLINK};
  if (fd < 0) fail("socket");
  setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  if (room > 0 && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0) fail("SO_RCVBUFFORCE");
  if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) fail("bind");
  if (group != 0 && setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0) fail("membership");
  return fd;
}

static void *append(const void *data, size_t length) {
  char *place = out + used;
  const size_t padded = (length + 3) & ~(size_t)3;
  memset(place, 0, padded);
  if (data != NULL) memcpy(place, data, length);
  used += padded;
  return place;
}

static struct nlmsghdr *begin(int type, int flags, const void *body, size_t length) {
  struct nlmsghdr *h = append(NULL, sizeof *h);
  h->nlmsg_type = (uint16_t)type;
  h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
  h->nlmsg_seq = ++seq;
  append(body, length);
  return h;
}

static void end(struct nlmsghdr *h) { h->nlmsg_len = (uint32_t)(out + used - (char *)h); }

static void attribute(int type, const void *data, size_t length) {
  const struct rtattr a = {.rta_len = (uint16_t)RTA_LENGTH(length), .rta_type = (uint16_t)type};
  append(&a, sizeof a);
  append(data, length);
}

static void post(int fd) {
  if (send(fd, out, used, 0) < 0) fail("send");
  used = 0;
}

static size_t get(int fd) {
  ssize_t n;
  do n = recv(fd, in, sizeof in, 0);
  while (n < 0 && errno == EINTR);
  if (n < 0) fail("recv");
  return (size_t)n;
}

// ---- dumps ----

struct route {
  uint32_t table, priority, oif, flags;
  uint8_t head[8], dst[16], gateway[16];
};
static struct route *routes;
static long kept, room;
static volatile uint64_t sink;

static void keep_route(const struct nlmsghdr *h) {
  const struct rtmsg *m = NLMSG_DATA(h);
  int left = (int)RTM_PAYLOAD(h);
  if (kept == room) {
    room = room == 0 ? 4096 : 2 * room;
    routes = realloc(routes, (size_t)room * sizeof *routes);
    if (routes == NULL) fail("realloc");
  }
  struct route *r = &routes[kept++];
  memset(r, 0, sizeof *r);
  memcpy(r->head, m, sizeof r->head);
  r->flags = m->rtm_flags;
  for (const struct rtattr *a = RTM_RTA(m); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
    const size_t n = RTA_PAYLOAD(a);
    void *to = NULL;
    switch (a->rta_type & NLA_TYPE_MASK) {
      case RTA_TABLE: to = &r->table; break;
      case RTA_PRIORITY: to = &r->priority; break;
      case RTA_OIF: to = &r->oif; break;
      case RTA_DST: to = r->dst; break;
      case RTA_GATEWAY: to = r->gateway; break;
    }
    if (to != NULL && n <= 16) memcpy(to, RTA_DATA(a), n);
  }
}

static uint64_t walk(const struct rtattr *a, int left, int depth) {
  uint64_t sum = 0;
  for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
    const int type = a->rta_type & NLA_TYPE_MASK;
    const uint8_t *p = RTA_DATA(a);
    const size_t n = RTA_PAYLOAD(a);
    if (depth < 3 && ((a->rta_type & NLA_F_NESTED) != 0 || type == IFLA_LINKINFO || type == IFLA_AF_SPEC))
      sum += walk((const void *)p, (int)n, depth + 1);
    else
      for (size_t i = 0; i < n; i++) sum += p[i];
  }
  return sum;
}

/** One dump; returns the number of rows, or 0 when they are only received. */
static long dump(int fd, bool links, bool decode) {
  const uint32_t mask = RTEXT_FILTER_VF;
  const struct ifinfomsg link = {0};
  const struct rtmsg route = {.rtm_family = (uint8_t)setting("FAMILY", AF_INET)};
  struct nlmsghdr *h = links ? begin(RTM_GETLINK, NLM_F_DUMP, &link, sizeof link)
                             : begin(RTM_GETROUTE, NLM_F_DUMP, &route, sizeof route);
  if (links) attribute(IFLA_EXT_MASK, &mask, sizeof mask);
  end(h);
  post(fd);
  kept = 0;
  for (long rows = 0;;) {
    // As large as the kernel makes the pieces of a dump.
    ssize_t n = recv(fd, in, 32768, 0);
    if (n < 0) fail("recv");
    if (!decode) {
      // What ends a dump is alone in its datagram, or last in it.
      const struct nlmsghdr *last = (void *)(n > 20 ? in + n - 20 : in);
      if (((struct nlmsghdr *)in)->nlmsg_type == NLMSG_DONE || (last->nlmsg_type == NLMSG_DONE && last->nlmsg_len == 20))
        return 0;
      continue;
    }
    int left = (int)n;
    for (struct nlmsghdr *m = (void *)in; NLMSG_OK(m, left); m = NLMSG_NEXT(m, left)) {
      if (m->nlmsg_type == NLMSG_DONE) return rows;
      if (m->nlmsg_type == NLMSG_ERROR) fail("dump");
      rows++;
      if (links)
        sink += walk(IFLA_RTA(NLMSG_DATA(m)), (int)IFLA_PAYLOAD(m), 0);
      else
        keep_route(m);
    }
  }
}

/** ITER dumps; of more than one the first warms up. */
static void dumps(bool links, bool decode) {
  const long times = setting("ITER", 1), counted = times > 1 ? times - 1 : 1;
  const int fd = open_socket(0);
  double *took = malloc((size_t)times * sizeof *took);
  long rows = 0;
  if (times > 1) dump(fd, links, decode);
  start();
  for (long i = 0; i < counted; i++) {
    const double before = now();
    rows = dump(fd, links, decode);
    took[i] = now() - before;
  }
  qsort(took, (size_t)counted, sizeof *took, ascending);
  report(rows, counted, took[counted / 2], "");
}

static void get_link(void) {
  const long n = setting("N", 10000);
  const char *name = getenv("IFACE");
  const int fd = open_socket(0);
  const uint32_t mask = RTEXT_FILTER_VF;
  const struct ifinfomsg none = {0};
  double *took = malloc((size_t)n * sizeof *took);
  start();
  for (long i = 0; i < n; i++) {
    const double before = now();
    struct nlmsghdr *h = begin(RTM_GETLINK, 0, &none, sizeof none);
    attribute(IFLA_IFNAME, name, strlen(name) + 1);
    attribute(IFLA_EXT_MASK, &mask, sizeof mask);
    end(h);
    post(fd);
    get(fd);
    const struct nlmsghdr *m = (void *)in;
    if (m->nlmsg_type != RTM_NEWLINK) fail("no link");
    sink += walk(IFLA_RTA(NLMSG_DATA(m)), (int)IFLA_PAYLOAD(m), 0);
    took[i] = now() - before;
  }
  const double all = now() - started;
  char more[64];
  qsort(took, (size_t)n, sizeof *took, ascending);
  snprintf(more, sizeof more, ",\"p50_us\":%.2f", took[n / 2] * 1e6);
  report(n, 1, all, more);
}

// ---- writes ----

static int oif;
static uint32_t gateway;

static void uniform_route(bool del, long i, bool ack) {
  const struct rtmsg m = {.rtm_family = AF_INET, .rtm_dst_len = 24, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_STATIC,
                          .rtm_type = RTN_UNICAST};
  const uint32_t dst = htonl(0x10000000u + ((uint32_t)i << 8)), priority = 100;
  struct nlmsghdr *h = begin(del ? RTM_DELROUTE : RTM_NEWROUTE,
                             (ack ? NLM_F_ACK : 0) | (del ? 0 : NLM_F_CREATE | NLM_F_EXCL), &m, sizeof m);
  attribute(RTA_DST, &dst, 4);
  attribute(RTA_GATEWAY, &gateway, 4);
  attribute(RTA_OIF, &oif, 4);
  attribute(RTA_PRIORITY, &priority, 4);
  end(h);
}

static void expect(int fd, long answers) {
  while (answers > 0) {
    int left = (int)get(fd);
    for (struct nlmsghdr *m = (void *)in; NLMSG_OK(m, left); m = NLMSG_NEXT(m, left), answers--) {
      const struct nlmsgerr *e = NLMSG_DATA(m);
      if (m->nlmsg_type == NLMSG_ERROR && e->error == 0) continue;
      errno = m->nlmsg_type == NLMSG_ERROR ? -e->error : EPROTO;
      fail("answer");
    }
  }
}

/** `portion` messages a send; all of them ask for an acknowledgement, or only the last. */
static void writes(int fd, bool del, long n, long portion, bool each) {
  for (long i = 0; i < n;) {
    long k = 0;
    for (; k < portion && i < n; k++, i++) uniform_route(del, i, each || k == portion - 1 || i == n - 1);
    post(fd);
    expect(fd, each ? k : 1);
  }
}

static void write_workload(const char *workload) {
  const char *mode = workload + 4;
  const int fd = open_socket(0);
  const long n = setting("N", 100000);
  start();
  if (strcmp(mode, "seq") == 0) writes(fd, *workload == 'd', n, 1, true);
  if (strcmp(mode, "batch") == 0) writes(fd, *workload == 'd', n, 512, false);
  if (strcmp(mode, "window") == 0) writes(fd, *workload == 'd', n, 100, true);
  report(n, 1, now() - started, "");
}

/** The same numbers in every run. */
static uint32_t next_random(void) {
  static uint64_t state = 42;
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(state >> 32);
}

/** Routes as a router has them: both families, a thousand gateways, every length of prefix, in no order, some by two ways. */
static void mixed(void) {
  const int fd = open_socket(0);
  const long n = setting("N", 100000);
  for (long i = 0; i < n; i++) {
    const bool six = i % 4 == 3;
    const size_t size = six ? 16 : 4;
    struct rtmsg m = {.rtm_family = six ? AF_INET6 : AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_BGP,
                      .rtm_type = RTN_UNICAST};
    uint8_t dst[16], way[2][16] = {{0xfe, 0x80}, {0xfe, 0x80}};
    for (size_t b = 0; b < 16; b++) dst[b] = (uint8_t)(next_random() >> 9);
    dst[0] = six ? 0x20 : (uint8_t)(16 + dst[0] % 64);
    m.rtm_dst_len = (uint8_t)(six ? 16 + i / 4 % 113 : 12 + i % 21);
    for (unsigned bit = m.rtm_dst_len; bit < 8 * size; bit++) dst[bit / 8] &= (uint8_t)~(0x80 >> bit % 8);
    for (int w = 0; w < 2; w++) {
      const uint32_t number = next_random() % 1000 + 2, v4 = htonl(0x0aff0000u + number);
      if (six)
        way[w][14] = (uint8_t)(number >> 8), way[w][15] = (uint8_t)number;
      else
        memcpy(way[w], &v4, 4);
    }
    struct nlmsghdr *h = begin(RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, &m, sizeof m);
    attribute(RTA_DST, dst, size);
    if (i % 20 == 0 && memcmp(way[0], way[1], size) != 0) {
      struct rtattr *ways = append(&(struct rtattr){.rta_type = RTA_MULTIPATH}, sizeof *ways);
      for (int w = 0; w < 2; w++) {
        struct rtnexthop *hop = append(&(struct rtnexthop){.rtnh_ifindex = oif}, sizeof *hop);
        attribute(RTA_GATEWAY, way[w], size);
        hop->rtnh_len = (uint16_t)(out + used - (char *)hop);
      }
      ways->rta_len = (uint16_t)(out + used - (char *)ways);
    } else {
      attribute(RTA_GATEWAY, way[0], size);
      attribute(RTA_OIF, &oif, 4);
    }
    end(h);
    post(fd);
    expect(fd, 1);
  }
}

/** Counts events until the standard input ends, and what waits then is read. */
static void events(void) {
  const int fd = open_socket(RTNLGRP_IPV4_ROUTE);
  struct pollfd watched[] = {{.fd = fd, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
  long n = 0, overruns = 0;
  double first = 0, last = 0;
  fputs("READY\n", stderr);
  start();
  for (bool over = false;;) {
    if (poll(watched, over ? 1 : 2, over ? 300 : -1) == 0) break;
    if (!over && watched[1].revents != 0) over = true;
    if (watched[0].revents == 0) continue;
    int left = (int)recv(fd, in, sizeof in, MSG_DONTWAIT);
    if (left < 0) {
      if (errno == ENOBUFS) overruns++;
      continue;
    }
    last = now();
    if (first == 0) first = last;
    for (struct nlmsghdr *m = (void *)in; NLMSG_OK(m, left); m = NLMSG_NEXT(m, left)) {
      sink += walk(RTM_RTA(NLMSG_DATA(m)), (int)RTM_PAYLOAD(m), 3);
      n++;
    }
  }
  int room = 0;
  getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, &(socklen_t){sizeof room});
  char more[64];
  snprintf(more, sizeof more, ",\"overruns\":%ld,\"rcvbuf\":%d", overruns, room);
  report(n, 1, last > first ? last - first : 1e-9, more);
}

int main(int argc, char **argv) {
  const char *w = argc > 1 ? argv[1] : "", *name = getenv("IFACE"), *way = getenv("GW");
  oif = name == NULL ? 0 : (int)if_nametoindex(name);
  if (way != NULL) inet_pton(AF_INET, way, &gateway);
  if (strncmp(w, "recv-", 5) == 0 || strncmp(w, "decode-", 7) == 0) {
    dumps(strstr(w, "links") != NULL, *w == 'd');
  } else if (strcmp(w, "get-link") == 0) {
    get_link();
  } else if (strcmp(w, "mixed") == 0) {
    mixed();
  } else if (strcmp(w, "events") == 0) {
    events();
  } else if (strncmp(w, "burst", 5) == 0) {
    const int fd = open_socket(0);
    const long n = setting("N", 100000), portion = w[5] == '\0' ? 512 : 1;
    writes(fd, false, n, portion, false);
    writes(fd, true, n, portion, false);
  } else if (strncmp(w, "add-", 4) == 0 || strncmp(w, "del-", 4) == 0) {
    write_workload(w);
  } else {
    fprintf(stderr, "no workload %s\n", w);
    return 3;
  }
  return 0;
}
