// A copy-on-write child of a stopped process: its memory as it is now, to be read while the process runs on.
// Runs in the forked child, like traced_threads.h.

#ifndef SNAPSHOT_ENGINE_H
#define SNAPSHOT_ENGINE_H

#include <stdbool.h>

#include "cprocmem_holder.h"
#include "stop_engine.h"

// Makes the child. The process has to be stopped as a whole, and stays so.
void cprocmem_snapshot_take(struct stop_engine *engine, const struct cprocmem_snapshot_request *request,
                            struct cprocmem_snapshot_report *report);

// Once the process runs again: takes the child's files away, so that a file or socket that the process closes is closed,
// and has it killed first when memory runs out.
void cprocmem_snapshot_settle(pid_t child, const struct cprocmem_gadgets *gadgets);

// Kills the child, and has a thread of the process reap it. Returns 0 or -errno. `waits` is then what the request says, as it
// is now.
int cprocmem_snapshot_end(struct stop_engine *engine, const struct cprocmem_snapshot_end_request *request,
                          struct cprocmem_waits *waits);

#endif
