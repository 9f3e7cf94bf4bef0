// The calls with a timeout that the threads of a process sleep in, noted before it is stopped: a stop interrupts them, and
// how long they have waited by then is not told afterwards.
//
// Some calls can be restarted with the rest of their timeout. The others start over with all of it, and are ended in time at a
// later stop. Of both it is kept how long they have waited (struct cprocmem_wait).
//
// Runs in the forked child, like traced_threads.h.

#ifndef TIMED_CALLS_H
#define TIMED_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cprocmem_holder.h"
#include "sleep_clock.h"

// A call that a thread sleeps in.
struct blocked_call {
  pid_t pid, tid;
  int64_t number;
  uint64_t arguments[6], stack_pointer, program_counter;
};

// What a processor knows of a call's timeout.
struct call_timeout {
  uint64_t nanoseconds;
  bool takes_rest; // the call can be restarted with what is left
  int64_t result;  // what it returns when its time is over, where it cannot
};

struct timed_call {
  struct blocked_call call;
  struct call_timeout timeout;
  int directory, file;       // /proc/PID/task, and the thread's `sched` there
  struct sleep_facts slept;
  uint64_t start;            // CLOCK_MONOTONIC, in nanoseconds; 0: not known
  uint64_t waited_before;    // in nanoseconds: until the last stop that made the call start over
  uint64_t waited;           // in all, at the stop
  bool is_made_again, started_over; // the latter: with all of its timeout
};

// Notes the call that a thread sleeps in, until all are forgotten. `directory` is /proc/PID/task; `waits` tells of the last
// stop. Returns NULL where there is no call with a timeout, or where it cannot be known since when the thread sleeps.
struct timed_call *cprocmem_timed_calls_note(pid_t pid, int directory, pid_t tid, const struct cprocmem_waits *waits);

// The call of a thread; NULL where none was noted.
struct timed_call *cprocmem_timed_call_of(pid_t tid);

// For a thread that stands still in its call: how long that has waited, in `waited`. False where the thread may have returned
// from it meanwhile and made it again.
bool cprocmem_timed_call_measure(struct timed_call *timed);

// Brings up to date what is told of the threads whose calls were noted, and that still stand still.
void cprocmem_timed_calls_update(struct cprocmem_waits *waits);

// Takes out what is told of a thread.
void cprocmem_waits_remove(struct cprocmem_waits *waits, pid_t tid);

void cprocmem_timed_calls_forget(void);

#endif
