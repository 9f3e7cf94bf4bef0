// Memory that there is more of, by each way but malloc's own.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "target-process.h"

enum { arena_size = 128 << 10, text_size = 32, slot_size = 120, smaller_size = 88 };

static char *map_more(size_t size, int flags, int file) {
  char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, file, 0);
  if (memory == MAP_FAILED) fail("mmap");
  return memory;
}

// As an allocator of its own does: the kernel joins these mappings, downwards mostly.
void map_texts(uint64_t size) {
  static uint64_t number;
  for (uint64_t done = 0; done < size; done += arena_size) {
    char *arena = map_more(arena_size, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    for (size_t at = 0; at < arena_size; at += text_size) {
      snprintf(arena + at, text_size, "svc-payments-%ju", (uintmax_t)number++);
    }
  }
}

void share_more(uint64_t size) { memset(map_more(size, MAP_SHARED | MAP_ANONYMOUS, -1), 1, size); }

// Written, and from then on only run, as a compiler in a process does.
void map_code(uint64_t size) {
  char *code = map_more(size, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  memset(code, 0xc3, size);
  if (mprotect(code, size, PROT_READ | PROT_EXEC) != 0) fail("mprotect");
}

void touch_file(uint64_t size) {
  FILE *file = tmpfile();
  if (!file || ftruncate(fileno(file), (off_t)size) != 0) fail("tmpfile");
  char *pages = map_more(size, MAP_SHARED, fileno(file));
  fclose(file);
  memset(pages, 1, size);
}

static char **slots;
static uint64_t slot_count, shifted_count;

void set_up_slots(uint64_t count) {
  slots = (char **)place_region(round_to_pages(count * sizeof *slots), page_size);
  for (slot_count = 0; slot_count < count; slot_count++) {
    slots[slot_count] = calloc(1, slot_size);
    if (!slots[slot_count]) fail("calloc");
  }
  printf("slots %ju\n", (uintmax_t)slot_count);
}

bool shift_slots(uint64_t count, uint64_t *shifted) {
  for (; count > 0 && shifted_count < slot_count; count--) {
    free(slots[shifted_count]);
    slots[shifted_count] = calloc(1, smaller_size);
    if (!slots[shifted_count]) fail("calloc");
    snprintf(slots[shifted_count], smaller_size, "entry-%ju", (uintmax_t)shifted_count);
    shifted_count++;
  }
  *shifted = shifted_count;
  return slot_count > 0;
}

struct second_block {
  struct second_block *before;
};

static struct second_block *last_second_block;
static void *(*second_malloc)(size_t);

static void allocate_second(uint64_t count, size_t size) {
  for (; count > 0; count--) {
    struct second_block *block = second_malloc(size);
    if (!block) fail("malloc of the second C library");
    memset(block, 'G', size);
    block->before = last_second_block;
    last_second_block = block;
  }
}

void set_up_second_libc(uint64_t count) {
#ifdef __GLIBC__
  void *library = dlmopen(LM_ID_NEWLM, "libc.so.6", RTLD_NOW);
  if (library) second_malloc = (void *(*)(size_t))dlsym(library, "malloc");
#endif
  if (!second_malloc) fail("dlmopen");
  allocate_second(count, 500);
  printf("second-libc %ju\n", (uintmax_t)count);
}

bool grow_second_heap(uint64_t size) {
  if (!second_malloc) return false;
  allocate_second(size / 1040, 1030);
  return true;
}
