// Has a stopped thread run a system call of our choice, and puts it back to what it did: the injector of processor.h.
//
// At every instant the thread finds back by itself: the call returns into a signal frame of the thread's own state, which
// lies in the dead memory below its stack pointer (see signal_frame.h). No code is written, and no memory that is in use.

#ifndef INJECTION_H
#define INJECTION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

#include "../holder/processor.h"

struct injection {
  pid_t pid, tid;
  struct cprocmem_gadgets gadgets;
  uint64_t stack_start, stack_end; // the mapping of the thread's stack
  uint64_t own_frame;              // the stack pointer from which a `ret` restores the thread
  uint64_t exit_frame;             // … and from which it ends its process: for a child with a copy of this memory
  uint64_t signal_mask;
  struct user_regs_struct registers;
  unsigned long options; // of ptrace, that stay set
};

// Reads the thread's registers and looks whether it is one to do this with (injector.fit), which is 64-bit, too.
bool cprocmem_injection_fits(struct injection *injection);

// injector.is_in_call
bool cprocmem_injection_in_call(const struct injection *injection);

extern const struct injector cprocmem_x86_64_injector;

#endif
