#define _GNU_SOURCE
#include "cprocmem_holder.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../numbered_directory.h"
#include "overdue_calls.h"
#include "snapshot_engine.h"
#include "stop_engine.h"
#include "thread_registers.h"
#include "trace.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

enum { SIGNAL_COUNT = 64, SIGNAL_SET_SIZE = SIGNAL_COUNT / 8 }; // of the kernel; the C library hides some signals

// The protocol

enum wake_reason { WAKE_RELEASE, WAKE_TIME_UP, WAKE_TARGET_GONE, WAKE_TOOL_GONE };

// Never waits: the target may be held, and a tool that does not read its reports is not worth a report.
static bool send_report(const struct stop_engine *engine, const void *report, size_t size) {
  long control = engine->watched[WATCHED_CONTROL].fd;
  return syscall(SYS_sendto, control, report, size, (long)(MSG_DONTWAIT | MSG_NOSIGNAL), NULL, 0L) == (long)size;
}

union message {
  uint32_t type; // enum cprocmem_message_type
  struct cprocmem_stop_request stop;
  struct cprocmem_snapshot_request snapshot;
  struct cprocmem_snapshot_end_request snapshot_end;
  struct cprocmem_waits_end_request waits_end;
};

static bool is_bounded(const struct cprocmem_waits *waits) { return waits->count <= CPROCMEM_WAIT_LIMIT; }

enum { NO_MESSAGE = 0, TOOL_GONE = -1 }; // in place of a type

static bool is_whole(const union message *message, long size) {
  if (size < (long)sizeof message->type) return false;
  switch (message->type) {
  case CPROCMEM_MESSAGE_STOP: return size == (long)sizeof message->stop && is_bounded(&message->stop.waits);
  case CPROCMEM_MESSAGE_RELEASE:
  case CPROCMEM_MESSAGE_GENERAL_REGISTERS:
  case CPROCMEM_MESSAGE_REGISTERS: return size == (long)sizeof message->type;
  case CPROCMEM_MESSAGE_SNAPSHOT: return size == (long)sizeof message->snapshot;
  case CPROCMEM_MESSAGE_SNAPSHOT_END:
    return size == (long)sizeof message->snapshot_end && is_bounded(&message->snapshot_end.waits);
  case CPROCMEM_MESSAGE_WAITS_END:
    return size == (long)sizeof message->waits_end && is_bounded(&message->waits_end.waits);
  default: return false;
  }
}

// Takes one message from the tool. Returns its type, or NO_MESSAGE, or TOOL_GONE, also for a tool that sends what is none.
static int receive(struct stop_engine *engine, union message *message) {
  // The tool's end of the socket may live on in another child of the tool, so its closing is not the only sign.
  if (engine->watched[WATCHED_TOOL].revents != 0) return TOOL_GONE;
  if (engine->watched[WATCHED_CONTROL].revents == 0) return NO_MESSAGE;
  long control = engine->watched[WATCHED_CONTROL].fd;
  long size = syscall(SYS_recvfrom, control, message, sizeof *message, (long)(MSG_DONTWAIT | MSG_TRUNC), NULL, NULL);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return NO_MESSAGE;
  return is_whole(message, size) ? (int)message->type : TOOL_GONE;
}

// What the holder has in hand when nothing is stopped: the child of a process, where `child` is not 0.
typedef struct cprocmem_snapshot_end_request held_snapshot;

// The child is for reading what the process was, not for outliving it.
static void end_with_target(struct stop_engine *engine, held_snapshot *snapshot) {
  if (snapshot->child == 0 || engine->watched[WATCHED_TARGET].revents == 0) return;
  struct cprocmem_waits waits;
  cprocmem_snapshot_end(engine, snapshot, &waits);
  snapshot->child = 0;
  cprocmem_engine_unwatch(engine);
}

// Waits for the next message. Returns its type, or TOOL_GONE.
static int receive_next(struct stop_engine *engine, held_snapshot *snapshot, union message *message) {
  for (;;) {
    cprocmem_engine_watch(engine, cprocmem_bounded(UINT64_MAX));
    end_with_target(engine, snapshot);
    int type = receive(engine, message);
    if (type != NO_MESSAGE) return type;
  }
}

static void take_snapshot(struct stop_engine *engine, const struct cprocmem_snapshot_request *request,
                          held_snapshot *snapshot) {
  struct cprocmem_snapshot_report report = {.error = EBUSY};
  if (snapshot->child == 0) cprocmem_snapshot_take(engine, request, &report);
  if (report.child != 0) {
    *snapshot = (held_snapshot){
        .pid = engine->threads.pid, .child = report.child, .inner_child = report.inner_child, .gadgets = request->gadgets,
    };
  }
  send_report(engine, &report, sizeof report);
}

