// Heaps with something to find out: where the memory is, and whether it is a leak. Each has a step in which it goes on.
#define _GNU_SOURCE
#include "books.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct books books;
static size_t used, step_count;
static uint64_t state;
static void (*step)(void);

static void put(size_t place, size_t bytes, const char *kind) {
  struct entry *entry = &books.entries[place];
  void *old = entry->block;
  void *block = malloc(bytes);
  if (!block) abort();
  fill(block, bytes, kind, place);
  entry->bytes = bytes;
  entry->block = block;
  free(old);
}

static void drop(size_t place) { free(atomic_exchange(&books.entries[place].block, NULL)); }

// A leak: what a step adds is never given back.
static void leak(void) {
  for (size_t i = 0; i < step_count && used < books.count; i++) put(used++, i % 4 ? 40 : 200, "session");
}

// A cache that fills: once it is full, a new entry takes the place of the oldest.
static void cache(void) {
  for (size_t i = 0; i < step_count; i++) put(used++ % books.count, 400, "cached");
}

// Buffers so large that each has a mapping of its own.
static void buffers(void) {
  for (size_t i = 0; i < step_count && used < books.count; i++) {
    size_t place = used++, bytes = (4 << 20) + 4096 * (place % 7);
    put(place, bytes, "buffer");
    memset(books.entries[place].block, 'b', bytes);
  }
}

// Fragmentation: small blocks, of which nine of ten were given back, at random.
static void fragment(void) {
  for (size_t i = 0; i < books.count; i++) put(i, 16 + next_number(&state) % 180, "session");
  for (size_t i = 0; i < books.count; i++)
    if (next_number(&state) % 10) drop(i);
}

// Too many arenas: many threads, each of which had much for a while, and keeps its last block.
static pthread_barrier_t peak;
static void *have_much(void *number) {
  size_t per = books.count / (size_t)step_count, first = (size_t)(uintptr_t)number * per;
  for (size_t i = 0; i < per; i++) put(first + i, 1000, "request");
  pthread_barrier_wait(&peak);
  for (size_t i = 0; i + 1 < per; i++) drop(first + i);
  pthread_barrier_wait(&peak);
  rest();
  return NULL;
}

static void arenas(void) {
  pthread_barrier_init(&peak, NULL, (unsigned)step_count + 1);
  expect_resting((int)step_count);
  for (size_t thread = 0; thread < step_count; thread++) {
    pthread_t id;
    if (pthread_create(&id, NULL, have_much, (void *)(uintptr_t)thread)) abort();
  }
  pthread_barrier_wait(&peak);
  pthread_barrier_wait(&peak);
}

// Huge-page bloat: a page of each two megabytes is written to, and the kernel gives the rest with it.
static void huge(void) {
  size_t each = 2 << 20;
  for (size_t i = 0; i < books.count; i++) {
    char *block = aligned_alloc(each, 2 * each);
    if (!block || madvise(block, 2 * each, MADV_HUGEPAGE)) abort();
    block[0] = block[each] = 'h';
    books.entries[i].bytes = 2 * each;
    books.entries[i].alignment = each;
    books.entries[i].block = block;
  }
}

// Fills the holes between libraries that a mapping would come into, up to where there is room below: where they are, chance decides.
static void fill_holes(size_t bytes) {
  size_t room = 64 << 20;
  for (;;) {
    char *place = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED) abort();
    char *wanted = place - room;
    char *below = mmap(wanted, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (below == wanted) {
      munmap(below, room + bytes);
      return;
    }
    if (below != MAP_FAILED) munmap(below, room);
  }
}

// Blocks with a mapping of their own that realloc(3) made a page, behind other memory that the kernel joins with it. A step
// writes to that memory what is like the header of such a block.
static void shrink(void) {
  fill_holes((256 << 10) + 4096);
  for (size_t i = 0; i < books.count; i++) {
    put(i, 256 << 10, "shrunk");
    char *other = (char *)books.entries[i].block - 16 - 8192;
    int kind = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
    if (mmap(other, 8192, PROT_READ | PROT_WRITE, kind, -1, 0) != other) abort();
    memset(other, 'o', 8192);
  }
  for (size_t i = 0; i < books.count; i++) {
    books.entries[i].bytes = 400;
    books.entries[i].block = realloc(books.entries[i].block, 400);
  }
}

static void forge(void) {
  uint64_t *page = (uint64_t *)((char *)books.entries[0].block - 16 - 4096);
  page[0] = 0;
  page[1] = 4096 | 2;
}

// A seed: its name, how many places its books have, how many a step adds, what it does first, and in each step.
static const struct seed {
  const char *name;
  size_t count, step_count;
  void (*first)(void), (*step)(void);
} seeds[] = {
    {"leak", 4000000, 20000, leak, leak},   {"fragmentation", 1500000, 0, fragment, NULL},
    {"cache", 200000, 20000, cache, cache}, {"arenas", 64 * 4000, 64, arenas, NULL},
    {"buffers", 400, 4, buffers, buffers},  {"huge-pages", 32, 0, huge, NULL},
    {"shrunk", 32, 0, shrink, forge},
};

int start_seed(const char *name, size_t count, uint64_t seed, struct books *result) {
  for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
    if (strcmp(name, seeds[i].name)) continue;
    state = seed * 1000003 + 88172645463325252ull;
    books = open_books(count ? count : seeds[i].count);
    step_count = seeds[i].step_count;
    step = seeds[i].step;
    seeds[i].first();
    *result = books;
    return 1;
  }
  return 0;
}

void step_seed(void) {
  if (step) step();
}
