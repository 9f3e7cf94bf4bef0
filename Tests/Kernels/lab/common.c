#define _GNU_SOURCE
#include "lab.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

_Noreturn void lab_die(const char *what) {
  perror(what);
  exit(70);
}

uint64_t lab_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void lab_pass(uint64_t us) {
  nanosleep(&(struct timespec){(time_t)(us / 1000000), (long)(us % 1000000) * 1000}, NULL);
}

struct lab_state *lab_open_state(const char *path, bool create) {
  int file = open(path, create ? O_RDWR | O_CREAT | O_TRUNC : O_RDWR, 0666);
  if (file < 0 || (create && ftruncate(file, sizeof(struct lab_state)))) lab_die(path);
  void *state = mmap(NULL, sizeof(struct lab_state), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (state == MAP_FAILED) lab_die("mmap");
  close(file);
  return state;
}

int lab_start(char **command) {
  int child = fork();
  if (child) return child;
  // What was started does not outlive us.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int null = open("/dev/null", O_RDWR);
  dup2(null, 0), dup2(null, 1), dup2(null, 2);
  execvp(command[0], command);
  _exit(127);
}
