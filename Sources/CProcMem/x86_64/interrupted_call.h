// System calls that a stop interrupts and that the kernel does not restart by itself, or not with the rest of their time.

#ifndef INTERRUPTED_CALL_H
#define INTERRUPTED_CALL_H

#include <sys/types.h>

#include "../holder/timed_calls.h"

// processor.restart_interrupted_call
void cprocmem_restart_interrupted_call(pid_t tid, struct timed_call *timed);

#endif
