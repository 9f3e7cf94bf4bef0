// The holder: a small process that owns every ptrace attachment.
//
// A tracer that is one thread of a large program can be stopped, starved or killed with the target in its hands. The holder
// does nothing but hold: it attaches with PTRACE_SEIZE only, keeps a kill timer armed over itself while anything is
// stopped, and lets go when told, when time is up, when the tool is gone, or (through the kernel) when it dies itself.
//
// It is a fork that never calls exec, so it works for any program that links the library. It is C because after a fork
// in a program with threads only async-signal-safe code may run, which Swift does not promise.

#ifndef CPROCMEM_HOLDER_H
#define CPROCMEM_HOLDER_H

#include <stdint.h>
#include <sys/types.h>

// Tool to holder: stop every thread of a process.
struct cprocmem_stop_request {
  pid_t pid;
  uint32_t reserved;
  uint64_t settle_ns; // how long to wait for threads that do not stop (uninterruptible sleep), from the first interrupt
  uint64_t hold_ns;   // how long the target may stay stopped, from the first interrupt
};

// Holder to tool, once the process is stopped or could not be.
struct cprocmem_stop_report {
  int32_t error;         // 0, or an errno; then nothing is stopped, and the holder has ended
  pid_t error_thread;    // the thread it happened on
  uint32_t stopped;      // threads stopped by us
  uint32_t group_stopped; // of these, threads that had been stopped by a signal before
  uint32_t running;      // threads that did not stop in time: uninterruptible sleep, or waiting for a vfork child
  uint32_t reserved;
  uint64_t interrupted_ns; // CLOCK_MONOTONIC before the first interrupt
  uint64_t stopped_ns;     // CLOCK_MONOTONIC when the last thread was stopped
};

enum cprocmem_resume_reason {
  CPROCMEM_RESUME_REQUESTED = 0,
  CPROCMEM_RESUME_TIME_UP = 1,
  CPROCMEM_RESUME_TARGET_GONE = 2,
};

// Holder to tool, once every thread runs again: after a release, or unasked when hold_ns is over or the target is gone.
struct cprocmem_resume_report {
  uint32_t reason;       // cprocmem_resume_reason
  uint32_t left_to_exit; // threads that only the end of the holder lets go (they never stopped); it ends after this report
  uint64_t releasing_ns; // CLOCK_MONOTONIC before the first detach
  uint64_t released_ns;  // CLOCK_MONOTONIC after the last detach
};

// What the tool may send while the process is held: one byte.
enum cprocmem_message {
  CPROCMEM_MESSAGE_RELEASE = 0,
  CPROCMEM_MESSAGE_REGISTERS = 1,
};

// Holder to tool, asked for the registers. The records come in a file in memory, which is sent along (SCM_RIGHTS), so that
// there is room for any number of threads and the holder never waits for the tool.
struct cprocmem_registers_report {
  int32_t error;    // 0, or an errno; then there is no file
  uint32_t records; // one for every thread; fewer where the time ran out
};

// A thread in that file; `notes` notes follow.
struct cprocmem_thread_record {
  pid_t tid;
  uint32_t signal; // the signal it stopped on its way to, 0 for none
  uint32_t notes;  // 0 where the thread did not stop
  uint32_t reserved;
};

// A register set as PTRACE_GETREGSET gives it, or a siginfo_t; the bytes follow, padded to 8.
struct cprocmem_register_note {
  uint32_t type; // NT_PRSTATUS, NT_FPREGSET, NT_X86_XSTATE…, NT_SIGINFO
  uint32_t size;
};

// Forks the holder. Returns the tool's end of its control socket (SOCK_SEQPACKET, close on exec) and its process in *holder,
// or -errno. The holder raises no SIGCHLD and is no child that wait(2) returns without __WALL.
// Protocol, any number of times: send a stop_request, receive a stop_report; send a registers message, receive a
// registers_report, as often as wanted; send a release message, receive a resume_report. Closing the socket ends the holder, which lets go of everything first.
int cprocmem_holder_start(pid_t *holder);

// Receives a registers_report. Returns the file of the records, or -errno.
int cprocmem_receive_registers(int socket, struct cprocmem_registers_report *report);

// Waits for the holder's end (__WALL). Returns 0 or -errno.
int cprocmem_holder_reap(pid_t holder);

#endif
