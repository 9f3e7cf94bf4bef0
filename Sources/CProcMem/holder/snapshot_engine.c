#define _GNU_SOURCE
#include "snapshot_engine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../numbered_directory.h"
#include "processor.h"
#include "timed_calls.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

enum {
  TRIED_THREADS = 32, // in each round: the process stands still meanwhile
  UNSHARES_FILES = 2, // CLOSE_RANGE_UNSHARE
};

// A thread in a system call is the better choice: it is in no critical section of its own, and what it would lose if we
// died in the middle is a part of a timeout.
static struct injection *choose_thread(const struct traced_threads *threads, const struct cprocmem_gadgets *gadgets,
                                       pid_t *tid) {
  const struct injector *injector = cprocmem_processor.injector;
  for (int round = 0; round < 2; round++) {
    int tried = 0;
    for (size_t i = 0; i < threads->count && tried < TRIED_THREADS; i++) {
      if (!cprocmem_thread_is_interrupted(&threads->items[i])) continue;
      tried++;
      *tid = threads->items[i].tid;
      struct injection *injection = injector->fit(threads->pid, *tid, gadgets);
      if (injection == NULL || injector->is_in_call(injection) != (round == 0)) continue;
      if (injector->prepare(injection) == 0) return injection;
    }
  }
  return NULL;
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
  const struct injector *injector = cprocmem_processor.injector;
  *report = (struct cprocmem_snapshot_report){.error = injector != NULL ? EAGAIN : ENOSYS};
  if (injector == NULL) return;
  pid_t tid;
  struct injection *injection = choose_thread(&engine->threads, &request->gadgets, &tid);
  if (injection == NULL) return;
  report->thread = tid;
  int64_t result = 0;
  int error = injector->fork(injection, &result, &report->child);
  int end_error = injector->end(injection);
  cprocmem_threads_look_again(&engine->threads, tid);
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
  const struct injector *injector = cprocmem_processor.injector;
  struct injection *injection = injector->of_child(child, gadgets);
  if (injection == NULL) return;
  const uint64_t arguments[4] = {0, ~0U, UNSHARES_FILES};
  int64_t result;
  injector->call(injection, SYS_close_range, arguments, &result);
}

// Reaping

static const uint64_t reaping_time = 5000 * 1000 * 1000ULL;

// Has a stopped thread run the wait that takes note of the child's end. Returns whether no trace of the child is left.
static bool wait_in(const struct cprocmem_snapshot_end_request *request, pid_t tid) {
  const struct injector *injector = cprocmem_processor.injector;
  struct injection *injection = injector->fit(request->pid, tid, &request->gadgets);
  if (injection == NULL || injector->prepare(injection) != 0) return false;
  const uint64_t arguments[4] = {(uint64_t)request->inner_child, 0, __WALL | WNOHANG};
  int64_t result = 0;
  int error = injector->call(injection, SYS_wait4, arguments, &result);
  int end_error = injector->end(injection);
  // Where there is no such child, another thread of the process has taken note.
  return error == 0 && end_error == 0 && (result == request->inner_child || result == -ECHILD);
}

struct reaping {
  struct stop_engine *engine;
  const struct cprocmem_snapshot_end_request *request;
  struct cprocmem_waits *waits;
  uint64_t end;
  bool is_done;
};

// Returns -1 when there is nothing more to try, to end the listing.
static int try_to_reap(void *context, int tid) {
  struct reaping *reaping = context;
  struct traced_threads *threads = &reaping->engine->threads;
  cprocmem_timed_calls_forget();
  cprocmem_timed_calls_note(threads->pid, threads->directory, tid, reaping->waits);
  if (cprocmem_engine_stop_thread(reaping->engine, tid)) {
    reaping->is_done = wait_in(reaping->request, tid);
    cprocmem_threads_look_again(threads, tid);
    cprocmem_timed_calls_update(reaping->waits);
  }
  cprocmem_threads_detach(threads); // what has not stopped is let go by the end of the holder
  return reaping->is_done || cprocmem_now() >= reaping->end ? -1 : 0;
}

static int reap(struct stop_engine *engine, const struct cprocmem_snapshot_end_request *request,
                struct cprocmem_waits *waits) {
  struct traced_threads *threads = &engine->threads;
  int error = cprocmem_threads_open(threads, request->pid);
  if (error != 0) return error == -ESRCH ? 0 : error; // its parent reaps what it leaves
  struct reaping reaping = {
      .engine = engine, .request = request, .waits = waits, .end = cprocmem_now() + reaping_time,
  };
  bool goes_on = try_to_reap(&reaping, request->thread) == 0;
  while (goes_on && syscall(SYS_lseek, threads->directory, 0L, SEEK_SET) == 0) {
    // None was where it can be made to call. They are left in peace for a while, since every try stops each of them.
    const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
    syscall(SYS_nanosleep, &pause, NULL);
    goes_on = cprocmem_each_number(threads->directory, try_to_reap, &reaping) == 0 && cprocmem_now() < reaping.end;
  }
  if (threads->count == 0) cprocmem_engine_arm(engine, 0);
  cprocmem_threads_close(threads);
  cprocmem_timed_calls_forget();
  return reaping.is_done ? 0 : -EAGAIN;
}

int cprocmem_snapshot_end(struct stop_engine *engine, const struct cprocmem_snapshot_end_request *request,
                          struct cprocmem_waits *waits) {
  *waits = request->waits;
  if (cprocmem_processor.injector == NULL) return -ENOSYS;
  kill_child(request->child);
  return reap(engine, request, waits);
}
