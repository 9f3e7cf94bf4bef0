// Memory with a file or shared memory behind it.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "target-process.h"

enum thing { shared_thing = 4, shared_by_child_thing, file_thing, memfd_thing, hostile_file_thing, truncated_thing };

// Files on disk live in one directory of our own, so that any name can be used.
static char directory[3072];
static char *file_paths[3];
static unsigned file_count;

static int create_file(const char *name) {
  if (!directory[0]) {
    const char *parent = getenv("TMPDIR");
    snprintf(directory, sizeof directory, "%s/target-process.XXXXXX", parent && *parent ? parent : "/tmp");
    if (!mkdtemp(directory)) {
      directory[0] = 0;
      fail("mkdtemp");
    }
  }
  char *path;
  if (asprintf(&path, "%s/%s", directory, name) < 0) fail("asprintf");
  file_paths[file_count++] = path;
  int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) fail("create a temporary file");
  return file;
}

void remove_files(void) {
  while (file_count > 0) unlink(file_paths[--file_count]);
  if (directory[0]) rmdir(directory);
  directory[0] = 0;
}

// Maps a file (or with -1 shared anonymous memory) between guard pages.
static char *map_between_guards(int file, size_t size, int flags) {
  char *place = place_region(size, page_size);
  char *region = mmap(place, size, PROT_READ | PROT_WRITE, flags | MAP_FIXED, file, 0);
  if (region == MAP_FAILED) fail("mmap");
  madvise(region, size, MADV_NOHUGEPAGE);
  return region;
}

// Gives a file its pages with a text in each. Writes through a mapping of its own that is gone afterwards.
static void write_pages(int file, unsigned pages, enum thing thing) {
  if (ftruncate(file, (off_t)(pages * page_size)) != 0) fail("ftruncate");
  char *content = mmap(NULL, pages * page_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (content == MAP_FAILED) fail("mmap");
  for (unsigned page = 0; page < pages; page++) write_page_text(content, thing, page);
  munmap(content, pages * page_size);
}

static void print_region(const char *key, const char *region, unsigned pages) {
  printf("%s %p 0x%zx\n", key, (const void *)region, pages * page_size);
}

void set_up_shared(void) {
  enum { pages = 16 };
  char *own = map_between_guards(-1, pages * page_size, MAP_SHARED | MAP_ANONYMOUS);
  char *by_child = map_between_guards(-1, pages * page_size, MAP_SHARED | MAP_ANONYMOUS);
  write_page_text(own, shared_thing, 0);
  write_page_text(own, shared_thing, 5);
  pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    write_page_text(by_child, shared_by_child_thing, 1);
    write_page_text(by_child, shared_by_child_thing, 8);
    _exit(0);
  }
  if (waitpid(child, NULL, 0) != child) fail("waitpid");
  print_region("shared", own, pages);
  print_region("shared-by-child", by_child, pages);
}

void set_up_file(void) {
  enum { pages = 8, copied = 2, first_absent = 4 };
  int file = create_file("file");
  write_pages(file, pages, file_thing);
  char *region = map_between_guards(file, pages * page_size, MAP_PRIVATE);
  close(file);
  write_endpoint(region + copied * page_size + 16, 10, file_thing, 1, copied, 6102);
  for (unsigned page = 0; page < first_absent; page++) (void)*(volatile char *)(region + page * page_size);
  // The kernel maps the neighbours of a page that is read (fault-around), so take the others out again.
  if (madvise(region + first_absent * page_size, (pages - first_absent) * page_size, MADV_DONTNEED) != 0) {
    fail("MADV_DONTNEED");
  }
  printf("file %p 0x%zx %s\n", (void *)region, pages * page_size, file_paths[file_count - 1]);
}

void set_up_truncated(void) {
  enum { pages = 4 };
  int file = create_file("truncated");
  write_pages(file, pages, truncated_thing);
  char *region = map_between_guards(file, pages * page_size, MAP_PRIVATE);
  (void)*(volatile char *)region;
  if (ftruncate(file, (off_t)(page_size + page_size / 2)) != 0) fail("ftruncate");
  if (unlink(file_paths[--file_count]) != 0) fail("unlink");
  free(file_paths[file_count]);
  close(file);
  print_region("truncated", region, pages);
}

void set_up_memfd(void) {
  enum { pages = 4 };
  int file = memfd_create("two\nlines \x1b[31mred\x1b[0m \xff\xfe (deleted)", MFD_CLOEXEC);
  if (file < 0) fail("memfd_create");
  write_pages(file, pages, memfd_thing);
  char *region = map_between_guards(file, pages * page_size, MAP_SHARED);
  close(file);
  print_region("memfd", region, pages);
}

void set_up_hostile_file(void) {
  enum { pages = 4 };
  int file = create_file("two\nlines  [heap] \x1b[31mred\x1b[0m \xff\xfe\\012 (deleted)");
  write_pages(file, pages, hostile_file_thing);
  char *region = map_between_guards(file, pages * page_size, MAP_PRIVATE);
  close(file);
  print_region("hostile-file", region, pages);
}
