// A process whose threads wait in one system call each: what a stop does to calls that sleep.
//
//   blocked-calls [--loop] [NAME…]                    without a name: all calls
//   blocked-calls --timers MILLISECONDS [NAME…]       see run_timers in blocked-calls.h
//
// Prints `ready CALLS` once every thread sleeps in its call, then answers commands on standard input:
//   early    `early NAME…`: the calls that have returned although nothing happened that they wait for
//   wake     lets what each call waits for happen, waits until all have returned, and answers `woken NAME…` with those
//            that returned an error; with EINTR they are among the early ones
//   signal   sends every thread a signal that has a handler without SA_RESTART, and answers `handled COUNT EINTR_COUNT`
//            once the handler has run in each of them: how many calls it has made return EINTR
//   list     `list NAME…`: the calls there are
// With --loop a call that returns is made again, and `early` tells of the calls that have returned EINTR.
// It ends at the end of standard input, and with its parent.
#define _GNU_SOURCE
#include "blocked-calls.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct waiter {
  const struct blocked_call *call;
  struct call_objects objects;
  pthread_t thread;
  _Atomic pid_t tid;
  _Atomic long result;
  _Atomic int error;
  _Atomic bool has_returned, was_early, was_interrupted;
};

enum { waiter_limit = 64 };
static struct waiter waiters[waiter_limit];
static int waiter_count;
static bool loops;
static _Atomic bool is_waking;
static _Atomic int handled_count;

_Noreturn void fail(const char *what) {
  fprintf(stderr, "blocked-calls: %s: %s\n", what, strerror(errno));
  _exit(1);
}

static void handle(int number) {
  (void)number;
  atomic_fetch_add(&handled_count, 1);
}

static void *wait_in_call(void *argument) {
  struct waiter *waiter = argument;
  do {
    atomic_store(&waiter->tid, gettid());
    errno = 0;
    long result = waiter->call->block(&waiter->objects);
    atomic_store(&waiter->error, result < 0 ? errno : 0);
    atomic_store(&waiter->result, result);
    bool is_due = atomic_load(&is_waking) || (result == 0 && !waiter->call->wake);
    if (!is_due) atomic_store(&waiter->was_early, true);
    if (result < 0 && atomic_load(&waiter->error) == EINTR) atomic_store(&waiter->was_interrupted, true);
  } while (loops && !atomic_load(&is_waking));
  atomic_store(&waiter->has_returned, true);
  return NULL;
}

static void sleep_shortly(void) { nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL); }

// Whether the thread sleeps in a system call of the kind it is meant to: its number is the first word of `syscall`.
static bool is_blocked(const struct waiter *waiter) {
  pid_t tid = atomic_load(&waiter->tid);
  if (tid == 0) return false;
  char path[64], line[64] = "";
  snprintf(path, sizeof path, "/proc/self/task/%d/syscall", tid);
  FILE *file = fopen(path, "re");
  if (!file) return false;
  bool has_line = fgets(line, sizeof line, file) != NULL;
  fclose(file);
  return has_line && line[0] != 'r' && strtol(line, NULL, 10) == waiter->call->number;
}

static void add(const struct blocked_call *call) {
  if (waiter_count == waiter_limit) exit(64);
  struct waiter *waiter = &waiters[waiter_count++];
  waiter->call = call;
  prepare_objects(&waiter->objects);
  if (pthread_create(&waiter->thread, NULL, wait_in_call, waiter) != 0) fail("pthread_create");
}

static void print_those(const char *key, bool (*includes)(const struct waiter *)) {
  printf("%s", key);
  for (int i = 0; i < waiter_count; i++) {
    if (includes(&waiters[i])) printf(" %s", waiters[i].call->name);
  }
  printf("\n");
  fflush(stdout);
}

static bool was_early(const struct waiter *waiter) {
  return loops ? atomic_load(&waiter->was_interrupted) : atomic_load(&waiter->was_early);
}

static bool failed(const struct waiter *waiter) {
  return atomic_load(&waiter->error) != 0 && atomic_load(&waiter->error) != waiter->call->woken_error;
}

static bool is_any(const struct waiter *waiter) { return waiter->call != NULL; }

static void wake(void) {
  atomic_store(&is_waking, true);
  for (int i = 0; i < waiter_count; i++) {
    if (waiters[i].call->wake) waiters[i].call->wake(&waiters[i].objects, waiters[i].thread);
  }
  for (int i = 0; i < waiter_count; i++) {
    while (!atomic_load(&waiters[i].has_returned)) sleep_shortly();
  }
  print_those("woken", failed);
}

static void send_signals(void) {
  for (int i = 0; i < waiter_count; i++) pthread_kill(waiters[i].thread, SIGUSR1);
  while (atomic_load(&handled_count) < waiter_count) sleep_shortly();
  // A handler runs before its call returns.
  for (int i = 0; i < 50; i++) sleep_shortly();
  int interrupted = 0;
  for (int i = 0; i < waiter_count; i++) interrupted += atomic_load(&waiters[i].was_interrupted);
  printf("handled %d %d\n", atomic_load(&handled_count), interrupted);
  fflush(stdout);
}

static void add_wanted(const struct blocked_call *call, int count, char **names) {
  for (; call->name; call++) {
    bool is_wanted = count == 0 && (call->number != ring_call || has_ring());
    for (int i = 0; i < count; i++) is_wanted = is_wanted || strcmp(names[i], call->name) == 0;
    if (is_wanted) add(call);
  }
}

int main(int count, char **arguments) {
  pid_t parent = getppid();
  prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
  struct sigaction action = {.sa_handler = handle};
  sigaction(SIGUSR1, &action, NULL);
  signal(SIGPIPE, SIG_IGN);
  int first = 1;
  if (count > 1 && strcmp(arguments[1], "--loop") == 0) loops = ++first == 2;
  if (count > 2 && strcmp(arguments[1], "--timers") == 0) {
    run_timers(atol(arguments[2]), count - 3, arguments + 3);
  }
  add_wanted(blocked_calls, count - first, arguments + first);
  add_wanted(timed_calls, count - first, arguments + first);
  for (int i = 0; i < waiter_count; i++) {
    while (!is_blocked(&waiters[i])) sleep_shortly();
  }
  printf("ready %d\n", waiter_count);
  fflush(stdout);
  char line[64];
  while (fgets(line, sizeof line, stdin)) {
    if (strcmp(line, "early\n") == 0) print_those("early", was_early);
    if (strcmp(line, "list\n") == 0) print_those("list", is_any);
    if (strcmp(line, "wake\n") == 0) wake();
    if (strcmp(line, "signal\n") == 0) send_signals();
    if (getppid() != parent) break;
  }
  end_objects();
  _exit(0);
}
