// Where the stack of a stopped thread is, and whether the memory below its stack pointer is dead.

#ifndef STACK_SEARCH_H
#define STACK_SEARCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct stack_mapping {
  uint64_t start, end;
  bool is_main; // the kernel calls it [stack]
};

// Finds the private, writable mapping that holds an address. Returns 0, -ENOENT where there is none, or -errno.
int cprocmem_find_stack(pid_t pid, uint64_t address, struct stack_mapping *mapping);

// Whether a line of /proc/PID/task/TID/status says that there is a seccomp filter (or strict mode), or says nothing.
bool cprocmem_has_filter(pid_t pid, pid_t tid);

// process_vm_readv(2) and process_vm_writev(2) of all of a piece of memory.
bool cprocmem_read_memory(pid_t pid, uint64_t address, void *bytes, size_t size);
bool cprocmem_write_memory(pid_t pid, uint64_t address, const void *bytes, size_t size);

#endif
