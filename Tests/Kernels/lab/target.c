#define _GNU_SOURCE
#include "lab.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static struct lab_state *state;
void *lab_ring[4096]; // what holds the blocks; its name is what `refs` has to find

static _Noreturn void *beat(void *number) {
  uint64_t last = lab_now();
  for (;;) {
    lab_pass(200);
    uint64_t now = lab_now();
    if (now - last > state->gap) state->gap = now - last;
    last = now;
    state->beats[(uintptr_t)number]++;
  }
}

// The same computation twice, in registers of both kinds: a stop that loses one of them makes the sums differ.
static uint64_t computation(void) {
  uint64_t a = 88172645463325252u;
  double x = 1.5;
  for (int i = 0; i < 20000; i++) a ^= a << 13, a ^= a >> 7, a ^= a << 17, x = x * 1.0000001 + (double)(a & 7);
  return a ^ (uint64_t)(x * 1000);
}
static _Noreturn void *compute(void *unused) {
  (void)unused;
  for (uint64_t expected = computation();; state->rounds++) {
    if (computation() != expected) state->wrong++;
    if (state->rounds % 64 == 0) lab_pass(1000);
  }
}

static _Noreturn void *wait_for_events(void *unused) {
  (void)unused;
  int file = epoll_create1(0);
  struct epoll_event event;
  for (;;) {
    if (epoll_wait(file, &event, 1, -1) < 0) state->interrupts++;
  }
}

static void on_child(int signal) {
  (void)signal;
  state->children++;
}

static void add_block(size_t i) {
  char *block = calloc(1, 1024);
  snprintf(block + 32, 64, "10.%zu.%zu.%zu:%zu", i >> 16 & 255, i >> 8 & 255, i & 255, 1024 + i % 60000);
  *(void **)block = lab_ring[i % 4096];
  lab_ring[i % 4096] = block;
}

static size_t option(int count, char **words, const char *name, size_t otherwise) {
  size_t n = strlen(name);
  for (int i = 0; i < count; i++) {
    if (strncmp(words[i], name, n)) continue;
    if (words[i][n] == '=') return strtoull(words[i] + n + 1, NULL, 0);
    if (!words[i][n]) return 1;
  }
  return otherwise;
}

/// Maps memory with a text in each MiB, and no other text, and prints where.
static void fill(const char *name, size_t mib, int flags, uintptr_t hint) {
  if (!mib) return;
  // Between two guard pages, so that the kernel joins it with no other mapping.
  size_t size = mib << 20, guard = flags || hint ? 0 : 4096;
  char *memory = mmap((void *)hint, size + 2 * guard, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
  if (memory == MAP_FAILED || mprotect(memory += guard, size, PROT_READ | PROT_WRITE)) {
    printf("%s refused: %s\n", name, strerror(errno));
    return;
  }
  uint64_t a = 1;
  for (size_t i = 0; i < size; i += 8) {
    a = a * 6364136223846793005u + 1;
    *(uint64_t *)(memory + i) = a | 0x8080808080808080u;
  }
  for (size_t i = 0; i < mib; i++) sprintf(memory + (i << 20) + 64, "10.9.%zu.%zu:7777", i >> 8, i & 255);
  printf("%s %p %zu\n", name, (void *)memory, size);
}

_Noreturn void lab_target(int count, char **words) {
  state = lab_open_state(words[0], true);
  signal(SIGCHLD, on_child);
  if (option(count, words, "nodump", 0)) prctl(PR_SET_DUMPABLE, 0);
  if (option(count, words, "anytracer", 0)) prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
  fill("fill", option(count, words, "fill", 0), 0, 0);
  fill("huge", option(count, words, "huge", 0), MAP_HUGETLB, 0);
  // Beyond 47 bits, which the kernel gives only to who asks.
  fill("high", option(count, words, "high", 0) ? 4 : 0, 0, 0x00ff000000000000);
  size_t blocks = option(count, words, "blocks", 300), grow = option(count, words, "grow", 0);
  for (size_t i = 0; i < blocks; i++) add_block(i);
  unsigned threads = (unsigned)option(count, words, "threads", 4);
  pthread_t thread;
  for (uintptr_t i = 0; i < threads && i < lab_most_threads; i++) pthread_create(&thread, NULL, beat, (void *)i);
  pthread_create(&thread, NULL, compute, NULL);
  pthread_create(&thread, NULL, wait_for_events, NULL);
  printf("pid %d\n", getpid());
  fflush(stdout);
  state->ready = threads;
  for (;;) {
    lab_pass(100000);
    for (size_t i = 0; i < grow / 10400; i++) add_block(blocks++);
  }
}
