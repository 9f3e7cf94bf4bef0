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

// What the tool sends starts with one of these. A message of another type, or of another size than its type has, ends the
// holder.
enum cprocmem_message_type {
  CPROCMEM_MESSAGE_STOP = 1,         // a stop_request
  CPROCMEM_MESSAGE_RELEASE = 2,      // nothing more
  CPROCMEM_MESSAGE_REGISTERS = 3,    // nothing more
  CPROCMEM_MESSAGE_SNAPSHOT = 4,     // a snapshot_request
  CPROCMEM_MESSAGE_SNAPSHOT_END = 5, // a snapshot_end_request
  CPROCMEM_MESSAGE_WAITS_END = 6,    // a waits_end_request
  CPROCMEM_MESSAGE_GENERAL_REGISTERS = 7, // nothing more: as registers, but of the first set alone
};

// A call with a timeout that was made again when its thread was stopped. For the tool it is something to hand on to the next
// stop of the same process, so that the call waits no longer than it would have.
struct cprocmem_wait {
  pid_t tid;
  uint32_t started_over; // with all of its time; 0: it ends by itself in time
  uint64_t switches;  // how often the thread had gone to sleep when it was let go
  uint64_t waited_ns; // how long the call had waited until then, in all, of the timeout that it has now
  uint64_t end_ns;    // CLOCK_MONOTONIC when its time is over
};

enum { CPROCMEM_WAIT_LIMIT = 128 };

struct cprocmem_waits {
  uint32_t count;
  uint32_t reserved;
  struct cprocmem_wait items[CPROCMEM_WAIT_LIMIT];
};

// Tool to holder: stop every thread of a process.
struct cprocmem_stop_request {
  uint32_t type;
  pid_t pid;
  uint64_t settle_ns; // how long to wait for threads that do not stop (uninterruptible sleep), from the first interrupt
  uint64_t hold_ns;   // how long the target may stay stopped, from the first interrupt
  struct cprocmem_waits waits; // of the last stop
};

// Holder to tool, once the process is stopped or could not be.
struct cprocmem_stop_report {
  int32_t error;         // 0, or an errno; then nothing is stopped, and the holder has ended
  pid_t error_thread;    // the thread it happened on
  uint32_t stopped;      // threads stopped by us
  uint32_t group_stopped; // of these, threads that had been stopped by a signal before
  uint32_t running;      // threads that did not stop in time: uninterruptible sleep, or waiting for a vfork child
  uint16_t is_unprepared; // the error is of the holder itself: it touched nothing
  uint16_t lacks_timer;   // so, and it is that of its kill timer
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
  struct cprocmem_waits waits; // what was made again
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

enum { CPROCMEM_RESTORER_LIMIT = 4 };

// Code of the process itself that a thread of it is sent to.
struct cprocmem_gadgets {
  uint64_t call;                               // `syscall; ret`
  uint64_t restorers[CPROCMEM_RESTORER_LIMIT]; // code that calls rt_sigreturn(2); 0: none
};

// Tool to holder, while the process is stopped: make a copy-on-write child of it, which stays stopped and dies with the
// holder, or with the process. Only once for each holder. x86_64; elsewhere it answers ENOSYS.
struct cprocmem_snapshot_request {
  uint32_t type;
  uint32_t reserved;
  struct cprocmem_gadgets gadgets;
};

// Holder to tool, unless it has let go before: then only the resume_report comes, which has another size. The process is
// still stopped, and a release lets it go, with the child or without.
struct cprocmem_snapshot_report {
  int32_t error;     // 0, or an errno
  uint32_t is_answer; // whether the error is the kernel's answer to the process
  uint32_t is_tried;  // whether the process was made to call; where not, ESTALE: it has run another program since
  pid_t child;       // its number for us; where there is one in spite of an error, the holder ends it after the release
  pid_t inner_child; // … and in the PID namespace of the process
  uint32_t reserved;
};

// Tool to holder, when nothing is stopped: end the child and have the process take note of its end, so that no zombie is
// left. Also for a child whose holder has died.
struct cprocmem_snapshot_end_request {
  uint32_t type;
  pid_t pid;    // the process
  pid_t child;  // as in the report
  pid_t inner_child;
  struct cprocmem_gadgets gadgets;
  struct cprocmem_waits waits; // of the last stop
};

// Holder to tool; the holder ends then. Where the tool is gone it does the same, and reports to nobody.
struct cprocmem_snapshot_end_report {
  int32_t error; // 0: no trace of the child is left; ESTALE: the process has run another program since
  uint32_t reserved;
  struct cprocmem_waits waits; // those of the request, as they are now
};

// Tool to holder, when nothing is stopped: end the calls whose time is over, each by a short stop of its thread alone.
struct cprocmem_waits_end_request {
  uint32_t type;
  pid_t pid;
  struct cprocmem_waits waits;
};

// Holder to tool.
struct cprocmem_waits_end_report {
  int32_t error;
  uint32_t stopped; // threads
  struct cprocmem_waits waits; // what still waits
};

// Forks the holder. Returns the tool's end of its control socket (SOCK_SEQPACKET, close on exec) and its process in *holder,
// or -errno. The holder raises no SIGCHLD and is no child that wait(2) returns without __WALL.
// Protocol, any number of times: send a stop_request, receive a stop_report; send a registers message, receive a
// registers_report, as often as wanted; send a snapshot_request, receive a snapshot_report; send a release message, receive
// a resume_report. Closing the socket ends the holder, which lets go of everything first.
int cprocmem_holder_start(pid_t *holder);

// Receives a registers_report. Returns the file of the records, or -errno.
int cprocmem_receive_registers(int socket, struct cprocmem_registers_report *report);

// Waits for the holder's end (__WALL). Returns 0 or -errno.
int cprocmem_holder_reap(pid_t holder);

#endif
