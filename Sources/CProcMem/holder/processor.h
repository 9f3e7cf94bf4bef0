// What a processor has to provide: the one header between the holder and a processor's folder.
//
// Each folder beside this one (x86_64/, aarch64/) defines cprocmem_processor in its processor.c. All of a file there stands
// between an #if and an #endif, since SwiftPM cannot choose files by processor; no file elsewhere asks which it is. A new
// processor is a folder, and a word in the #if of other/, which has the rest. Runs in the forked child, like
// traced_threads.h.

#ifndef PROCESSOR_H
#define PROCESSOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cprocmem_holder.h"

// See timed_calls.h.
struct blocked_call;
struct call_timeout;
struct timed_call;

// A stopped thread that is made to run system calls of our choice; the processor's own.
struct injection;

// Has a stopped thread run a system call, and puts it back to what it did. At every instant the thread finds back by
// itself, also if we die. There is one injection at a time: what `fit` and `of_child` return is good until they are called
// again.
struct injector {
  // Looks whether the first thread of a process, in the stop of PTRACE_INTERRUPT, is one to do this with: without a seccomp
  // filter, in no restartable sequence (rseq(2)), on no signal stack, with memory for it that is not in use. Returns 0,
  // -ESTALE where the process does not have the instructions, or -EAGAIN where it is not. Changes nothing.
  int (*fit)(pid_t pid, const struct cprocmem_gadgets *gadgets, struct injection **injection);

  // Whether another stopped thread runs on the stack that this is done on: a thread can be given any memory for its stack.
  bool (*is_in_the_way)(const struct injection *injection, pid_t tid);

  // A child of such a thread, which is stopped before its first instruction and stays so. NULL where it has ended.
  struct injection *(*of_child)(pid_t child, const struct cprocmem_gadgets *gadgets);

  // Writes what the thread finds back by, and what ends a child of it. Returns 0, -EAGAIN where the thread's state does not
  // fit there, or -errno.
  int (*prepare)(struct injection *injection);

  // As call() does it, makes a child with a copy of the memory, stopped before its first instruction; it would end with that.
  // It shares the table of files: its own comes later, when the process runs again. Only a wait with __WALL or __WCLONE
  // sees it.
  int (*fork)(const struct injection *injection, int64_t *result, pid_t *child);

  // Runs a call with all signals blocked. Returns 0 once it is over (*result is then what the kernel gave, -errno where it
  // failed), or -errno where the thread did not do as told. end() has to follow.
  int (*call)(const struct injection *injection, uint64_t number, const uint64_t arguments[4], int64_t *result);

  // Restores the thread, which stays stopped, and the memory. Returns 0, or -errno; then it finds back by itself as soon as
  // it runs.
  int (*end)(const struct injection *injection);

  // Restores the memory of a child, which must not run any more, and has a child run into its end.
  void (*erase)(const struct injection *injection);
  void (*run_to_end)(const struct injection *injection);
};

struct processor {
  // The name of its system calls for seccomp(2) (AUDIT_ARCH_…); 0: not known. Those from `foreign_calls` on are of another kind
  // of program that it runs, too; 0: there are none.
  uint32_t audit_architecture, foreign_calls;

  // What a debugger wants of a thread, in the types of register notes: the general registers first, 0 last. A set that the
  // processor at hand does not have is left out.
  const uint32_t *register_sets;

  // For a thread in the stop of PTRACE_INTERRUPT: where one of the calls that return EINTR after any stop (signal(7)) was
  // interrupted, tells the kernel to restart it, as it restarts most others. A signal with a handler that is pending, or
  // arrives before the thread runs, still makes it return EINTR. `timed` is what was noted of the call before the stop, or
  // NULL: with that it waits no longer than its timeout, or is marked as one that starts over. NULL: not written yet.
  void (*restart_interrupted_call)(pid_t tid, struct timed_call *timed);

  // For a thread that sleeps: whether it does so in one of the calls above, with a timeout that is an end. NULL: not written
  // yet.
  bool (*find_timeout)(const struct blocked_call *call, struct call_timeout *timeout);

  // NULL: not written yet; then there are no snapshots.
  const struct injector *injector;
};

extern const struct processor cprocmem_processor;

#endif
