// The calls that sleep, and what each of them sleeps for.
#ifndef BLOCKED_CALLS_H
#define BLOCKED_CALLS_H

#include <mqueue.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/// What the calls of one thread wait for: each thread has its own of everything, so that none is woken by another's.
struct call_objects {
  int pipe[2], sockets[2], listener, events, inotify, timer, locked_file, other_file;
  int semaphores, messages;
  mqd_t queue;
  pid_t child;
  int lock_holder; // closed, it gives up the lock
  unsigned long context;
  _Atomic uint32_t futex;
  char path[64];
};

struct blocked_call {
  const char *name;
  long number; // of the system call; what the C library makes of it
  long (*block)(struct call_objects *);
  void (*wake)(struct call_objects *, pthread_t thread); // NULL: time alone ends it
  int woken_error; // the error that being woken gives, if it is one
};

/// Ends with an entry without a name.
extern const struct blocked_call blocked_calls[], timed_calls[];

enum { ring_call = 426 }; // io_uring_enter
/// Whether the kernel has io_uring, and lets us.
bool has_ring(void);

void prepare_objects(struct call_objects *objects);
/// Ends the children and removes the files.
void end_objects(void);
/// Has a thread for each name, or for all there are, make its call twice, and prints `NAME MICROSECONDS OVER` when it returns:
/// OVER is 1 where the call says that its time is over. Ends at the end of standard input.
_Noreturn void run_timers(long milliseconds, int count, char **names);
_Noreturn void fail(const char *what);

#endif
