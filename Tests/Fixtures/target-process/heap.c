// The malloc heap: many small blocks, each with a text.
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "target-process.h"

struct block {
  struct block *before;
  char text[24];
};

static struct block *last_block;
static uint64_t block_count;

// One arena for all threads: then every block comes from [heap], whichever thread asks for it.
void limit_heap_to_brk(void) {
#ifdef __GLIBC__
  mallopt(M_ARENA_MAX, 1);
#endif
}

uint64_t grow_heap(uint64_t size) {
  uint64_t count_before = block_count;
  uintptr_t end = (uintptr_t)sbrk(0);
  while ((uintptr_t)sbrk(0) - end < size) {
    struct block *block = calloc(1, sizeof *block);
    if (!block) fail("calloc");
    block->before = last_block;
    write_numbered_endpoint(block->text, block_count++);
    last_block = block;
  }
  return block_count - count_before;
}

void set_up_heap(uint64_t size) {
  printf("heap %ju\n", (uintmax_t)grow_heap(size));
}

struct heap_extent {
  uintptr_t start, end;
  unsigned mappings;
};

static struct heap_extent find_heap(void) {
  struct heap_extent heap = {0};
  FILE *maps = fopen("/proc/self/maps", "re");
  if (!maps) fail("/proc/self/maps");
  char *line = NULL;
  size_t capacity = 0;
  while (getline(&line, &capacity, maps) > 0) {
    uintptr_t start, end;
    char permissions[5], name[8] = "";
    if (sscanf(line, "%lx-%lx %4s %*s %*s %*s %7s", &start, &end, permissions, name) != 4) continue;
    if (strcmp(name, "[heap]") != 0 || strcmp(permissions, "rw-p") != 0) continue;
    if (heap.mappings++ == 0) heap.start = start;
    heap.end = end;
  }
  free(line);
  fclose(maps);
  return heap;
}

// Advice that only one part has keeps two mappings apart. It goes to the lower part, so that the upper one still grows
// as one. MADV_NOHUGEPAGE is unknown to a kernel without THP; then MADV_DONTDUMP does it.
void split_heap(void) {
  struct heap_extent heap = find_heap();
  size_t half = round_to_pages((heap.end - heap.start) / 2);
  char *lower = (char *)heap.start;
  if (madvise(lower, half, MADV_NOHUGEPAGE) != 0 && madvise(lower, half, MADV_DONTDUMP) != 0) fail("madvise");
  heap = find_heap();
  if (heap.mappings != 2) {
    errno = ENOTSUP;
    fail("split [heap]");
  }
  printf("split-heap 0x%zx 0x%zx 0x%zx\n", heap.start, heap.end - heap.start, heap.start + half);
}
