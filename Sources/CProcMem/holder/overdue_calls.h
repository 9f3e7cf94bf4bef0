// Ending the calls that have started over, when their time is over. Runs in the forked child, like traced_threads.h.

#ifndef OVERDUE_CALLS_H
#define OVERDUE_CALLS_H

#include "cprocmem_holder.h"
#include "stop_engine.h"

// Stops the thread of each call whose time is over, and of no other, and lets it go on with the call at its end. What is
// still attached afterwards, only the end of the holder lets go.
void cprocmem_overdue_calls_end(struct stop_engine *engine, const struct cprocmem_waits_end_request *request,
                                struct cprocmem_waits_end_report *report);

#endif
