// The bytes of a file over mappings of every kind, page by page.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "target-process.h"

static bool is_zero(const char *page) {
  return page[0] == 0 && memcmp(page, page + 1, page_size - 1) == 0;
}

// Holds the pages of one kind where they belong, and holes everywhere else.
static int create_sparse_file(const char *bytes, const char *pages, char kind) {
  int file = memfd_create("mosaic", MFD_CLOEXEC);
  size_t count = strlen(pages);
  if (file < 0 || ftruncate(file, (off_t)(count * page_size)) != 0) fail("memfd_create");
  for (size_t page = 0; page < count; page++) {
    const char *content = bytes + page * page_size;
    if (pages[page] != kind || is_zero(content)) continue;
    if (pwrite(file, content, page_size, (off_t)(page * page_size)) != (ssize_t)page_size) fail("pwrite");
  }
  return file;
}

static void map_file(char *place, int flags, int file, size_t offset) {
  int protection = flags == MAP_SHARED ? PROT_READ | PROT_WRITE : PROT_READ;
  if (mmap(place, page_size, protection, flags | MAP_FIXED, file, (off_t)offset) == MAP_FAILED) fail("mmap");
}

static void write_and_protect(char *place, const char *content, int protection) {
  memcpy(place, content, page_size);
  if (protection != (PROT_READ | PROT_WRITE) && mprotect(place, page_size, protection) != 0) fail("mprotect");
}

void set_up_mosaic(const char *argument) {
  const char *pages = strrchr(argument, ':');
  char path[4096];
  if (!pages || (size_t)(pages - argument) >= sizeof path) {
    errno = EINVAL;
    fail("--mosaic");
  }
  memcpy(path, argument, (size_t)(pages - argument));
  path[pages++ - argument] = 0;
  size_t size = strlen(pages) * page_size;
  int source = open(path, O_RDONLY | O_CLOEXEC);
  char *bytes = source < 0 ? MAP_FAILED : mmap(NULL, size, PROT_READ, MAP_SHARED, source, 0);
  if (bytes == MAP_FAILED) fail(path);

  int private_file = create_sparse_file(bytes, pages, 'f'), shared_file = create_sparse_file(bytes, pages, 's');
  int empty_file = memfd_create("empty", MFD_CLOEXEC);
  char *region = place_region(size, page_size);
  for (size_t offset = 0; offset < size; offset += page_size) {
    char *place = region + offset;
    const char *content = bytes + offset;
    switch (pages[offset / page_size]) {
    case 'w': write_and_protect(place, content, PROT_READ | PROT_WRITE); break;
    case 'r': write_and_protect(place, content, PROT_READ); break;
    case 'x': write_and_protect(place, content, PROT_READ | PROT_EXEC); break;
    case 'n': write_and_protect(place, content, PROT_NONE); break;
    case 'u': break;
    case 'f': map_file(place, MAP_PRIVATE, private_file, offset); break;
    case 's': map_file(place, MAP_SHARED, shared_file, offset); break;
    case 'e': map_file(place, MAP_PRIVATE, empty_file, offset); break;
    case 'g': if (munmap(place, page_size) != 0) fail("munmap"); break;
    default: errno = EINVAL; fail("--mosaic");
    }
  }
  munmap(bytes, size);
  close(source);
  close(private_file);
  close(shared_file);
  close(empty_file);
  printf("mosaic %p 0x%zx\n", (void *)region, size);
}
