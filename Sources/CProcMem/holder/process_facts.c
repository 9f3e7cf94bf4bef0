#define _GNU_SOURCE
#include "process_facts.h"

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
static bool read_mapping(const char *line, size_t length, struct mapping_bounds *mapping, bool *is_private_writable) {
  const char *text = read_hexadecimal(line, &mapping->start);
  if (*text != '-') return false;
  text = read_hexadecimal(text + 1, &mapping->end);
  if (*text != ' ' || length - (size_t)(text - line) < 5) return false;
  *is_private_writable = memcmp(text + 1, "rw-p", 4) == 0;
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

static bool visit_mapping(void *context, char *line, size_t length) {
  struct stack_search *search = context;
  struct mapping_bounds mapping;
  bool is_private_writable;
  if (!read_mapping(line, length, &mapping, &is_private_writable)) return true;
  if (search->address >= mapping.start && search->address < mapping.end) search->around = mapping;
  if (!ends_in(line, length, " [stack]")) {
    if (search->stack.end == 0) search->end_below = mapping.end;
  } else if (is_private_writable) {
    search->stack = mapping;
  }
  return search->stack.end != 0 && search->address < mapping.end;
}

int cprocmem_search_stack(pid_t pid, struct stack_search *search) {
  int file = cprocmem_open_numbered(AT_FDCWD, "/proc/", pid, "/maps", O_RDONLY);
  if (file < 0) return file;
  search->around = search->stack = (struct mapping_bounds){.start = 0};
  search->end_below = 0;
  int error = each_line(file, visit_mapping, search);
  syscall(SYS_close, file);
  return error == -ENOENT ? 0 : error; // the end of the map
}

// Visits the lines of /proc/PID/status. Returns 0, -ENOENT where `visit` wanted none of them, or -errno.
static int each_status_line(pid_t pid, bool (*visit)(void *context, char *line, size_t length), void *context) {
  int file = cprocmem_open_numbered(AT_FDCWD, "/proc/", pid, "/status", O_RDONLY);
  if (file < 0) return file;
  int error = each_line(file, visit, context);
  syscall(SYS_close, (long)file);
  return error;
}

static const char *value_of(const char *key, const char *line, size_t length) {
  const size_t size = strlen(key);
  return length > size && memcmp(line, key, size) == 0 ? line + size : NULL;
}

static bool visit_filter(void *context, char *line, size_t length) {
  const char *value = value_of("Seccomp:\t", line, length);
  if (value != NULL) *(bool *)context = *value != '0';
  return value != NULL;
}

bool cprocmem_has_filter(pid_t tid) {
  bool has_filter = true;
  // A kernel without seccomp has no such line, and nothing to filter with.
  return each_status_line(tid, visit_filter, &has_filter) == -ENOENT ? false : has_filter;
}

enum { NAMESPACE_LIMIT = 33 }; // MAX_PID_NS_LEVEL and the first

struct numbers {
  size_t count;
  pid_t items[NAMESPACE_LIMIT]; // of one process in each namespace, from ours to its own
};

static bool visit_numbers(void *context, char *line, size_t length) {
  struct numbers *numbers = context;
  const char *value = value_of("NSpid:\t", line, length);
  if (value == NULL) return false;
  while (numbers->count < NAMESPACE_LIMIT && *value >= '0' && *value <= '9') {
    pid_t number = 0;
    for (; *value >= '0' && *value <= '9'; value++) number = number * 10 + (*value - '0');
    numbers->items[numbers->count++] = number;
    if (*value == '\t') value++;
  }
  return true;
}

pid_t cprocmem_inner_number(pid_t child, pid_t parent) {
  struct numbers of_child = {.count = 0}, of_parent = {.count = 0};
  if (each_status_line(child, visit_numbers, &of_child) != 0) return 0;
  if (each_status_line(parent, visit_numbers, &of_parent) != 0) return 0;
  return of_parent.count > 0 && of_parent.count <= of_child.count ? of_child.items[of_parent.count - 1] : 0;
}

// A seccomp filter over us may deny the calls (containers did, before Linux 4.8), and not the file.
static bool is_denied(void) { return errno == EPERM || errno == ENOSYS; }

bool cprocmem_read_memory(pid_t pid, uint64_t address, void *bytes, size_t size) {
  struct iovec local = {bytes, size}, remote = {(void *)(uintptr_t)address, size};
  if (syscall(SYS_process_vm_readv, (long)pid, &local, 1L, &remote, 1L, 0L) == (long)size) return true;
  if (!is_denied()) return false;
  int file = cprocmem_open_numbered(AT_FDCWD, "/proc/", pid, "/mem", O_RDONLY);
  if (file < 0) return false;
  bool is_read = syscall(SYS_pread64, (long)file, bytes, size, (long)address) == (long)size;
  syscall(SYS_close, (long)file);
  return is_read;
}

bool cprocmem_write_memory(pid_t pid, uint64_t address, const void *bytes, size_t size) {
  struct iovec local = {(void *)(uintptr_t)bytes, size}, remote = {(void *)(uintptr_t)address, size};
  if (syscall(SYS_process_vm_writev, (long)pid, &local, 1L, &remote, 1L, 0L) == (long)size) return true;
  if (!is_denied()) return false;
  int file = cprocmem_open_numbered(AT_FDCWD, "/proc/", pid, "/mem", O_WRONLY);
  if (file < 0) return false;
  bool is_written = syscall(SYS_pwrite64, (long)file, bytes, size, (long)address) == (long)size;
  syscall(SYS_close, (long)file);
  return is_written;
}
