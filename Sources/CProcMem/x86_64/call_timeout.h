// How long the system calls may take that a stop interrupts and the kernel does not restart with the rest of their time.

#ifndef CALL_TIMEOUT_H
#define CALL_TIMEOUT_H

#include <stdbool.h>

#include "../holder/timed_calls.h"

// processor.find_timeout
bool cprocmem_find_timeout(const struct blocked_call *call, struct call_timeout *timeout);

#endif
