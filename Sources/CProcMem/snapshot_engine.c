#define _GNU_SOURCE
#include "snapshot_engine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "injection.h"
#include "numbered_directory.h"

#if defined(__x86_64__)

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

enum {
  TRIED_THREADS = 32, // in each round: the process stands still meanwhile
  SHARES_FILES = 0x400, // CLONE_FILES: its own table comes later, when the process runs again
  UNSHARES_FILES = 2, // CLOSE_RANGE_UNSHARE
};

static const uint64_t millisecond = 1000 * 1000;

// A thread in a system call is the better choice: it is in no critical section of its own, and what it would lose if we
// died in the middle is a part of a timeout.
static bool choose_thread(const struct stop_engine *engine, const struct cprocmem_gadgets *gadgets,
                          struct injection *injection) {
  const struct traced_threads *threads = &engine->threads;
  for (int round = 0; round < 2; round++) {
    int tried = 0;
    for (size_t i = 0; i < threads->count && tried < TRIED_THREADS; i++) {
      if (!cprocmem_thread_is_interrupted(&threads->items[i])) continue;
      tried++;
      if (!cprocmem_injection_fits(injection, threads->pid, threads->items[i].tid, gadgets)) continue;
      if (cprocmem_injection_in_call(injection) != (round == 0)) continue;
      if (cprocmem_injection_prepare(injection) == 0) return true;
    }
  }
  return false;
}

static void kill_child(pid_t child) {
  // Where it is not ours, because its holder has died, neither may its number be: it may be another process by now.
  siginfo_t report;
  const long look = WEXITED | WNOHANG | WNOWAIT | __WALL;
  if (syscall(SYS_waitid, (long)P_PID, (long)child, &report, look, NULL) != 0) return;
  syscall(SYS_kill, (long)child, (long)SIGKILL);
  while (syscall(SYS_waitid, (long)P_PID, (long)child, NULL, (long)(WEXITED | __WALL), NULL) != 0 && errno == EINTR) {}
}

void cprocmem_snapshot_take(struct stop_engine *engine, const struct cprocmem_snapshot_request *request,
                            struct cprocmem_snapshot_report *report) {
  *report = (struct cprocmem_snapshot_report){.error = EAGAIN};
  struct injection injection;
  uint64_t started = cprocmem_now();
  if (!choose_thread(engine, &request->gadgets, &injection)) return;
  report->thread = injection.tid;
  // With no signal for its end it is a child that only a wait with __WALL or __WCLONE sees.
  const uint64_t arguments[4] = {SHARES_FILES, injection.exit_frame};
  int64_t result = 0;
  int error = cprocmem_injection_call(&injection, SYS_clone, arguments, &result, &report->child);
  int end_error = cprocmem_injection_end(&injection);
  cprocmem_threads_look_again(&engine->threads, injection.tid);
  report->forking_ns = cprocmem_now() - started;
  report->inner_child = (pid_t)result;
  report->error = -(error != 0 ? error : end_error != 0 ? end_error : result < 0 ? (int)result : 0);
  if (report->error == 0 || report->child == 0) return;
  kill_child(report->child);
  report->child = 0;
}

static void become_first_victim(pid_t child) {
  int file = cprocmem_open_numbered(AT_FDCWD, "/proc/", child, "/oom_score_adj", O_WRONLY);
  if (file < 0) return;
  syscall(SYS_write, file, "1000", 4L);
  syscall(SYS_close, file);
}

void cprocmem_snapshot_settle(pid_t child, const struct cprocmem_gadgets *gadgets) {
  become_first_victim(child);
  struct injection injection;
  if (!cprocmem_injection_of_child(&injection, child, gadgets)) return;
  const uint64_t arguments[4] = {0, ~0U, UNSHARES_FILES};
  int64_t result;
  cprocmem_injection_call(&injection, SYS_close_range, arguments, &result, NULL);
}

// Reaping

