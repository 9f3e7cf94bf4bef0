// Has a stopped thread run a system call of our choice, and puts it back to what it did: the injector of processor.h.
//
// At every instant the thread finds back by itself: the call returns into a signal frame of the thread's own state (see
// signal_frame.h), which lies where nothing is in use (see unused_stack.h), and is zeros again afterwards. No code is written.
//
// It is always the first thread of the process: to hold that is to have the memory for oneself.

#ifndef INJECTION_H
#define INJECTION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

#include "../holder/processor.h"
#include "unused_stack.h"

struct injection {
  pid_t tid; // of the first thread, and so the process
  struct cprocmem_gadgets gadgets;
  struct unused_stack unused;
  struct mapping_bounds frames; // what is written there
  uint64_t own_frame;  // the stack pointer from which a `ret` restores the thread
  uint64_t exit_frame; // … and from which it ends its process: for a child with a copy of this memory
  uint64_t signal_mask;
  struct user_regs_struct registers;
  unsigned long options; // of ptrace, that stay set
};

// Whether the instructions are where they were found: the process may have run another program since.
bool cprocmem_injection_has_gadgets(const struct injection *injection);

// Reads the thread's registers and looks whether it is one to do this with (injector.fit), which is 64-bit, too.
bool cprocmem_injection_fits(struct injection *injection);

// Whether the thread was stopped in a system call.
bool cprocmem_injection_in_call(const struct injection *injection);

extern const struct injector cprocmem_x86_64_injector;

#endif
