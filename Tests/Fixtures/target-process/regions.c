// Private anonymous memory of every shape.
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "target-process.h"

size_t page_size;

enum { known_size = 64 << 10 };
static char *known_region;

size_t round_to_pages(uint64_t size) {
  return (size + page_size - 1) & ~(page_size - 1);
}

// Every region starts as 4K pages only, so that what is touched is what is present, whatever the system's THP setting.
// MADV_NOHUGEPAGE fails on a kernel without THP, where it is not needed.
char *place_region(size_t size, size_t alignment) {
  size_t reserved = size + 2 * page_size + alignment;
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  char *start = mmap(NULL, reserved, PROT_NONE, flags, -1, 0);
  if (start == MAP_FAILED) fail("mmap");
  char *region = (char *)(((uintptr_t)start + page_size + alignment - 1) & ~((uintptr_t)alignment - 1));
  if (mprotect(region, size, PROT_READ | PROT_WRITE) != 0) fail("mprotect");
  madvise(region, size, MADV_NOHUGEPAGE);
  return region;
}

// A text with a NUL on each side, as far as there is room, so that the bytes around cannot become part of it.
static void write_between(char *region, size_t size, size_t offset, unsigned b, unsigned c, unsigned d, unsigned port) {
  size_t end = offset + write_endpoint(region + offset, 10, b, c, d, port);
  if (offset > 0) region[offset - 1] = 0;
  if (end < size) region[end] = 0;
}

void set_up_known(void) {
  char *region = place_region(known_size, page_size);
  write_filler(region, known_size);
  write_between(region, known_size, 0, 0, 0, 1, 8001);
  write_between(region, known_size, 0x100, 1, 2, 3, 8080);
  write_between(region, known_size, 0x1ffa, 0, 0, 2, 8002);
  write_between(region, known_size, 0x8000, 1, 2, 3, 8080);
  write_between(region, known_size, known_size - 13, 0, 0, 3, 8003);
  known_region = region;
  printf("known %p 0x%x\n", (void *)region, known_size);
}

bool unmap_known(void) {
  if (!known_region) return false;
  if (munmap(known_region, known_size) != 0) fail("munmap");
  known_region = NULL;
  return true;
}

void set_up_adjacent(void) {
  size_t size = 4 * page_size, below = 2 * page_size;
  char *region = place_region(size, page_size);
  write_filler(region, size);
  write_between(region, size, below - 6, 9, 8, 7, 6543);
  if (mprotect(region + below, size - below, PROT_READ) != 0) fail("mprotect");
  printf("adjacent %p 0x%zx %p\n", (void *)region, size, (void *)(region + below));
}

void set_up_holes(void) {
  enum { pages = 16, hole = 3, filled_hole = 7 };
  char *region = place_region(pages * page_size, page_size);
  for (unsigned page = 0; page < pages; page++) {
    if (page != hole) write_page_text(region, 3, page);
  }
  if (mprotect(region + hole * page_size, page_size, PROT_NONE) != 0) fail("mprotect");
  if (mprotect(region + filled_hole * page_size, page_size, PROT_NONE) != 0) fail("mprotect");
  printf("holes %p 0x%zx\n", (void *)region, pages * page_size);
}

void set_up_untouched(uint64_t wanted) {
  size_t size = round_to_pages(wanted);
  char *region = place_region(size, page_size);
  uint64_t touched = 0;
  for (size_t offset = 0; offset < size; offset += 1000 * page_size, touched++) {
    region[offset] = 'h';
    region[offset + 1] = 'i';
    region[offset + 2] = 't';
  }
  printf("untouched %p 0x%zx %ju\n", (void *)region, size, (uintmax_t)touched);
}

void set_up_patches(uint64_t wanted) {
  size_t size = round_to_pages(wanted), pages = size / page_size, middle = pages / 2;
  char *region = place_region(size, page_size);
  uint64_t touched = 0;
  for (size_t page = 0; page < pages; page++) {
    bool is_touched = page < middle ? page % 20 == 0 : (page - middle) % 5120 < 256;
    if (!is_touched) continue;
    memset(region + page * page_size, (int)(1 + page % 255), page_size);
    touched++;
  }
  printf("patches %p 0x%zx %ju\n", (void *)region, size, (uintmax_t)touched);
}

void set_up_maps(uint64_t count, bool written) {
  char *region = place_region(count * page_size, page_size);
  if (written && madvise(region, count * page_size, MADV_NOHUGEPAGE) != 0) fail("MADV_NOHUGEPAGE");
  for (uint64_t page = 0; written && page < count; page++) region[page * page_size] = 1;
  for (uint64_t page = 0; page < count; page += 2) {
    if (mprotect(region + page * page_size, page_size, PROT_READ) != 0) fail("mprotect");
  }
  printf("maps %ju\n", (uintmax_t)count);
}

// Bytes of 0x80 and above are neither zero nor part of any text, so a scan finds nothing here.
void set_up_fill(uint64_t wanted, bool huge_pages) {
  size_t alignment = huge_pages ? huge_page_size : page_size;
  size_t size = (wanted + alignment - 1) & ~(alignment - 1);
  char *region = place_region(size, alignment);
  if (huge_pages && madvise(region, size, MADV_HUGEPAGE) != 0) fail("MADV_HUGEPAGE");
  uint64_t state = UINT64_C(0x9e3779b97f4a7c15);
  uint64_t *words = (uint64_t *)(void *)region;
  for (size_t i = 0; i < size / sizeof *words; i++) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    words[i] = state | UINT64_C(0x8080808080808080);
  }
  printf("fill %p 0x%zx\n", (void *)region, size);
}

void set_up_endpoints(uint64_t count) {
  enum { longest = sizeof "10.255.255.255:61023" };
  size_t reserved = round_to_pages(count * longest);
  char *region = place_region(reserved, page_size), *end = region;
  for (uint64_t i = 0; i < count; i++) end += write_numbered_endpoint(end, i) + 1;
  size_t size = round_to_pages((uint64_t)(end - region));
  if (size < reserved && mprotect(region + size, reserved - size, PROT_NONE) != 0) fail("mprotect");
  printf("endpoints %p 0x%zx %ju\n", (void *)region, size, (uintmax_t)count);
}

void set_up_dontdump(void) {
  enum { pages = 4 };
  char *region = place_region(pages * page_size, page_size);
  for (unsigned page = 0; page < pages; page++) write_page_text(region, 10, page);
  if (madvise(region, pages * page_size, MADV_DONTDUMP) != 0) fail("MADV_DONTDUMP");
  printf("dontdump %p 0x%zx\n", (void *)region, pages * page_size);
}

// Whether it is swapped out is for the test to see: without swap space it stays where it is.
void set_up_swapped(uint64_t wanted) {
  size_t size = round_to_pages(wanted);
  char *region = place_region(size, page_size);
  write_filler(region, size);
#ifdef MADV_PAGEOUT
  madvise(region, size, MADV_PAGEOUT);
#endif
  printf("swapped %p 0x%zx\n", (void *)region, size);
}
