// Threads that show what a stop did to them: how long it was, and whether anything of theirs was changed.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "target-process.h"

/// What one thread has done. Its own cache line, so that threads do not slow each other down.
struct progress {
  _Alignas(128) _Atomic uint64_t count;
  _Atomic uint64_t largest_gap;
  _Atomic uint64_t bad;
};

struct crew {
  struct progress *threads;
  unsigned size;
};

static struct crew heartbeats, self_checks;
static _Atomic uint64_t spawned_count;
static bool has_spawn_storm;
static _Atomic bool wants_realtime, is_realtime;
static struct registers expected_registers;

static pthread_attr_t small_detached(bool detached) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 128 << 10);
  if (detached) pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  return attributes;
}

void start_thread(void *(*body)(void *), void *argument) {
  pthread_attr_t attributes = small_detached(true);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  if (pthread_create(&thread, &attributes, body, argument) != 0) fail("pthread_create");
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
}

static void wait_for_crew(const struct crew *crew, const char *what) {
  for (unsigned i = 0; i < crew->size; i++) {
    if (!wait_for_count(&crew->threads[i].count, 1)) fail(what);
  }
}

static void start_crew(struct crew *crew, unsigned size, void *(*body)(void *)) {
  crew->threads = aligned_alloc(_Alignof(struct progress), size * sizeof *crew->threads);
  if (!crew->threads) fail("aligned_alloc");
  memset((void *)crew->threads, 0, size * sizeof *crew->threads);
  crew->size = size;
  for (unsigned i = 0; i < size; i++) start_thread(body, &crew->threads[i]);
  wait_for_crew(crew, "start a thread");
}

// Two rounds: the first one may have begun before now.
static bool wait_for_two_rounds(const struct crew *crew) {
  if (crew->size == 0) return false;
  uint64_t goals[crew->size];
  for (unsigned i = 0; i < crew->size; i++) goals[i] = atomic_load(&crew->threads[i].count) + 2;
  for (unsigned i = 0; i < crew->size; i++) {
    if (!wait_for_count(&crew->threads[i].count, goals[i])) return false;
  }
  return true;
}

static uint64_t total_count(const struct crew *crew) {
  uint64_t total = 0;
  for (unsigned i = 0; i < crew->size; i++) total += atomic_load(&crew->threads[i].count);
  return total;
}

uint64_t read_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void *beat(void *argument) {
  struct progress *progress = argument;
  if (atomic_load(&wants_realtime)) {
    struct sched_param priority = {.sched_priority = 20};
    if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &priority) != 0) atomic_store(&is_realtime, false);
  }
  prctl(PR_SET_TIMERSLACK, 1);
  const struct timespec pause = {.tv_nsec = 75000};
  uint64_t last = read_clock();
  for (;;) {
    clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
    uint64_t now = read_clock(), gap = now - last;
    last = now;
    uint64_t largest = atomic_load(&progress->largest_gap);
    while (gap > largest && !atomic_compare_exchange_weak(&progress->largest_gap, &largest, gap)) {}
    atomic_fetch_add(&progress->count, 1);
  }
  return NULL;
}

void set_up_heartbeats(unsigned count, bool realtime) {
  atomic_store(&wants_realtime, realtime);
  atomic_store(&is_realtime, realtime);
  start_crew(&heartbeats, count, beat);
  printf("threads %u\n", count);
  if (realtime) printf("realtime %s\n", atomic_load(&is_realtime) ? "granted" : "refused");
}

bool take_gap(uint64_t *nanoseconds) {
  if (!wait_for_two_rounds(&heartbeats)) return false;
  *nanoseconds = 0;
  for (unsigned i = 0; i < heartbeats.size; i++) {
    uint64_t gap = atomic_exchange(&heartbeats.threads[i].largest_gap, 0);
    if (gap > *nanoseconds) *nanoseconds = gap;
  }
  return true;
}

bool count_beats(uint64_t *beats) {
  *beats = total_count(&heartbeats);
  return heartbeats.size > 0;
}

static void *check_self(void *argument) {
  struct progress *progress = argument;
  for (;;) {
    struct registers result;
    compute_in_registers(&result);
    if (memcmp(&result, &expected_registers, sizeof result) != 0) atomic_fetch_add(&progress->bad, 1);
    atomic_fetch_add(&progress->count, 1);
  }
  return NULL;
}

void set_up_self_checks(unsigned count) {
  compute_in_registers(&expected_registers);
  start_crew(&self_checks, count, check_self);
  printf("self-check %u\n", count);
}

bool count_checks(uint64_t *rounds, uint64_t *bad) {
  if (!wait_for_two_rounds(&self_checks)) return false;
  *rounds = total_count(&self_checks);
  *bad = 0;
  for (unsigned i = 0; i < self_checks.size; i++) *bad += atomic_load(&self_checks.threads[i].bad);
  return true;
}

static void *end_at_once(void *unused) {
  return unused;
}

static void *spawn_for_ever(void *unused) {
  (void)unused;
  pthread_attr_t attributes = small_detached(false);
  for (;;) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, end_at_once, NULL) != 0) continue;
    pthread_join(thread, NULL);
    atomic_fetch_add(&spawned_count, 1);
  }
  return NULL;
}

void set_up_spawn_storm(void) {
  start_thread(spawn_for_ever, NULL);
  has_spawn_storm = true;
  if (!wait_for_count(&spawned_count, 1)) fail("start a thread");
  printf("spawn-storm\n");
}

bool count_spawned(uint64_t *spawned) {
  *spawned = atomic_load(&spawned_count);
  return has_spawn_storm;
}

static void *sleep_for_ever(void *unused) {
  for (;;) pause();
  return unused;
}

void set_up_sleepers(unsigned count) {
  for (unsigned i = 0; i < count; i++) start_thread(sleep_for_ever, NULL);
  printf("sleepers %u\n", count);
}
