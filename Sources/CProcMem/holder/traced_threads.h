// The threads of one process that the holder is attached to.
//
// Runs in the forked child, so it is limited to system calls and functions that are safe after a fork in a program with
// threads.

#ifndef TRACED_THREADS_H
#define TRACED_THREADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum thread_state {
  THREAD_RUNNING, // attached, no stop seen yet
  THREAD_STOPPED,
  THREAD_ENDED, // a leader that ended before the other threads: stays attached, will never stop
  THREAD_GONE,  // not attached any more
};

struct traced_thread {
  pid_t tid;
  uint8_t state;         // enum thread_state
  uint8_t signal;        // it stopped on its way to this signal, which the detach has to deliver; 0: none
  uint8_t group_stopped; // a signal had stopped it before (state T)
  uint8_t asked;         // to stop
};

struct traced_threads {
  pid_t pid;     // the tid of the leader
  int directory; // /proc/PID/task, open: it stays with this process even if the pid is used again
  size_t count;
  struct traced_thread *items;
  uint64_t *known; // one bit for every tid in items
};

// What one pass over /proc/PID/task did.
struct seize_pass {
  size_t found;       // threads it attached to
  bool complete;      // it saw as many threads as the process has
  pid_t error_thread; // the thread that could not be attached to
};

// Maps the table and has ended threads reaped as soon as they end. Returns 0 or -errno.
int cprocmem_threads_prepare(struct traced_threads *threads);

int cprocmem_threads_open(struct traced_threads *threads, pid_t pid);
void cprocmem_threads_close(struct traced_threads *threads);

// Whether the first thread is seen to have ended.
bool cprocmem_threads_leader_ended(const struct traced_threads *threads);

// Attaches to every thread that is not in the table yet; with `interrupt` also stops it. Returns 0 or -errno.
int cprocmem_threads_seize_new(struct traced_threads *threads, bool interrupt, struct seize_pass *pass);

// Attaches to one thread, and interrupts it.
int cprocmem_threads_seize_one(struct traced_threads *threads, pid_t tid, struct seize_pass *pass);

void cprocmem_threads_interrupt(struct traced_threads *threads);

// Looks which threads have stopped or are gone. Returns how many have still to stop.
size_t cprocmem_threads_look(struct traced_threads *threads);

// Asks those again that could not be asked to stop.
void cprocmem_threads_interrupt_again(struct traced_threads *threads);

// Whether a thread stands still because we interrupted it, and not on its way to a signal or by one.
bool cprocmem_thread_is_interrupted(const struct traced_thread *thread);

// Looks anew at a thread that was made to run and stop again.
void cprocmem_threads_look_again(struct traced_threads *threads, pid_t tid);

// Whether all that have still to stop are in uninterruptible sleep. Takes out of the running what has ended.
bool cprocmem_threads_only_sleepers(struct traced_threads *threads);

size_t cprocmem_threads_count_stopped(const struct traced_threads *threads, size_t *group_stopped);

// Detaches from every thread that has stopped. Returns how many threads are still attached.
size_t cprocmem_threads_detach(struct traced_threads *threads);

#endif
