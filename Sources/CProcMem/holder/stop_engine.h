// Stopping and resuming one process under a kill timer. Runs in the forked child, like traced_threads.h.

#ifndef STOP_ENGINE_H
#define STOP_ENGINE_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "cprocmem_holder.h"
#include "monotonic_time.h"
#include "traced_threads.h"

enum { WATCHED_CONTROL, WATCHED_TOOL, WATCHED_TARGET, WATCHED_COUNT };

struct stop_engine {
  struct pollfd watched[WATCHED_COUNT]; // the control socket and two pidfds; -1: not watched
  struct traced_threads threads;
  int kill_timer;
};

// Cuts what is unreasonably long, so that no sum of times overflows.
uint64_t cprocmem_bounded(uint64_t nanoseconds);

// Waits until one of the watched files has an event (in its revents), at most this long. Returns whether one has.
bool cprocmem_engine_watch(struct stop_engine *engine, uint64_t nanoseconds);

// Takes note of the end of a process, by its pidfd, from now on, or not any more.
void cprocmem_engine_watch_target(struct stop_engine *engine, pid_t pid);
void cprocmem_engine_unwatch(struct stop_engine *engine);

// Returns 0 or -errno.
int cprocmem_engine_prepare(struct stop_engine *engine);

// Has the holder killed after a time, whatever it does then; 0: not any more. Returns 0 or -errno.
int cprocmem_engine_arm(struct stop_engine *engine, uint64_t nanoseconds);

// Stops every thread and fills in the report. cprocmem_engine_resume has to follow, also after an error.
void cprocmem_engine_stop(struct stop_engine *engine, const struct cprocmem_stop_request *request,
                          struct cprocmem_stop_report *report);

// Stops one thread of a process that `engine->threads` is open on. It goes on with what it does until it stands still, so to
// wait for it costs nobody anything; but when it does and we do not go on, the kill timer ends that soon. Returns whether it
// stands still because we interrupted it.
bool cprocmem_engine_stop_thread(struct stop_engine *engine, pid_t tid);

// Lets go of every thread. Fills in everything of the report but the reason.
void cprocmem_engine_resume(struct stop_engine *engine, struct cprocmem_resume_report *report);

#endif
