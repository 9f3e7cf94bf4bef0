// Has a stopped thread run a system call of our choice, and puts it back to what it did. x86_64.
//
// At every instant the thread finds back by itself: the call returns into a signal frame of the thread's own state, which
// lies in the dead memory below its stack pointer (see signal_frame.h). No code is written, and no memory that is in use.
// Runs in the forked child, like traced_threads.h.

#ifndef INJECTION_H
#define INJECTION_H

#if defined(__x86_64__)

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

#include "cprocmem_holder.h"

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

// Looks whether a thread in the stop of PTRACE_INTERRUPT is one to do this with: 64-bit, without a seccomp filter, on a
// stack of its own with room below, in no restartable sequence (rseq(2)) and on no signal stack. Changes nothing.
bool cprocmem_injection_fits(struct injection *injection, pid_t pid, pid_t tid, const struct cprocmem_gadgets *gadgets);

// Whether the thread was stopped in a system call.
bool cprocmem_injection_in_call(const struct injection *injection);

// A child of such a thread, which is stopped before its first instruction and stays so. Returns false where it has ended.
bool cprocmem_injection_of_child(struct injection *injection, pid_t child, const struct cprocmem_gadgets *gadgets);

// Writes the frames. Returns 0, -EAGAIN where the thread's state does not fit a frame, or -errno.
int cprocmem_injection_prepare(struct injection *injection);

// Runs a call with all signals blocked. Returns 0 once it is over (*result is then what the kernel gave, -errno where it
// failed), with the child of a clone in *child, stopped before its first instruction; or -errno where the thread did not
// do as told. cprocmem_injection_end has to follow.
int cprocmem_injection_call(const struct injection *injection, uint64_t number, const uint64_t arguments[4],
                            int64_t *result, pid_t *child);

// Restores the thread, which stays stopped. Returns 0, or -errno; then it finds back by itself as soon as it runs.
int cprocmem_injection_end(const struct injection *injection);

#endif

#endif