// Stops one thread and makes it run the wait that takes note of the child's end.
static int reap_in(struct stop_engine *engine, pid_t tid, const struct cprocmem_snapshot_end_request *request) {
  struct traced_threads *threads = &engine->threads;
  struct seize_pass pass;
  int error = cprocmem_threads_seize_one(threads, tid, &pass);
  if (error != 0 || threads->count == 0) return error != 0 ? error : -ESRCH;
  for (uint64_t end = cprocmem_now() + 20 * millisecond; cprocmem_threads_look(threads) > 0 && cprocmem_now() < end;) {
    cprocmem_engine_watch(engine, millisecond / 20);
  }
  struct injection injection;
  if (threads->count == 0) return -ESRCH;
  if (!cprocmem_thread_is_interrupted(&threads->items[0])) return -EAGAIN;
  if (!cprocmem_injection_fits(&injection, request->pid, tid, &request->gadgets)) return -EAGAIN;
  error = cprocmem_injection_prepare(&injection);
  if (error != 0) return error;
  const uint64_t arguments[4] = {(uint64_t)request->inner_child, 0, __WALL | WNOHANG};
  int64_t result = 0;
  error = cprocmem_injection_call(&injection, SYS_wait4, arguments, &result, NULL);
  int end_error = cprocmem_injection_end(&injection);
  cprocmem_threads_look_again(threads, tid);
  if (error != 0 || end_error != 0) return error != 0 ? error : end_error;
  // No child: another thread of the process, or its parent, has taken note.
  return result == request->inner_child || result == -ECHILD ? 0 : result < 0 ? (int)result : -EAGAIN;
}

struct reaping {
  struct stop_engine *engine;
  const struct cprocmem_snapshot_end_request *request;
  uint64_t end;
  int error;
};

// Tries a thread; returns -1 when it is done, to end the listing.
static int try_to_reap(void *context, int tid) {
  struct reaping *reaping = context;
  struct stop_engine *engine = reaping->engine;
  if (cprocmem_now() >= reaping->end) return -1;
  reaping->error = reap_in(engine, tid, reaping->request);
  // One that does not stop is let go by the end of the holder, and so is the one after it.
  return cprocmem_threads_detach(&engine->threads) > 0 || reaping->error == 0 ? -1 : 0;
}

static int reap(struct stop_engine *engine, const struct cprocmem_snapshot_end_request *request) {
  int error = cprocmem_threads_open(&engine->threads, request->pid);
  if (error != 0) return error == -ESRCH || error == -ENOENT ? 0 : error; // its parent reaps what it leaves
  struct reaping reaping = {engine, request, cprocmem_now() + 500 * millisecond, -ESRCH};
  error = cprocmem_engine_arm(engine, 700 * millisecond);
  if (error != 0) return error;
  if (try_to_reap(&reaping, request->thread) == 0) {
    cprocmem_each_number(engine->threads.directory, try_to_reap, &reaping);
  }
  if (engine->threads.count == 0) cprocmem_engine_arm(engine, 0);
  cprocmem_threads_close(&engine->threads);
  return reaping.error;
}

int cprocmem_snapshot_end(struct stop_engine *engine, const struct cprocmem_snapshot_end_request *request) {
  kill_child(request->child);
  return reap(engine, request);
}

#else // the frames and calls of other processors are not written yet

void cprocmem_snapshot_take(struct stop_engine *engine, const struct cprocmem_snapshot_request *request,
                            struct cprocmem_snapshot_report *report) {
  (void)engine;
  (void)request;
  *report = (struct cprocmem_snapshot_report){.error = ENOSYS};
}

void cprocmem_snapshot_settle(pid_t child, const struct cprocmem_gadgets *gadgets) {
  (void)child;
  (void)gadgets;
}

int cprocmem_snapshot_end(struct stop_engine *engine, const struct cprocmem_snapshot_end_request *request) {
  (void)engine;
  (void)request;
  return -ENOSYS;
}

#endif
