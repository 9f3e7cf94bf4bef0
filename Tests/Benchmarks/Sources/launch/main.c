// Runs a command and writes to a file what it took: `WAIT_STATUS NANOSECONDS CPU_NANOSECONDS PEAK_KIB`.
//
//   launch FILE COMMAND [ARGUMENT…]
//
// The kernel counts the resident size of whoever starts a program (vfork, exec) as a peak of that program. So something
// as small as this has to start it. Status 0: the command was run, however it ended; 127: it could not be; 64: wrong
// usage.
#define _GNU_SOURCE
#include <inttypes.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t read_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t nanoseconds(struct timeval time) {
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_usec * 1000;
}

int main(int count, char **arguments) {
  if (count < 3) return 64;
  pid_t child;
  uint64_t started = read_clock();
  int error = posix_spawnp(&child, arguments[2], NULL, NULL, arguments + 2, environ);
  if (error != 0) {
    fprintf(stderr, "launch: %s: %s\n", arguments[2], strerror(error));
    return 127;
  }
  int status;
  struct rusage usage;
  if (wait4(child, &status, 0, &usage) != child) return 127;
  uint64_t elapsed = read_clock() - started;
  FILE *report = fopen(arguments[1], "we");
  if (!report) return 127;
  fprintf(report, "%d %" PRIu64 " %" PRIu64 " %ld\n", status, elapsed,
          nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime), usage.ru_maxrss);
  return fclose(report) == 0 ? 0 : 127;
}
