// Threads that make a call with a timeout and look at the clock when it returns, as an event loop does.
#define _GNU_SOURCE
#include "blocked-calls.h"

#include <errno.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { returns = 2 };
static long milliseconds;
static struct timespec timeout;

static long wait_for_events(void) {
  struct epoll_event event;
  return epoll_wait(epoll_create1(EPOLL_CLOEXEC), &event, 1, (int)milliseconds);
}

static long wait_for_events_2(void) {
  struct epoll_event event;
  return syscall(441, epoll_create1(EPOLL_CLOEXEC), &event, 1, &timeout, NULL, 8);
}

static long wait_for_semaphore(void) {
  int semaphores = semget(IPC_PRIVATE, 1, 0600 | IPC_CREAT);
  struct sembuf operation = {.sem_op = -1};
  long result = semtimedop(semaphores, &operation, 1, &timeout);
  int error = errno;
  semctl(semaphores, 0, IPC_RMID);
  errno = error;
  return result;
}

static long wait_for_signal(void) {
  sigset_t awaited;
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &awaited, NULL);
  return sigtimedwait(&awaited, NULL, &timeout);
}

static int timed_socket(void) {
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) fail("socketpair");
  struct timeval time = {.tv_sec = timeout.tv_sec, .tv_usec = timeout.tv_nsec / 1000};
  setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  return sockets[0];
}

static long wait_for_message(void) {
  char byte;
  return recv(timed_socket(), &byte, 1, 0);
}

static long wait_for_bytes(void) {
  char byte;
  return read(timed_socket(), &byte, 1);
}

static long wait_for_requests(void) {
  unsigned long context = 0;
  struct io_event event;
  if (syscall(SYS_io_setup, 1, &context) != 0) fail("io_setup");
  return syscall(SYS_io_getevents, context, 1L, 1L, &event, &timeout);
}

static long wait_for_ring(void) {
  struct io_uring_params parameters = {.flags = 0};
  long ring = syscall(425 /* io_uring_setup */, 4, &parameters);
  struct { uint64_t signals; uint32_t size, least; uint64_t time; } arguments = {.time = (uintptr_t)&timeout};
  const long extended = 8; // IORING_ENTER_EXT_ARG
  return syscall(ring_call, ring, 0, 1, IORING_ENTER_GETEVENTS | extended, &arguments, sizeof arguments);
}

static const struct timer {
  const char *name;
  long (*wait)(void);
  int error; // of a call whose time is over; 0: it returns 0
} timers[] = {
  {"epoll_wait", wait_for_events, 0},
  {"epoll_pwait2", wait_for_events_2, 0},
  {"semtimedop", wait_for_semaphore, EAGAIN},
  {"sigtimedwait", wait_for_signal, EAGAIN},
  {"recv", wait_for_message, EAGAIN},
  {"read", wait_for_bytes, EAGAIN},
  {"io_getevents", wait_for_requests, 0},
  {"io_uring_enter", wait_for_ring, ETIME},
};

static void *run(void *argument) {
  const struct timer *timer = argument;
  for (int i = 0; i < returns; i++) {
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    errno = 0;
    long result = timer->wait();
    int error = result < 0 ? errno : 0;
    clock_gettime(CLOCK_MONOTONIC, &end);
    long microseconds = (end.tv_sec - start.tv_sec) * 1000000 + (end.tv_nsec - start.tv_nsec) / 1000;
    printf("%s %ld %d\n", timer->name, microseconds, result <= 0 && error == timer->error);
    fflush(stdout);
  }
  return NULL;
}

void run_timers(long all_milliseconds, int count, char **names) {
  milliseconds = all_milliseconds;
  timeout = (struct timespec){.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
  for (size_t i = 0; i < sizeof timers / sizeof *timers; i++) {
    bool is_wanted = count == 0 && (timers[i].wait != wait_for_ring || has_ring());
    for (int k = 0; k < count; k++) is_wanted = is_wanted || strcmp(names[k], timers[i].name) == 0;
    pthread_t thread;
    if (is_wanted && pthread_create(&thread, NULL, run, (void *)&timers[i]) != 0) fail("pthread_create");
  }
  printf("ready\n");
  fflush(stdout);
  char line[64];
  while (fgets(line, sizeof line, stdin)) {}
  _exit(0);
}
