#if defined(__x86_64__)

#define _GNU_SOURCE
#include "unused_stack.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../numbered_directory.h"

enum {
  PAGE_SIZE = 4096,
  SEARCHED_PAGES = 64,  // a stack begins with 33
  CONTEXT_SIZE = 1024,  // the registers that are pushed below a return address, of which any may be zero
};

// Of an entry of /proc/PID/pagemap: a page that was never touched has none of these but may be soft-dirty or in a file.
static const uint64_t is_present = UINT64_C(1) << 63;
static const uint64_t any_content = ~(UINT64_C(1) << 55 | UINT64_C(1) << 61);

static long read_entries(pid_t pid, uint64_t address, uint64_t entries[SEARCHED_PAGES]) {
  int file = cprocmem_open_numbered(AT_FDCWD, "/proc/", pid, "/pagemap", O_RDONLY);
  if (file < 0) return 0;
  const size_t entry_size = sizeof *entries;
  const long offset = (long)(address / PAGE_SIZE * entry_size);
  long size = syscall(SYS_pread64, (long)file, entries, SEARCHED_PAGES * entry_size, offset);
  syscall(SYS_close, (long)file);
  return size / (long)entry_size;
}

bool cprocmem_read_touched(pid_t pid, uint64_t address, void *bytes, size_t size) {
  uint64_t entries[SEARCHED_PAGES];
  const long count = read_entries(pid, address, entries);
  size_t done = 0;
  for (long i = 0; i < count && done < size; i++) {
    const size_t rest = PAGE_SIZE - (size_t)((address + done) % PAGE_SIZE), part = rest < size - done ? rest : size - done;
    uint8_t *target = (uint8_t *)bytes + done;
    if ((entries[i] & any_content) == 0) {
      memset(target, 0, part);
    } else if (!cprocmem_read_memory(pid, address + done, target, part)) {
      return false;
    }
    done += part;
  }
  return done == size;
}

// Where the first byte is that is not zero, from the start of a page; its size where there is none.
static size_t zero_size(const uint64_t words[PAGE_SIZE / sizeof(uint64_t)]) {
  size_t i = 0;
  while (i < PAGE_SIZE / sizeof *words && words[i] == 0) i++;
  return i * sizeof *words;
}

// Where memory from the start of the stack on is not zero any more, or where it was looked at up to.
static uint64_t end_of_zeros(pid_t pid, const struct mapping_bounds *stack) {
  static uint64_t words[PAGE_SIZE / sizeof(uint64_t)];
  uint64_t entries[SEARCHED_PAGES], address = stack->start;
  const long count = read_entries(pid, address, entries);
  for (long i = 0; i < count && address < stack->end; i++, address += PAGE_SIZE) {
    if ((entries[i] & any_content) == 0) continue;
    if ((entries[i] & is_present) == 0 || !cprocmem_read_memory(pid, address, words, sizeof words)) break;
    const size_t zeros = zero_size(words);
    if (zeros < PAGE_SIZE) return address + zeros;
  }
  return address;
}

bool cprocmem_find_unused_stack(pid_t pid, uint64_t stack_pointer, struct unused_stack *unused) {
  struct stack_search search = {.address = stack_pointer};
  if (cprocmem_search_stack(pid, &search) != 0 || search.around.end == 0 || search.stack.end == 0) return false;
  // A piece of the stack with other rights has another mapping: it may hold the lower end of what waits in this one.
  if (search.end_below == search.stack.start) return false;
  uint64_t limit = end_of_zeros(pid, &search.stack);
  if (stack_pointer >= search.stack.start && stack_pointer < limit) limit = stack_pointer;
  unused->around = search.around;
  unused->stack = search.stack;
  unused->start = search.stack.start;
  unused->end = limit - unused->start > CONTEXT_SIZE ? limit - CONTEXT_SIZE : unused->start;
  return unused->end > unused->start;
}

#endif
