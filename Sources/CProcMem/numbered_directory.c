#define _GNU_SOURCE
#include "numbered_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LARGEST = 1000 * 1000 * 1000, PATH_SIZE = 40 };

struct directory_entry { // struct linux_dirent64
  uint64_t inode;
  int64_t offset;
  uint16_t length;
  uint8_t type;
  char name[];
};

static int number_in(const char *name) {
  int number = 0;
  for (; *name >= '0' && *name <= '9' && number < LARGEST / 10; name++) number = number * 10 + (*name - '0');
  return *name == 0 ? number : -1;
}

int cprocmem_each_number(int directory, int (*visit)(void *context, int number), void *context) {
  _Alignas(struct directory_entry) char buffer[16 * 1024];
  for (;;) {
    long size = syscall(SYS_getdents64, directory, buffer, sizeof buffer);
    if (size < 0) return -errno;
    if (size == 0) return 0;
    for (long offset = 0; offset < size;) {
      const struct directory_entry *entry = (const void *)(buffer + offset);
      offset += entry->length;
      int number = number_in(entry->name);
      int result = number < 0 ? 0 : visit(context, number);
      if (result < 0) return result;
    }
  }
}

int cprocmem_open_numbered(int directory, const char *before, int number, const char *after, int flags) {
  char digits[12], path[PATH_SIZE], *end = path;
  int count = 0;
  do digits[count++] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  while (*before) *end++ = *before++;
  while (count > 0) *end++ = digits[--count];
  while (*after) *end++ = *after++;
  *end = 0;
  long file = syscall(SYS_openat, directory, path, flags | O_CLOEXEC, 0);
  return file >= 0 ? (int)file : -errno;
}
