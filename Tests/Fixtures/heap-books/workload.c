// Threads that allocate a known multiset of blocks: four of five of at most 512 bytes, some of megabytes, some aligned, some
// of realloc(3), a third given back, a part of it by other threads.
#define _GNU_SOURCE
#include "books.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct workload work;
static struct books books;
static pthread_barrier_t barrier;

static size_t pick_size(uint64_t *state) {
  uint64_t sort = next_number(state) % 1000, number = next_number(state);
  if (sort < 800) return 1 + number % 512;
  if (sort < 950) return 513 + number % 7680;
  if (sort < 995) return 8193 + number % 57344;
  if (sort < 999) return 65536 + number % 500000;
  return 600000 + number % 2400000;
}

static void *allocate(const struct entry *entry) {
  void *block = entry->alignment ? aligned_alloc(entry->alignment, entry->bytes) : malloc(entry->bytes);
  if (!block) abort();
  memset(block, 0x5a, entry->bytes < 64 ? entry->bytes : 64);
  return block;
}

static void enter(struct entry *entry, uint64_t *state) {
  entry->bytes = pick_size(state);
  entry->alignment = 0;
  uint64_t sort = next_number(state) % 100;
  if (sort < 3) entry->alignment = sort == 0 && entry->bytes < 65536 ? 4096 : 64;
  if (entry->alignment) entry->bytes = (entry->bytes + entry->alignment - 1) / entry->alignment * entry->alignment;
  entry->block = allocate(entry);
}

static void leave(struct entry *entry) { free(atomic_exchange(&entry->block, NULL)); }

// Keeps the multiset and moves its blocks. At every instant each block in the books is in use, and at most two for each thread
// are in use and in no books: those in the hands of the allocator.
static void move(struct entry *entry, uint64_t sort) {
  if (!entry->bytes) return;
  if (sort % 8 == 0 && !entry->alignment) {
    void *old = atomic_exchange(&entry->block, NULL), *moved = realloc(old, entry->bytes + sort % 3);
    if (!moved) abort();
    free(atomic_exchange(&entry->block, moved));
  } else {
    free(atomic_exchange(&entry->block, allocate(entry)));
  }
}

static void storm(struct entry *own, uint64_t *state) {
  for (;;) {
    uint64_t number = next_number(state), sort = next_number(state);
    // A quarter of all are blocks of any thread.
    move(sort % 4 ? own + number % work.count : books.entries + number % books.count, sort >> 8);
  }
}

static void build(int thread) {
  uint64_t state = work.seed * 1000003 + (uint64_t)thread * 7919 + 88172645463325252ull;
  struct entry *own = books.entries + (size_t)thread * work.count;
  for (size_t i = 0; i < work.count; i++) enter(&own[i], &state);
  for (size_t i = 0; i < work.count; i++) {
    uint64_t sort = next_number(&state) % 100;
    if (sort < 35) {
      leave(&own[i]);
    } else if (sort < 45 && !own[i].alignment) {
      own[i].bytes = pick_size(&state);
      own[i].block = realloc(own[i].block, own[i].bytes);
      if (!own[i].block) abort();
    }
  }
  pthread_barrier_wait(&barrier);
  struct entry *others = books.entries + (size_t)((thread + 1) % work.threads) * work.count;
  for (size_t i = (size_t)thread; i < work.count; i += 7)
    if (others[i].block) leave(&others[i]);
  pthread_barrier_wait(&barrier);
  for (size_t i = 0; i < work.count; i++)
    if (!own[i].block && next_number(&state) % 4 == 0) enter(&own[i], &state);
  // What is empty now stays so.
  for (size_t i = 0; i < work.count; i++)
    if (!own[i].block) own[i].bytes = 0;
  pthread_barrier_wait(&barrier);
  if (work.visits) visit_own_blocks();
  pthread_barrier_wait(&barrier);
}

static void *run(void *number) {
  int thread = (int)(intptr_t)number;
  build(thread);
  if (work.exits && thread % 2) return NULL;
  if (work.storm) {
    uint64_t state = work.seed + (uint64_t)thread * 104729 + 1;
    storm(books.entries + (size_t)thread * work.count, &state);
  }
  rest();
  return NULL;
}

struct books start_workload(const struct workload *workload) {
  work = *workload;
  books = open_books((size_t)work.threads * work.count);
  pthread_barrier_init(&barrier, NULL, (unsigned)work.threads);
  // In memory that is not of the heap, too.
  pthread_t *threads = (pthread_t *)open_books((size_t)work.threads).entries;
  for (int thread = 1; thread < work.threads; thread++)
    if (pthread_create(&threads[thread], NULL, run, (void *)(intptr_t)thread)) abort();
  if (!work.storm) expect_resting(work.exits ? (work.threads - 1) / 2 : work.threads - 1);
  build(0);
  for (int thread = 1; thread < work.threads && work.exits; thread += 2) pthread_join(threads[thread], NULL);
  return books;
}