static enum wake_reason hold(struct stop_engine *engine, uint64_t deadline, held_snapshot *snapshot) {
  for (;;) {
    uint64_t now = cprocmem_now();
    if (now >= deadline) return WAKE_TIME_UP;
    cprocmem_engine_watch(engine, deadline - now);
    union message message;
    switch (receive(engine, &message)) {
    case NO_MESSAGE:
      if (engine->watched[WATCHED_TARGET].revents != 0) return WAKE_TARGET_GONE;
      break;
    case CPROCMEM_MESSAGE_RELEASE: return WAKE_RELEASE;
    case CPROCMEM_MESSAGE_REGISTERS:
      cprocmem_registers_send(&engine->threads, false, engine->watched[WATCHED_CONTROL].fd, deadline);
      break;
    case CPROCMEM_MESSAGE_GENERAL_REGISTERS:
      cprocmem_registers_send(&engine->threads, true, engine->watched[WATCHED_CONTROL].fd, deadline);
      break;
    case CPROCMEM_MESSAGE_SNAPSHOT: take_snapshot(engine, &message.snapshot, snapshot); break;
    default: return WAKE_TOOL_GONE;
    }
  }
}

static const uint64_t settling_time = 2000 * 1000 * 1000;

// Returns whether the holder can serve another request.
static bool serve_stop(struct stop_engine *engine, const struct cprocmem_stop_request *request,
                       held_snapshot *snapshot) {
  struct cprocmem_stop_report stop_report;
  struct cprocmem_resume_report resume_report = {.reason = CPROCMEM_RESUME_REQUESTED};
  cprocmem_engine_stop(engine, request, &stop_report);
  if (stop_report.error != 0) {
    cprocmem_engine_resume(engine, &resume_report);
    send_report(engine, &stop_report, sizeof stop_report);
    return false;
  }
  enum wake_reason reason = WAKE_TOOL_GONE;
  if (send_report(engine, &stop_report, sizeof stop_report)) {
    reason = hold(engine, stop_report.interrupted_ns + cprocmem_bounded(request->hold_ns), snapshot);
  }
  cprocmem_engine_resume(engine, &resume_report);
  if (resume_report.left_to_exit > 0) snapshot->child = 0; // our end is what they wait for, and it ends the child, too
  if (snapshot->child != 0) {
    snapshot->waits = resume_report.waits;
    cprocmem_engine_watch_target(engine, snapshot->pid);
    // The child closes files, which may be to wait for others (FUSE). With us it ends.
    if (resume_report.left_to_exit == 0) cprocmem_engine_arm(engine, settling_time);
    cprocmem_snapshot_settle(snapshot->child, &snapshot->gadgets);
    if (resume_report.left_to_exit == 0) cprocmem_engine_arm(engine, 0);
  }
  if (reason == WAKE_TIME_UP) resume_report.reason = CPROCMEM_RESUME_TIME_UP;
  if (reason == WAKE_TARGET_GONE) resume_report.reason = CPROCMEM_RESUME_TARGET_GONE;
  bool sent = reason != WAKE_TOOL_GONE && send_report(engine, &resume_report, sizeof resume_report);
  return sent && resume_report.left_to_exit == 0;
}

static void serve_snapshot_end(struct stop_engine *engine, const struct cprocmem_snapshot_end_request *request,
                               held_snapshot *snapshot) {
  struct cprocmem_snapshot_end_report report = {.error = 0};
  report.error = -cprocmem_snapshot_end(engine, request, &report.waits);
  snapshot->child = 0;
  send_report(engine, &report, sizeof report);
}

// Returns whether the holder can serve another request.
static bool serve_waits_end(struct stop_engine *engine, const struct cprocmem_waits_end_request *request) {
  struct cprocmem_waits_end_report report;
  cprocmem_overdue_calls_end(engine, request, &report);
  return send_report(engine, &report, sizeof report) && engine->threads.count == 0;
}

// Serves requests until the tool has none any more.
static void serve(struct stop_engine *engine, held_snapshot *snapshot) {
  for (;;) {
    union message message;
    switch (receive_next(engine, snapshot, &message)) {
    case CPROCMEM_MESSAGE_STOP:
      if (!serve_stop(engine, &message.stop, snapshot)) return;
      break;
    case CPROCMEM_MESSAGE_SNAPSHOT_END: serve_snapshot_end(engine, &message.snapshot_end, snapshot); return;
    case CPROCMEM_MESSAGE_WAITS_END:
      if (!serve_waits_end(engine, &message.waits_end)) return;
      break;
    case TOOL_GONE: return;
    default: break; // it crossed with our report that the time was up
    }
  }
}

// Life of the holder. It is a copy of one thread of a program with threads, in which any lock may be held for ever: no
// malloc and no stdio, and few functions of the C library at all.

static void reset_signals(void) {
  // By number, since sigaction(2) refuses the signals of the C library and may take a lock for SIGABRT.
  static const struct {
    uint64_t handler, flags, restorer, mask;
  } by_default = {.handler = 0};
  for (long signal = 1; signal <= SIGNAL_COUNT; signal++) {
    syscall(SYS_rt_sigaction, signal, &by_default, NULL, (long)SIGNAL_SET_SIZE);
  }
  const uint64_t none = 0;
  syscall(SYS_rt_sigprocmask, (long)SIG_SETMASK, &none, NULL, (long)SIGNAL_SET_SIZE);
}

struct kept_files {
  int files[3];
};

