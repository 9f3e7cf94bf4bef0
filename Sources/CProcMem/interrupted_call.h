// System calls that a stop interrupts and that the kernel does not restart by itself.

#ifndef INTERRUPTED_CALL_H
#define INTERRUPTED_CALL_H

#include <sys/types.h>

// For a thread in the stop of PTRACE_INTERRUPT: where one of the calls that return EINTR after any stop (signal(7)) was
// interrupted, tells the kernel to restart it, as it restarts most others. A signal with a handler that is pending, or
// arrives before the thread runs, still makes it return EINTR. A call with a timeout starts over with all of it.
void cprocmem_restart_interrupted_call(pid_t tid);

#endif
