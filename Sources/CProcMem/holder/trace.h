// ptrace(2), for every call of the holder. The lowest layer of it: all that touches a target goes through here.

#ifndef TRACE_H
#define TRACE_H

#include <sys/types.h>

// Returns 0 or a value, or -1 and errno.
long cprocmem_trace(int request, pid_t tid, unsigned long address, unsigned long data);

#ifdef CPROCMEM_STEP_KILL
extern long cprocmem_die_at; // for tests: the ptrace call before which the holder kills itself
#endif

#endif