static int close_unless_kept(void *context, int file) {
  const struct kept_files *kept = context;
  for (size_t i = 0; i < sizeof kept->files / sizeof kept->files[0]; i++) {
    if (file == kept->files[i]) return 0;
  }
  syscall(SYS_close, (long)file);
  return 0;
}

static bool close_files(unsigned first, unsigned last) {
  return first > last || syscall(SYS_close_range, (long)first, (long)last, 0L) == 0;
}

// Whatever stays open here could keep a pipe alive that somebody waits on. A tool of -1 is no file.
static void close_all_but(int control, int tool) {
  unsigned low = (unsigned)(tool < control ? tool : control), high = (unsigned)(tool < control ? control : tool);
  if (tool < 0) low = high;
  bool below = low == 0 || close_files(0, low - 1);
  if (below && close_files(low + 1, high - 1) && close_files(high + 1, ~0U)) return;
  int directory = (int)syscall(SYS_openat, (long)AT_FDCWD, "/proc/self/fd", (long)(O_RDONLY | O_DIRECTORY), 0L);
  struct kept_files kept = {{control, tool, directory}};
  cprocmem_each_number(directory, close_unless_kept, &kept);
  syscall(SYS_close, (long)directory);
}

// When memory runs out it is we who go: the kernel lets the target run on then.
static void become_first_victim(void) {
  long file = syscall(SYS_openat, (long)AT_FDCWD, "/proc/self/oom_score_adj", (long)(O_WRONLY | O_CLOEXEC), 0L);
  if (file < 0) return;
  syscall(SYS_write, file, "1000", 4L);
  syscall(SYS_close, file);
}

// As far as it is permitted. A nice value counts inside of our own session only where sched_autogroup is on, so it is not
// enough; in real time the holder sleeps until it has something to do, and the kernel leaves others their share.
static void outrank_others(void) {
  const struct { int priority; } lowest = {1};
  syscall(SYS_setpriority, (long)PRIO_PROCESS, 0L, -20L);
  syscall(SYS_sched_setscheduler, 0L, (long)SCHED_RR, &lowest);
}

static _Noreturn void live(int control, int tool) {
  reset_signals();
  become_first_victim();
  syscall(SYS_setsid);
  close_all_but(control, tool);
  prctl(PR_SET_NAME, "memdump-holder", 0, 0, 0);
  syscall(SYS_chdir, "/");
  outrank_others();
  struct stop_engine engine = {.kill_timer = -1, .watched = {
      [WATCHED_CONTROL] = {.fd = control, .events = POLLIN},
      [WATCHED_TOOL] = {.fd = tool, .events = POLLIN},
      [WATCHED_TARGET] = {.fd = -1, .events = POLLIN},
  }};
  int error = cprocmem_engine_prepare(&engine);
  held_snapshot snapshot = {.child = 0};
  if (error == 0) {
    serve(&engine, &snapshot);
    struct cprocmem_waits waits;
    if (snapshot.child != 0) cprocmem_snapshot_end(&engine, &snapshot, &waits);
  } else {
    union message message;
    struct cprocmem_stop_report report = {.error = -error, .is_unprepared = 1, .lacks_timer = engine.kill_timer < 0};
    if (receive_next(&engine, &snapshot, &message) != TOOL_GONE) send_report(&engine, &report, sizeof report);
  }
  _exit(0);
}

// Called in the tool

static pid_t fork_holder(int control, int tool) {
  // No handler of the tool may run in the child. Clone with no signal for the end of the child is a fork that neither
  // SIGCHLD handlers nor wait(2) of the tool take note of.
  const uint64_t all = ~UINT64_C(0);
  uint64_t before;
  syscall(SYS_rt_sigprocmask, (long)SIG_SETMASK, &all, &before, (long)SIGNAL_SET_SIZE);
  long child = syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L);
  if (child == 0) live(control, tool);
  int error = errno;
  syscall(SYS_rt_sigprocmask, (long)SIG_SETMASK, &before, NULL, (long)SIGNAL_SET_SIZE);
  return child < 0 ? -error : (pid_t)child;
}

int cprocmem_holder_start(pid_t *holder) {
#ifdef CPROCMEM_STEP_KILL
  static bool has_started; // a second holder is there to clean up after the first
  const char *die_at = has_started ? NULL : getenv("MEMDUMP_HOLDER_DIE_AT");
  cprocmem_die_at = die_at != NULL ? atol(die_at) : 0;
  has_started = true;
#endif
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) return -errno;
  // Opened here and not by the child, so that it is this process and no later one with its pid, also when the child
  // lives in another pid namespace. Without it (before Linux 5.3) there is still the end of the socket.
  int tool = (int)syscall(SYS_pidfd_open, syscall(SYS_getpid), 0L);
  pid_t child = fork_holder(sockets[1], tool);
  close(sockets[1]);
  if (tool >= 0) close(tool);
  if (child < 0) {
    close(sockets[0]);
    return child;
  }
  *holder = child;
  return sockets[0];
}

int cprocmem_holder_reap(pid_t holder) {
  int status;
  while (waitpid(holder, &status, __WALL) < 0) {
    if (errno != EINTR) return -errno;
  }
  return 0;
}
