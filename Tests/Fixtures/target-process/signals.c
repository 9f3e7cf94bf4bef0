// Signals that must not get lost, calls that should not be interrupted, children that should not appear.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "target-process.h"

enum { timeout_milliseconds = 20 };

static bool has_signals;
static _Atomic uint64_t signal_count, value_sum, child_signal_count;
static _Atomic uint64_t call_count, interrupt_count;
static _Atomic uint64_t surprise_count;

static void receive_signal(int number, siginfo_t *information, void *context) {
  (void)context;
  if (number == SIGCHLD) {
    atomic_fetch_add(&child_signal_count, 1);
    return;
  }
  atomic_fetch_add(&signal_count, 1);
  if (information->si_code == SI_QUEUE) atomic_fetch_add(&value_sum, (uint64_t)information->si_value.sival_int);
}

static void count_call(ssize_t result) {
  if (result < 0 && errno == EINTR) atomic_fetch_add(&interrupt_count, 1);
  atomic_fetch_add(&call_count, 1);
}

// Calls that no tracer can interrupt without their noticing (signal(7), "Interruption of system calls ... by stop
// signals"). This thread blocks all signals.
static void *make_blocking_calls(void *unused) {
  (void)unused;
  int events = epoll_create1(EPOLL_CLOEXEC), sockets[2];
  if (events < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) fail("socketpair");
  const struct timeval receive_timeout = {.tv_usec = timeout_milliseconds * 1000};
  setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &receive_timeout, sizeof receive_timeout);
  const struct timespec signal_timeout = {.tv_nsec = timeout_milliseconds * 1000000};
  sigset_t awaited;
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGUSR2);
  for (;;) {
    struct epoll_event event;
    char byte;
    count_call(epoll_wait(events, &event, 1, timeout_milliseconds));
    count_call(sigtimedwait(&awaited, NULL, &signal_timeout));
    count_call(recv(sockets[0], &byte, 1, 0));
  }
  return NULL;
}

// Looks as waitpid(-1) does, but leaves our own zombie child a zombie, which hides other zombies behind it.
static void *watch_children(void *unused) {
  (void)unused;
  for (;;) {
    siginfo_t child = {0};
    int result = waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT);
    bool is_own = child.si_pid == zombie_child || child.si_pid == vfork_child;
    bool has_own = zombie_child != 0 || vfork_child != 0;
    bool is_expected = result != 0 ? errno == ECHILD : has_own && (child.si_pid == 0 || is_own);
    if (!is_expected) atomic_fetch_add(&surprise_count, 1);
    nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
  }
  return NULL;
}

void set_up_signals(void) {
  struct sigaction action = {.sa_sigaction = receive_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGRTMIN, &action, NULL) != 0 || sigaction(SIGCHLD, &action, NULL) != 0) fail("sigaction");
  start_thread(make_blocking_calls, NULL);
  start_thread(watch_children, NULL);
  has_signals = true;
  if (!wait_for_count(&call_count, 1)) fail("start a thread");
  printf("signals %d\n", SIGRTMIN);
}

bool count_signals(uint64_t *received, uint64_t *sum) {
  *received = atomic_load(&signal_count);
  *sum = atomic_load(&value_sum);
  return has_signals;
}

bool count_interrupts(uint64_t *interrupts) {
  if (!has_signals || !wait_for_count(&call_count, atomic_load(&call_count) + 1)) return false;
  *interrupts = atomic_load(&interrupt_count);
  return true;
}

bool count_children(uint64_t *signals, uint64_t *surprises) {
  *signals = atomic_load(&child_signal_count);
  *surprises = atomic_load(&surprise_count);
  return has_signals;
}
