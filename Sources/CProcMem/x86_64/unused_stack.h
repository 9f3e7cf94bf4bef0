// Memory of a process that nothing in it has in use: at the lower end of the stack that its first thread began on.

#ifndef UNUSED_STACK_H
#define UNUSED_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../holder/process_facts.h"

struct unused_stack {
  uint64_t start, end;
  struct mapping_bounds around; // the mapping that the stack pointer is in
  struct mapping_bounds stack;  // and that of the first stack
};

// Finds it while the first thread stands still, with a stack pointer that may be on any stack. False: there is none that is
// sure not to be in use.
//
// A stack grows down. Whatever waits on it (a function that has called another, a coroutine whose stack is an array in there)
// has the address to which it returns at its lower end, or within CONTEXT_SIZE of that. So what is below the lowest byte that
// is not zero belongs to none that waits, and what is below the stack pointer not to the one that runs. An array that another
// thread was handed lies above its function's lower end.
bool cprocmem_find_unused_stack(pid_t pid, uint64_t stack_pointer, struct unused_stack *unused);

// Reads memory of up to 63 pages, of which those that were never touched read as zeros and stay so.
bool cprocmem_read_touched(pid_t pid, uint64_t address, void *bytes, size_t size);

#endif
