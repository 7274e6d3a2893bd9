/*
 * Runs a command that cannot open route netlink sockets: socket() fails with EAFNOSUPPORT, as in a kernel without them.
 * For a machine whose rtnetlink hangs, where a plain getaddrinfo() would wait for ever in a way that no signal ends.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
/* Goes on when equal, else skips `away` instructions. */
#define EQUAL(value, away) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, away)

int main(int argc, char **argv) {
  struct sock_filter filter[] = {
      LOAD(nr),      EQUAL(SYS_socket, 5),
      LOAD(args[0]), EQUAL(AF_NETLINK, 3),
      LOAD(args[2]), EQUAL(NETLINK_ROUTE, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  if (argc < 2) {
    fprintf(stderr, "usage: nortnl COMMAND [ARGUMENT...]\n");
    return 2;
  }
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
    perror("nortnl: seccomp");
    return 126;
  }
  execvp(argv[1], argv + 1);
  perror(argv[1]);
  return 127;
}
