#define _GNU_SOURCE
#include "cprocmem_holder.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "numbered_directory.h"
#include "stop_engine.h"
#include "thread_registers.h"

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

// Takes one message from the tool. Returns its size, 0 when the tool is gone, or -1 when there is none.
static long receive(struct stop_engine *engine, void *message, size_t size) {
  // The tool's end of the socket may live on in another child of the tool, so its closing is not the only sign.
  if (engine->watched[WATCHED_TOOL].revents != 0) return 0;
  if (engine->watched[WATCHED_CONTROL].revents == 0) return -1;
  long control = engine->watched[WATCHED_CONTROL].fd;
  long result = syscall(SYS_recvfrom, control, message, size, (long)MSG_DONTWAIT, NULL, NULL);
  if (result >= 0) return result;
  return errno == EAGAIN || errno == EINTR ? -1 : 0;
}

static bool receive_request(struct stop_engine *engine, struct cprocmem_stop_request *request) {
  for (;;) {
    cprocmem_engine_watch(engine, cprocmem_bounded(UINT64_MAX));
    long size = receive(engine, request, sizeof *request);
    if (size == (long)sizeof *request) return true;
    if (size == 0) return false;
    // Anything else is a release that crossed with our report that the time was up.
  }
}

static enum wake_reason hold(struct stop_engine *engine, uint64_t deadline) {
  for (;;) {
    uint64_t now = cprocmem_now();
    if (now >= deadline) return WAKE_TIME_UP;
    cprocmem_engine_watch(engine, deadline - now);
    char message;
    long size = receive(engine, &message, sizeof message);
    if (size > 0 && message == CPROCMEM_MESSAGE_REGISTERS) {
      cprocmem_registers_send(&engine->threads, engine->watched[WATCHED_CONTROL].fd, deadline);
      continue;
    }
    if (size >= 0) return size > 0 ? WAKE_RELEASE : WAKE_TOOL_GONE;
    if (engine->watched[WATCHED_TARGET].revents != 0) return WAKE_TARGET_GONE;
  }
}

// Returns whether the holder can serve another request.
static bool serve_request(struct stop_engine *engine, const struct cprocmem_stop_request *request) {
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
    reason = hold(engine, stop_report.interrupted_ns + cprocmem_bounded(request->hold_ns));
  }
  cprocmem_engine_resume(engine, &resume_report);
  if (reason == WAKE_TIME_UP) resume_report.reason = CPROCMEM_RESUME_TIME_UP;
  if (reason == WAKE_TARGET_GONE) resume_report.reason = CPROCMEM_RESUME_TARGET_GONE;
  bool sent = reason != WAKE_TOOL_GONE && send_report(engine, &resume_report, sizeof resume_report);
  return sent && resume_report.left_to_exit == 0;
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

static _Noreturn void live(int control, int tool) {
  reset_signals();
  syscall(SYS_setsid);
  close_all_but(control, tool);
  prctl(PR_SET_NAME, "memdump-holder", 0, 0, 0);
  syscall(SYS_chdir, "/");
  syscall(SYS_setpriority, (long)PRIO_PROCESS, 0L, -20L); // as far as it is permitted
  struct stop_engine engine = {.watched = {
      [WATCHED_CONTROL] = {.fd = control, .events = POLLIN},
      [WATCHED_TOOL] = {.fd = tool, .events = POLLIN},
      [WATCHED_TARGET] = {.fd = -1, .events = POLLIN},
  }};
  int error = cprocmem_engine_prepare(&engine);
  struct cprocmem_stop_request request;
  while (receive_request(&engine, &request)) {
    if (error != 0) {
      struct cprocmem_stop_report report = {.error = -error};
      send_report(&engine, &report, sizeof report);
      break;
    }
    if (!serve_request(&engine, &request)) break;
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
  const char *die_at = getenv("MEMDUMP_HOLDER_DIE_AT");
  cprocmem_die_at = die_at != NULL ? atol(die_at) : 0;
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
