// What /proc tells of a process that is held, and its memory, read and written whole.

#ifndef PROCESS_FACTS_H
#define PROCESS_FACTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct mapping_bounds {
  uint64_t start, end;
};

struct stack_search {
  uint64_t address;               // in: a stack pointer
  struct mapping_bounds around;   // the mapping that holds it; empty: none
  struct mapping_bounds stack;    // the one that the kernel calls [stack]; empty: none that is private and writable
  uint64_t end_below;             // where the mapping below [stack] ends
};

// Returns 0 or -errno.
int cprocmem_search_stack(pid_t pid, struct stack_search *search);

// Whether a line of /proc/TID/status says that a thread has a seccomp filter (or strict mode), or says nothing.
bool cprocmem_has_filter(pid_t tid);

// The number of a child in the PID namespace of its parent; 0 where it is not known.
pid_t cprocmem_inner_number(pid_t child, pid_t parent);

// Reads or writes all of a piece of memory: process_vm_readv(2) and process_vm_writev(2), or /proc/PID/mem where we may not
// call those.
bool cprocmem_read_memory(pid_t pid, uint64_t address, void *bytes, size_t size);
bool cprocmem_write_memory(pid_t pid, uint64_t address, const void *bytes, size_t size);

#endif
