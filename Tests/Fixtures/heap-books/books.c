#define _GNU_SOURCE
#include "books.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct books open_books(size_t count) {
  void *memory =
      mmap(NULL, count * sizeof(struct entry), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) abort();
  return (struct books){memory, count};
}

uint64_t next_number(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

void say(const char *format, ...) {
  char line[512];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof line - 1, format, arguments);
  va_end(arguments);
  if (length < 0 || length >= (int)sizeof line - 1) abort();
  line[length] = '\n';
  if (write(1, line, length + 1) < 0) abort();
}

void fill(void *block, size_t bytes, const char *kind, size_t number) {
  char text[64];
  int length = snprintf(text, sizeof text, "%s:%zu", kind, number);
  memset(block, 0, bytes < 4096 ? bytes : 4096);
  memcpy(block, text, (size_t)length < bytes ? (size_t)length : bytes);
}

uint64_t resident_anonymous(void) {
  // The RssAnon of status is the sum of counters that lag behind.
  char text[4096];
  int file = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
  ssize_t length = file < 0 ? -1 : read(file, text, sizeof text - 1);
  if (length < 0) abort();
  close(file);
  text[length] = 0;
  const char *line = strstr(text, "Anonymous:");
  return line ? strtoull(line + 10, NULL, 10) << 10 : 0;
}
