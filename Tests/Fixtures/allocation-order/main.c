// allocation-order [--threads N] [--calloc] [--still] [--spoil]: a program that leaks by one path, and uses memory of the
// same size for a moment by others.
//
// The order is the worst there is for whoever looks at the entry of malloc, or at which pages are new: the path that leaks
// takes a chunk that was used and freed a moment before, and the one that frees takes the fresh ones, ten times as many. What
// is true is printed on request: a line `kept COUNT size BYTES bad COUNT rounds COUNT` for each line that is read. Read
// `again`, it runs itself once more (execve), to stand still.
//
// Each block is filled with bytes that its address tells, and checked: `bad` is how many were not as they should be. --still:
// it does nothing. --spoil: it changes a byte itself now and then, as a control of whoever looks at that.
//
// It is C, and has but this file, so that any compiler can build it with any C library.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { block_size = 616, most_kept = 1 << 17, reply_count = 9 };

static atomic_ullong kept, bad, rounds;
static bool is_still, uses_calloc, spoils;

struct cache {
  void **blocks;
  size_t count;
};

// Inlined in any build, so that the paths are those of the functions below.
__attribute__((always_inline)) static inline void *allocate(void) {
  void *block = uses_calloc ? calloc(1, block_size) : malloc(block_size);
  if (!block) abort();
  return block;
}

static unsigned char content(const void *block) { return (unsigned char)((uintptr_t)block >> 5); }

static void fill(void *block) { memset(block, content(block), block_size); }

static void check(const void *block) {
  const unsigned char *bytes = block;
  for (size_t place = 0; place < block_size; place += 55)
    if (bytes[place] != content(block)) bad++;
}

// The path that leaks: what it gets was freed a moment before.
__attribute__((noinline)) void cache_remember(struct cache *cache) {
  void *block = allocate();
  fill(block);
  cache->blocks[cache->count++] = block;
  kept++;
}

// Paths that free what they get at the end of the request.
__attribute__((noinline)) void *request_scratch(void) {
  void *block = allocate();
  fill(block);
  return block;
}

__attribute__((noinline)) void *request_reply(void) {
  void *block = allocate();
  fill(block);
  if (spoils && rounds % 1000 == 0) ((char *)block)[55] ^= 1;
  return block;
}

__attribute__((noinline)) void request_handle(struct cache *cache, uint64_t number) {
  void *used = request_scratch();
  void *others[reply_count];
  for (int i = 0; i < reply_count; i++) others[i] = request_reply();
  check(used);
  free(used);
  // The chunk that was freed last is the one that malloc hands out next.
  if (number % 4 == 0) cache_remember(cache);
  for (int i = 0; i < reply_count; i++) {
    check(others[i]);
    free(others[i]);
  }
}

__attribute__((noinline)) void server_loop(uint64_t thread) {
  struct cache cache = {.blocks = malloc(sizeof(void *) << 20)};
  if (!cache.blocks) abort();
  for (uint64_t number = thread;; number++) {
    if (!is_still) request_handle(&cache, number);
    rounds++;
    if (number % 8 == 0) nanosleep(&(struct timespec){.tv_nsec = 900000}, NULL);
    if (number % 4096 == 0)
      for (size_t i = 0; i < cache.count; i++) check(cache.blocks[i]);
    // A leak, but none that ends the machine.
    if (cache.count >= most_kept)
      while (cache.count > 0) free(cache.blocks[--cache.count]);
  }
}

static void *serve(void *thread) {
  server_loop((uint64_t)(uintptr_t)thread);
  return NULL;
}

int main(int count, char **words) {
  int threads = 1;
  for (int i = 1; i < count; i++) {
    if (!strcmp(words[i], "--threads") && i + 1 < count) threads = atoi(words[++i]);
    if (!strcmp(words[i], "--calloc")) uses_calloc = true;
    if (!strcmp(words[i], "--still")) is_still = true;
    if (!strcmp(words[i], "--spoil")) spoils = true;
  }
  for (int i = 0; i < threads; i++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve, (void *)(uintptr_t)i)) abort();
  }
  puts("ready");
  fflush(stdout);
  char line[64];
  while (fgets(line, sizeof line, stdin)) {
    if (!strcmp(line, "again\n")) execl("/proc/self/exe", words[0], "--still", NULL);
    printf("kept %llu size %d bad %llu rounds %llu\n", (unsigned long long)kept, block_size, (unsigned long long)bad,
           (unsigned long long)rounds);
    fflush(stdout);
  }
}
