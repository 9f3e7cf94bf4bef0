// How long a sleeping thread has slept. Runs in the forked child, like traced_threads.h.
//
// The scheduler notes when a thread went to sleep (se.exec_start of /proc/PID/task/TID/sched), by a clock that each
// processor has for itself and that leaves out the time it spent on interrupts, or that a hypervisor took from it. So what
// is told here is never longer than the truth.

#ifndef SLEEP_CLOCK_H
#define SLEEP_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct sleep_facts {
  uint64_t switches; // how often it has gone to sleep so far
  uint64_t start;    // when it was last seen to run, by the clock of its processor
  int processor;
};

// Forgets what it knows of the processors' clocks.
void cprocmem_sleep_clock_reset(void);

// Finds since when a thread sleeps. `directory` is /proc/PID/task, `file` the thread's open `sched`. False where the kernel
// does not tell.
bool cprocmem_sleep_facts(int directory, pid_t tid, int file, struct sleep_facts *facts);

// The same in nanoseconds of CLOCK_MONOTONIC; 0: not known. Runs on the processor of the thread for a moment.
uint64_t cprocmem_sleep_start(const struct sleep_facts *facts);

// For a thread that was stopped since: how long it had slept until then, in nanoseconds, with its start where that is known.
// False where it has slept once more meanwhile, or where its start is needed and not known.
bool cprocmem_sleep_length(int directory, pid_t tid, int file, const struct sleep_facts *facts, uint64_t start,
                           uint64_t *length);

// How often a thread has gone to sleep so far, by its open `sched`. Returns false where that is not told.
bool cprocmem_sleep_count(int file, uint64_t *switches);

#endif
