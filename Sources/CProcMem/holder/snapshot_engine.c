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
#include "process_facts.h"
#include "processor.h"
#include "timed_calls.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

enum { UNSHARES_FILES = 2 /* CLOSE_RANGE_UNSHARE */ };
static const uint64_t ending_time = 2000 * 1000 * 1000ULL;

static void wait_a_little(long nanoseconds) {
  const struct timespec time = {.tv_nsec = nanoseconds};
  syscall(SYS_nanosleep, &time, NULL);
}

// Returns 0 once the child has ended and we have taken note of it.
static int kill_child(pid_t child, const struct cprocmem_gadgets *gadgets) {
  // Where it is not ours, because its holder has died, neither may its number be: it may be another process by now.
  siginfo_t report;
  const long end = WEXITED | WNOHANG | __WALL;
  if (syscall(SYS_waitid, (long)P_PID, (long)child, &report, end | WNOWAIT, NULL) != 0) return 0;
  if (syscall(SYS_kill, (long)child, (long)SIGKILL) != 0) {
    // What we may trace we may not always send a signal to: that takes CAP_KILL, where the user is another one.
    const struct injector *injector = cprocmem_processor.injector;
    struct injection *injection = injector->of_child(child, gadgets);
    if (injection != NULL) injector->run_to_end(injection);
  }
  for (uint64_t limit = cprocmem_now() + ending_time; cprocmem_now() < limit; wait_a_little(200 * 1000)) {
    report.si_pid = 0;
    long result = syscall(SYS_waitid, (long)P_PID, (long)child, &report, end, NULL);
    if (result == 0 ? report.si_pid != 0 : errno != EINTR) return 0;
  }
  return -ETIMEDOUT; // the end of the holder kills it
}

static bool is_interrupted(const struct traced_threads *threads, pid_t tid) {
  for (size_t i = 0; i < threads->count; i++) {
    if (threads->items[i].tid == tid) return cprocmem_thread_is_interrupted(&threads->items[i]);
  }
  return false;
}

void cprocmem_snapshot_take(struct stop_engine *engine, const struct cprocmem_snapshot_request *request,
                            struct cprocmem_snapshot_report *report) {
  const struct injector *injector = cprocmem_processor.injector;
  struct traced_threads *threads = &engine->threads;
  *report = (struct cprocmem_snapshot_report){.error = injector != NULL ? EAGAIN : ENOSYS};
  if (injector == NULL || !is_interrupted(threads, threads->pid)) return;
  struct injection *injection;
  int error = injector->fit(threads->pid, &request->gadgets, &injection);
  for (size_t i = 0; i < threads->count && error == 0; i++) {
    const struct traced_thread *thread = &threads->items[i];
    const bool is_other = thread->tid != threads->pid && thread->state == THREAD_STOPPED;
    if (is_other && injector->is_in_the_way(injection, thread->tid)) error = -EAGAIN;
  }
  if (error == 0) error = injector->prepare(injection);
  report->error = -error;
  if (error != 0) return;
  report->is_tried = 1;
  int64_t result = 0;
  error = injector->fork(injection, &result, &report->child);
  int end_error = injector->end(injection);
  cprocmem_threads_look_again(threads, threads->pid);
  report->inner_child = result > 0 ? (pid_t)result : 0;
  if (report->child != 0 && result <= 0) report->inner_child = cprocmem_inner_number(report->child, threads->pid);
  report->is_answer = error == 0 && result < 0;
  report->error = -(report->is_answer ? (int)result : error != 0 ? error : end_error);
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
  if (injector->call(injection, SYS_close_range, arguments, &result) == 0) injector->erase(injection);
}

// Reaping

// Has the stopped process run the wait that takes note of the child's end. Returns 0 where no trace of the child is left,
// -EAGAIN where another moment may be better, or -errno.
static int wait_in(const struct cprocmem_snapshot_end_request *request) {
  const struct injector *injector = cprocmem_processor.injector;
  struct injection *injection;
  int error = injector->fit(request->pid, &request->gadgets, &injection);
  if (error == 0) error = injector->prepare(injection);
  if (error != 0) return error;
  const uint64_t arguments[4] = {(uint64_t)request->inner_child, 0, __WALL | WNOHANG};
  int64_t result = 0;
  error = injector->call(injection, SYS_wait4, arguments, &result);
  int end_error = injector->end(injection);
  if (error != 0 || end_error != 0) return -EAGAIN;
  // Where there is no such child, another thread of the process has taken note.
  return result == request->inner_child || result == -ECHILD ? 0 : -EAGAIN;
}

static int reap(struct stop_engine *engine, const struct cprocmem_snapshot_end_request *request,
                struct cprocmem_waits *waits) {
  struct traced_threads *threads = &engine->threads;
  const pid_t tid = request->pid;
  int error = cprocmem_threads_open(threads, tid);
  if (error != 0) return error == -ESRCH ? 0 : error; // its parent reaps what it leaves
  // Between tries it is left in peace for a while, since every one stops the thread.
  for (uint64_t end = cprocmem_now() + ending_time;; wait_a_little(100 * 1000 * 1000)) {
    error = -EAGAIN;
    cprocmem_timed_calls_forget();
    cprocmem_timed_calls_note(threads->pid, threads->directory, tid, waits);
    if (cprocmem_engine_stop_thread(engine, tid)) {
      error = wait_in(request);
      cprocmem_threads_look_again(threads, tid);
      cprocmem_timed_calls_update(waits);
    }
    cprocmem_threads_detach(threads); // what has not stopped is let go by the end of the holder
    if (error == -EAGAIN && cprocmem_threads_leader_ended(threads)) error = 0; // what it leaves is its parent's to reap
    if (error != -EAGAIN || cprocmem_now() >= end) break;
  }
  if (threads->count == 0) cprocmem_engine_arm(engine, 0);
  cprocmem_threads_close(threads);
  cprocmem_timed_calls_forget();
  return error;
}

int cprocmem_snapshot_end(struct stop_engine *engine, const struct cprocmem_snapshot_end_request *request,
                          struct cprocmem_waits *waits) {
  *waits = request->waits;
  if (cprocmem_processor.injector == NULL) return -ENOSYS;
  int error = kill_child(request->child, &request->gadgets);
  if (error != 0) return error;
  // A wait for the child 0 would be one for any of the process's own.
  return request->inner_child > 0 ? reap(engine, request, waits) : -ECHILD;
}
