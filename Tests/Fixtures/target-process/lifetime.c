// How the process starts and ends: never without its parent, never leaving a temporary file.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "target-process.h"

static int parent_handle = -1;

// The kernel sends the signal when the parent *thread* ends (PR_SET_PDEATHSIG(2const)). A test runner's thread may end
// early, so with `spawned_by_thread` the signal is only SIGCONT, which a running process does not notice and which
// lets a stopped one run again, and the command loop watches the parent process itself.
void die_with_parent(bool spawned_by_thread) {
  pid_t parent = getppid();
  if (prctl(PR_SET_PDEATHSIG, spawned_by_thread ? SIGCONT : SIGKILL) != 0) fail("PR_SET_PDEATHSIG");
  if (spawned_by_thread && parent_handle < 0) parent_handle = (int)syscall(SYS_pidfd_open, parent, 0);
  if (getppid() != parent) _exit(1);
}

int parent_descriptor(void) {
  return parent_handle;
}

_Noreturn void fail(const char *what) {
  fprintf(stderr, "target-process: %s: %s\n", what, strerror(errno));
  remove_files();
  _exit(1);
}

_Noreturn void finish(void) {
  fflush(stdout);
  remove_files();
  _exit(0);  // ends all threads at once and runs no handlers
}

static void sleep_shortly(void) {
  nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
}

static bool is_past(const struct timespec *deadline) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec > deadline->tv_sec || (now.tv_sec == deadline->tv_sec && now.tv_nsec > deadline->tv_nsec);
}

static struct timespec a_minute_from_now(void) {
  struct timespec deadline;
  clock_gettime(CLOCK_MONOTONIC, &deadline);
  deadline.tv_sec += 60;
  return deadline;
}

bool wait_for_count(const _Atomic uint64_t *counter, uint64_t goal) {
  struct timespec deadline = a_minute_from_now();
  while (atomic_load(counter) < goal) {
    if (is_past(&deadline)) return false;
    sleep_shortly();
  }
  return true;
}

static char state_of_thread(pid_t thread) {
  char path[64], line[512];
  snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread);
  FILE *file = fopen(path, "re");
  if (!file) return 0;
  size_t length = fread(line, 1, sizeof line - 1, file);
  fclose(file);
  line[length] = 0;
  char *name_end = strrchr(line, ')');
  return name_end && name_end[1] == ' ' ? name_end[2] : 0;
}

void wait_for_state(pid_t thread, char state) {
  struct timespec deadline = a_minute_from_now();
  while (state_of_thread(thread) != state) {
    if (is_past(&deadline)) {
      errno = ETIMEDOUT;
      fail("wait for the state of a thread");
    }
    sleep_shortly();
  }
}
