#define _GNU_SOURCE
#include "stack_search.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../numbered_directory.h"

enum { BUFFER_SIZE = 16 * 1024, LINE_SIZE = 8 * 1024 /* a path, each byte of it escaped, fits */ };

static int hexadecimal_digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

static const char *read_hexadecimal(const char *text, uint64_t *number) {
  for (*number = 0; hexadecimal_digit(*text) >= 0; text++) *number = *number << 4 | (uint64_t)hexadecimal_digit(*text);
  return text;
}

static bool ends_in(const char *line, size_t length, const char *end) {
  size_t size = strlen(end);
  return length >= size && memcmp(line + length - size, end, size) == 0;
}

// `START-END rw-p …`, without its newline and with a NUL behind it.
static bool read_mapping(const char *line, size_t length, struct stack_mapping *mapping, bool *is_private_writable) {
  const char *text = read_hexadecimal(line, &mapping->start);
  if (*text != '-') return false;
  text = read_hexadecimal(text + 1, &mapping->end);
  if (*text != ' ' || length - (size_t)(text - line) < 5) return false;
  *is_private_writable = memcmp(text + 1, "rw-p", 4) == 0;
  mapping->is_main = ends_in(line, length, " [stack]");
  return true;
}

// Calls `visit` with every line of a file until it returns true.
static int each_line(int file, bool (*visit)(void *context, char *line, size_t length), void *context) {
  static char buffer[BUFFER_SIZE + 1];
  size_t filled = 0;
  for (;;) {
    long count = syscall(SYS_read, file, buffer + filled, BUFFER_SIZE - filled);
    if (count <= 0) return count < 0 ? -errno : -ENOENT;
    filled += (size_t)count;
    char *line = buffer, *end;
    while ((end = memchr(line, '\n', (size_t)(buffer + filled - line))) != NULL) {
      *end = 0;
      if (visit(context, line, (size_t)(end - line))) return 0;
      line = end + 1;
    }
    filled = (size_t)(buffer + filled - line);
    if (filled > LINE_SIZE) return -EOVERFLOW;
    memmove(buffer, line, filled);
  }
}

struct stack_search {
  uint64_t address;
  struct stack_mapping *mapping;
  bool is_found;
};

static bool visit_mapping(void *context, char *line, size_t length) {
  struct stack_search *search = context;
  bool is_private_writable;
  if (!read_mapping(line, length, search->mapping, &is_private_writable)) return true;
  if (search->address >= search->mapping->end) return false;
  search->is_found = search->address >= search->mapping->start && is_private_writable;
  return true;
}

int cprocmem_find_stack(pid_t pid, uint64_t address, struct stack_mapping *mapping) {
  int file = cprocmem_open_numbered(AT_FDCWD, "/proc/", pid, "/maps", O_RDONLY);
  if (file < 0) return file;
  struct stack_search search = {.address = address, .mapping = mapping};
  int error = each_line(file, visit_mapping, &search);
  syscall(SYS_close, file);
  return error != 0 ? error : search.is_found ? 0 : -ENOENT;
}

static bool visit_status(void *context, char *line, size_t length) {
  static const char key[] = "Seccomp:\t";
  if (length < sizeof key || memcmp(line, key, sizeof key - 1) != 0) return false;
  *(bool *)context = line[sizeof key - 1] != '0';
  return true;
}

bool cprocmem_has_filter(pid_t pid, pid_t tid) {
  bool has_filter = true;
  int directory = cprocmem_open_numbered(AT_FDCWD, "/proc/", pid, "/task", O_RDONLY | O_DIRECTORY);
  if (directory < 0) return true;
  int file = cprocmem_open_numbered(directory, "", tid, "/status", O_RDONLY);
  syscall(SYS_close, directory);
  if (file < 0) return true;
  // A kernel without seccomp has no such line, and nothing to filter with.
  if (each_line(file, visit_status, &has_filter) == -ENOENT) has_filter = false;
  syscall(SYS_close, file);
  return has_filter;
}

bool cprocmem_read_memory(pid_t pid, uint64_t address, void *bytes, size_t size) {
  struct iovec local = {bytes, size}, remote = {(void *)(uintptr_t)address, size};
  return syscall(SYS_process_vm_readv, (long)pid, &local, 1L, &remote, 1L, 0L) == (long)size;
}

bool cprocmem_write_memory(pid_t pid, uint64_t address, const void *bytes, size_t size) {
  struct iovec local = {(void *)(uintptr_t)bytes, size}, remote = {(void *)(uintptr_t)address, size};
  return syscall(SYS_process_vm_writev, (long)pid, &local, 1L, &remote, 1L, 0L) == (long)size;
}
