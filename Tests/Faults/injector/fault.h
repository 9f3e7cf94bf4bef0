// What becomes of a system call that is picked. x86_64 only: it changes a traced thread's registers.
#pragma once
#include <stdbool.h>
#include <sys/types.h>

enum fault_kind {
  fault_none,        // nothing: the calls are counted
  fault_fail,        // it is not made, and fails with the errno `argument`
  fault_fail_after,  // it is made, and tells of the errno `argument` all the same
  fault_answer,      // it is not made, and returns `argument`
  fault_shorten,     // it is made for `argument` bytes at most, or for half of them where that is 0
  fault_delay,       // it is made `argument` milliseconds late
};

struct fault {
  enum fault_kind kind;
  long argument;
};

// What has to be put right when the call returns.
struct pending_fault {
  enum { pending_none, pending_result, pending_length, pending_vector } what;
  long result;
  unsigned long third_argument;
  unsigned long length_address, length;
};

// The kind of this name, or -1.
int fault_kind_named(const char *name);

// Changes the call that the thread is about to make; `call` is its number.
struct pending_fault fault_enter(pid_t thread, long call, struct fault fault);

// Changes what it returned, and puts its arguments back.
void fault_leave(pid_t thread, struct pending_fault *pending);
