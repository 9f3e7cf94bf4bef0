// A malloc heap whose contents are known: the sizes, what is in use, what was freed, in this thread and in others.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "target-process.h"

enum { most_kinds = 16 };

struct kind {
  size_t size, count, freed;
};

static struct kind kinds[most_kinds];
static unsigned kind_count;
static _Atomic uint64_t finished_threads;
static char *volatile last_allocation;

// Every block is a socket address, as far as it has room for one, and a text behind it.
static char *allocate(size_t size, size_t number) {
  char *block = calloc(1, size);
  if (!block) fail("calloc");
  if (size >= 64) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)(1024 + number % 60000))};
    address.sin_addr.s_addr = htonl(0x0a000000 + (uint32_t)number);
    memcpy(block, &address, sizeof address);
    snprintf(block + 24, size - 24, "record-%zu of %zu", number, size);
  }
  return block;
}

// Frees every other block, so that no two free ones touch.
static void allocate_kind(const struct kind *kind) {
  size_t count = kind->count + kind->freed;
  char **blocks = (char **)place_region(round_to_pages(count * sizeof *blocks), page_size);
  for (size_t i = 0; i < count; i++) blocks[i] = allocate(kind->size, i);
  for (size_t i = 0; i < kind->freed; i++) free(blocks[2 * i]);
  last_allocation = blocks[count - 1];
}

static void *allocate_in_thread(void *unused) {
  for (unsigned i = 0; i < kind_count; i++) allocate_kind(&kinds[i]);
  finished_threads++;
  for (;;) pause();
  return unused;
}

// SIZE:COUNT:FREED, with a comma between two of them.
static void read_kinds(const char *text) {
  int length;
  while (kind_count < most_kinds) {
    struct kind *kind = &kinds[kind_count];
    if (sscanf(text, "%zu:%zu:%zu%n", &kind->size, &kind->count, &kind->freed, &length) != 3) fail("--allocations");
    if (kind->count < kind->freed || kind->count == 0) fail("--allocations");
    kind_count++;
    text += length;
    if (*text == 0) return;
    text++;
  }
}

// As the table of an object's virtual functions is.
const void *const target_table[4] = {target_table, target_table, target_table, target_table};

void set_up_tables(void) {
  enum { count = 3000 };
  for (int i = 0; i < count; i++) {
    const void **block = malloc(104);
    if (block == NULL) fail("malloc");
    memset(block, 0, 104);
    block[0] = &target_table[2];
  }
  printf("tables %d\n", count);
}

void set_up_allocations(const char *text, uint64_t thread_count) {
  read_kinds(text);
  for (unsigned i = 0; i < kind_count; i++) allocate_kind(&kinds[i]);
  for (uint64_t i = 0; i < thread_count; i++) start_thread(allocate_in_thread, NULL);
  if (!wait_for_count(&finished_threads, thread_count)) fail("threads");
  printf("allocations %ju\n", (uintmax_t)thread_count + 1);
}

bool describe_allocations(void) {
  if (kind_count == 0) return false;
#ifdef __GLIBC__
  struct mallinfo2 info = mallinfo2();
  printf("mallinfo %zu %zu %zu %zu %zu %zu\n", info.arena, info.uordblks, info.fordblks, info.fsmblks, info.hblks,
         info.hblkhd);
#endif
  return true;
}
