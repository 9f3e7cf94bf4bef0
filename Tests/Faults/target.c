// The process that is looked at: it knows what it was, and whether it still is.
//
//   target
//
// It has a quiet region (texts, endpoints and socket addresses among numbers; never written again), 500 sessions on its heap
// that a variable holds, and `beat_count` threads that wait a millisecond again and again, each in its own kind of call, and
// check after each wait that the call, a computation and their own block of the heap are as they ought to be. It prints
// `pid PID`, `region START END` (hexadecimal) and `ready`, then answers each line on standard input:
//
//   (empty)    `GAP BAD`: since the last such line, the longest time in nanoseconds in which some thread did not run, and
//              what was found wrong (enum below), as bits
//   grow       `grown`, once it has 500 sessions more
//
// SIGUSR1 makes it leave a zombie; SIGURG makes a wait return EINTR. Both are for the controls. Addresses are the same in
// every run. It ends at the end of standard input, and with its parent.
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { beat_count = 8, page_size = 4096, quiet_size = 2 << 20, session_count = 500, session_limit = 2 * session_count };
enum { bad_sleep = 1, bad_number = 2, bad_heap = 4, bad_quiet = 8, bad_epoll = 16, bad_poll = 32 };

struct beat {
  pthread_t thread;
  _Atomic long last, longest_gap;
};
static struct beat beats[beat_count];
static _Atomic int found_bad;
static sem_t started;
static unsigned char *quiet;
static uint64_t quiet_sum;
char *sessions[session_limit];  // not static: a variable with a name

_Noreturn static void fail(const char *what) {
  fprintf(stderr, "target: %s: %s\n", what, strerror(errno));
  exit(1);
}

static long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000L + time.tv_nsec;
}

static uint64_t sum_of_quiet(void) {
  uint64_t sum = 0;
  for (size_t i = 0; i < quiet_size; i += sizeof sum) {
    uint64_t word;
    memcpy(&word, quiet + i, sizeof word);
    sum = (sum ^ word) * 1099511628211UL;
  }
  return sum;
}

// Numbers that compress badly and look like nothing, with 1000 endpoints in them, as text and as socket address.
static void fill_quiet(void) {
  unsigned char *pages = mmap(NULL, quiet_size + 2 * page_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) fail("mmap");
  quiet = pages + page_size;  // between two pages without permissions, so that it is a region of its own
  if (mprotect(quiet, quiet_size, PROT_READ | PROT_WRITE) != 0) fail("mprotect");
  uint64_t number = 88172645463325252UL;
  for (size_t i = 0; i < quiet_size; i += sizeof number) {
    number ^= number << 13, number ^= number >> 7, number ^= number << 17;
    memcpy(quiet + i, &number, sizeof number);
  }
  for (int i = 0; i < 1000; i++) {
    char *place = (char *)quiet + (size_t)i * 2048;
    sprintf(place, " 10.%d.%d.7:%d ", i / 256, i % 256, 1000 + i);
    struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(2000 + i), .sin_addr.s_addr = htonl(0x0a640000 + i)};
    memcpy(place + 64, &address, sizeof address);
  }
  quiet_sum = sum_of_quiet();
}

static void add_sessions(void) {
  static int count;
  for (int end = count + session_count; count < end; count++) {
    sessions[count] = malloc(1024);
    if (!sessions[count]) fail("malloc");
    memset(sessions[count], 0, 1024);
    sprintf(sessions[count], "session %d at 10.200.0.%d:80", count, count % 250);
  }
}

// Waits a millisecond in the kind of call that is this thread's, and tells whether it was ended too early.
static int wait_in(int kind, int epoll) {
  struct epoll_event event;
  errno = 0;
  switch (kind % 3) {
    case 0: return nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL) == 0 ? 0 : bad_sleep;
    case 1: return epoll_wait(epoll, &event, 1, 1) == 0 ? 0 : bad_epoll;
    default: return poll(NULL, 0, 1) == 0 ? 0 : bad_poll;
  }
}

static bool is_filled(const unsigned char *block, unsigned char value) {
  for (int i = 0; i < page_size; i++)
    if (block[i] != value) return false;
  return true;
}

static void *run_beat(void *argument) {
  struct beat *beat = argument;
  int index = (int)(beat - beats);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  unsigned char *block = malloc(page_size);
  if (epoll < 0 || !block) fail("start of a thread");
  memset(block, index + 1, page_size);
  beat->last = now();
  sem_post(&started);
  double one = 1;
  for (long round = 1;; round++) {
    int bad = wait_in(index, epoll);
    one = one * 1.5 / 1.5;
    if (one != 1) bad |= bad_number, one = 1;
    if (round % 50 == 0 && !is_filled(block, (unsigned char)(index + 1))) bad |= bad_heap;
    if (bad) atomic_fetch_or(&found_bad, bad);
    long time = now(), gap = time - beat->last;
    if (gap > beat->longest_gap) beat->longest_gap = gap;
    beat->last = time;
  }
  return NULL;
}

static void report(void) {
  long longest = 0;
  for (struct beat *beat = beats; beat < beats + beat_count; beat++) {
    long gap = atomic_exchange(&beat->longest_gap, 0), waited = now() - beat->last;
    if (waited > gap) gap = waited;  // it stands still right now
    if (gap > longest) longest = gap;
  }
  int bad = atomic_exchange(&found_bad, 0);
  if (sum_of_quiet() != quiet_sum) bad |= bad_quiet, quiet_sum = sum_of_quiet();
  printf("%ld %d\n", longest, bad);
}

static void leave_zombie(int number) {
  (void)number;
  if (fork() == 0) _exit(0);
}
static void ignore(int number) { (void)number; }

// The first thread alone sees SIGUSR1: it would end the wait of another.
static void start_beats(void) {
  sigset_t first_thread_only;
  sigemptyset(&first_thread_only);
  sigaddset(&first_thread_only, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &first_thread_only, NULL);
  sem_init(&started, 0, 0);
  for (struct beat *beat = beats; beat < beats + beat_count; beat++) {
    if (pthread_create(&beat->thread, NULL, run_beat, beat) != 0) fail("pthread_create");
    sem_wait(&started);  // one after the other, so that each has the same memory in every run
  }
  pthread_sigmask(SIG_UNBLOCK, &first_thread_only, NULL);
}

int main(int argument_count, char **arguments) {
  (void)argument_count;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (!(personality(0xffffffff) & ADDR_NO_RANDOMIZE)) {
    personality(ADDR_NO_RANDOMIZE);
    execv(arguments[0], arguments);
    fail("execv");
  }
  sigaction(SIGUSR1, &(struct sigaction){.sa_handler = leave_zombie, .sa_flags = SA_RESTART}, NULL);
  sigaction(SIGURG, &(struct sigaction){.sa_handler = ignore}, NULL);
  fill_quiet();
  add_sessions();
  start_beats();
  printf("pid %d\nregion %lx %lx\nready\n", getpid(), (unsigned long)quiet, (unsigned long)quiet + quiet_size);
  fflush(stdout);
  char line[64];
  while (fgets(line, sizeof line, stdin)) {
    if (strcmp(line, "grow\n") == 0)
      add_sessions(), puts("grown");
    else
      report();
    fflush(stdout);
  }
}
