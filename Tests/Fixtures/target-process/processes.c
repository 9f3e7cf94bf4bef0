// Children: one that has ended and stays, one that its parent's thread waits for in vfork.
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "target-process.h"

pid_t zombie_child;
pid_t vfork_child;

static _Atomic uint64_t vfork_child_number;
static pid_t vfork_thread;

void set_up_zombie_child(void) {
  zombie_child = fork();
  if (zombie_child < 0) fail("fork");
  if (zombie_child == 0) _exit(0);
  siginfo_t end;
  if (waitid(P_PID, (id_t)zombie_child, &end, WEXITED | WNOWAIT) != 0) fail("waitid");
  printf("zombie %d\n", zombie_child);
}

// The child shares this memory, so it can tell its number while its parent's thread cannot say anything. It dies with
// that thread, and with standard input.
static void *wait_in_vfork(void *unused) {
  vfork_thread = gettid();
  pid_t parent = getpid();
  pid_t child = vfork();
  if (child < 0) fail("vfork");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(0);
    atomic_store(&vfork_child_number, (uint64_t)getpid());
    struct pollfd input = {.fd = STDIN_FILENO};  // no event but the hang-up: the commands are not ours
    while (poll(&input, 1, -1) <= 0) {}
    _exit(0);
  }
  return unused;
}

void set_up_vfork(void) {
  start_thread(wait_in_vfork, NULL);
  if (!wait_for_count(&vfork_child_number, 1)) fail("vfork");
  vfork_child = (pid_t)atomic_load(&vfork_child_number);
  wait_for_state(vfork_thread, 'D');
  printf("vfork %d %d\n", vfork_thread, vfork_child);
}
