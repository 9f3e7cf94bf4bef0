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
extern const struct blocked_call blocked_calls[];

void prepare_objects(struct call_objects *objects);
/// Ends the children and removes the files.
void end_objects(void);
_Noreturn void fail(const char *what);

#endif
