#define _GNU_SOURCE
#include "stop_engine.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../numbered_directory.h"
#include "timed_calls.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

static const uint64_t microsecond = 1000;
static const uint64_t millisecond = 1000 * 1000;
static const uint64_t second = 1000 * 1000 * 1000;

uint64_t cprocmem_bounded(uint64_t nanoseconds) {
  const uint64_t day = 24 * 3600 * second;
  return nanoseconds < day ? nanoseconds : day;
}

static struct timespec timespec_of(uint64_t nanoseconds) {
  return (struct timespec){.tv_sec = (time_t)(nanoseconds / second), .tv_nsec = (long)(nanoseconds % second)};
}

bool cprocmem_engine_watch(struct stop_engine *engine, uint64_t nanoseconds) {
  struct timespec timeout = timespec_of(nanoseconds);
  if (syscall(SYS_ppoll, engine->watched, (long)WATCHED_COUNT, &timeout, NULL, 0L) > 0) return true;
  for (int i = 0; i < WATCHED_COUNT; i++) engine->watched[i].revents = 0; // not written when a signal interrupts
  return false;
}

void cprocmem_engine_watch_target(struct stop_engine *engine, pid_t pid) {
  engine->watched[WATCHED_TARGET].fd = (int)syscall(SYS_pidfd_open, (long)pid, 0L);
}

void cprocmem_engine_unwatch(struct stop_engine *engine) {
  struct pollfd *target = &engine->watched[WATCHED_TARGET];
  if (target->fd >= 0) syscall(SYS_close, (long)target->fd);
  target->fd = -1;
  target->revents = 0;
}

// The kill timer. Its SIGKILL ends the holder even while that is stopped or waits in a system call, and the end of a
// tracer resumes its tracees.

static int make_kill_timer(int *timer) {
  // The first process of a pid namespace is immune to a SIGKILL from inside, also to this one.
  if (syscall(SYS_getpid) == 1) return -EPERM;
  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGKILL;
  return syscall(SYS_timer_create, (long)CLOCK_MONOTONIC, &event, timer) == 0 ? 0 : -errno;
}

int cprocmem_engine_arm(struct stop_engine *engine, uint64_t nanoseconds) {
  struct itimerspec time = {.it_value = timespec_of(nanoseconds)};
  return syscall(SYS_timer_settime, (long)engine->kill_timer, 0L, &time, NULL) == 0 ? 0 : -errno;
}

int cprocmem_engine_prepare(struct stop_engine *engine) {
  int error = make_kill_timer(&engine->kill_timer);
  return error != 0 ? error : cprocmem_threads_prepare(&engine->threads);
}

// Stopping

enum { SLEEPER_CHECKS = 4 };
static const uint64_t sleeper_check_interval = 5 * 1000 * 1000;
static const uint64_t noting_time = 100 * 1000 * 1000;

struct settling {
  uint64_t sleepers_end; // threads that are asleep are not waited for any longer
  uint64_t end;
  uint64_t stopped_ns;
  bool over; // the time is up, or the tool or the target ended meanwhile
  bool late; // the time is up for threads that are not asleep: they may run code of their own
};

static const uint64_t shortest_turn = 50 * 1000, longest_turn = 500 * 1000;

// How long to leave the processor to threads that have still to stop: about as long as it takes to look at them all.
static uint64_t turn_of(size_t running) {
  if (running <= shortest_turn / microsecond) return shortest_turn;
  return running < longest_turn / microsecond ? running * microsecond : longest_turn;
}

// Waits until all threads have stopped, or those that have not are asleep and nothing happens any more: then they wait
// for something outside of the process, or for a vfork child. One check is not enough, since a lock that threads of the
// process hand on to each other can make each of them look asleep in turn.
static void wait_for_stops(struct stop_engine *engine, struct settling *settling) {
  uint64_t started = cprocmem_now(), next_check = started + sleeper_check_interval;
  size_t last_running = SIZE_MAX;
  int sleeper_checks = 0;
  while (!settling->over) {
    size_t running = cprocmem_threads_look(&engine->threads);
    uint64_t now = cprocmem_now();
    if (running != last_running) {
      last_running = running;
      settling->stopped_ns = now;
      sleeper_checks = 0;
    }
    if (running == 0) return;
    if (now >= next_check) {
      cprocmem_threads_interrupt_again(&engine->threads);
      sleeper_checks = cprocmem_threads_only_sleepers(&engine->threads) ? sleeper_checks + 1 : 0;
      if (sleeper_checks == SLEEPER_CHECKS) return;
      next_check = now + sleeper_check_interval;
    }
    // Most threads stop within microseconds: a sleep would cost more than it spares the target. But many need our processor
    // for that, which in real time we keep from them as long as we look.
    bool event = false;
    const uint64_t turn = turn_of(running);
    if (turn == shortest_turn && now < started + 2 * millisecond) {
      sched_yield();
    } else {
      event = cprocmem_engine_watch(engine, turn);
    }
    if (now >= settling->sleepers_end && cprocmem_threads_only_sleepers(&engine->threads)) event = true;
    // A thread that could run and has not had its turn yet, on a busy machine, is waited for as long as we may hold.
    settling->late = !event && now >= settling->end;
    settling->over = event || settling->late;
  }
}

// Threads that were being born while the others were interrupted appear in a later pass. A thread that is to stop
// cannot create another one, so this ends.
static int settle(struct stop_engine *engine, struct settling *settling, struct cprocmem_stop_report *report) {
  for (int quiet_passes = 0; quiet_passes < 2 && !settling->over;) {
    wait_for_stops(engine, settling);
    struct seize_pass pass;
    int error = cprocmem_threads_seize_new(&engine->threads, true, &pass);
    if (error != 0) {
      report->error_thread = pass.error_thread;
      return error;
    }
    quiet_passes = pass.found > 0 ? 0 : pass.complete ? 2 : quiet_passes + 1;
  }
  return settling->late ? -ETIME : 0;
}

struct noting {
  const struct traced_threads *threads;
  const struct cprocmem_waits *waits;
  uint64_t end;
};

static int note_timed_call(void *context, int tid) {
  const struct noting *noting = context;
  cprocmem_timed_calls_note(noting->threads->pid, noting->threads->directory, tid, noting->waits);
  return cprocmem_now() < noting->end ? 0 : -ETIME;
}

// Before anything is attached to: a thread that is attached to and gets a signal stands still until we go on.
static void note_timed_calls(const struct traced_threads *threads, const struct cprocmem_waits *waits) {
  struct noting noting = {.threads = threads, .waits = waits, .end = cprocmem_now() + noting_time};
  cprocmem_timed_calls_forget();
  cprocmem_each_number(threads->directory, note_timed_call, &noting);
}

static int attach(struct stop_engine *engine, const struct cprocmem_stop_request *request,
                  struct cprocmem_stop_report *report) {
  report->error_thread = request->pid;
  if (request->pid <= 0) return -ESRCH;
  cprocmem_engine_unwatch(engine);
  cprocmem_engine_watch_target(engine, request->pid);
  int error = cprocmem_threads_open(&engine->threads, request->pid);
  if (error == 0) note_timed_calls(&engine->threads, &request->waits);
  // Where one pass finds no thread, the only one may just have got the tid of the leader, by execve.
  for (int attempt = 0; error == 0 && attempt < 3 && engine->threads.count == 0; attempt++) {
    struct seize_pass pass;
    error = cprocmem_threads_seize_new(&engine->threads, false, &pass);
    if (pass.error_thread != 0) report->error_thread = pass.error_thread;
  }
  if (error == 0 && engine->threads.count == 0) return -ESRCH; // only a zombie is left of it
  return error == -ENOENT ? -ESRCH : error;
}

static int interrupt(struct stop_engine *engine, const struct cprocmem_stop_request *request,
                     struct cprocmem_stop_report *report) {
  uint64_t hold = cprocmem_bounded(request->hold_ns), settle_time = cprocmem_bounded(request->settle_ns);
  // The holder lets go by itself after hold_ns. The timer is for a holder that cannot; it leaves room for one that is
  // only late, on a busy machine, since a holder that is killed makes no report.
  int error = cprocmem_engine_arm(engine, hold + hold / 5 + 200 * millisecond);
  if (error != 0) return error;
  uint64_t start = report->interrupted_ns = cprocmem_now();
  cprocmem_threads_interrupt(&engine->threads);
  struct settling settling = {
      .sleepers_end = start + (settle_time < hold ? settle_time : hold),
      .end = start + hold,
  };
  error = settle(engine, &settling, report);
  report->stopped_ns = settling.stopped_ns;
  return error;
}

void cprocmem_engine_stop(struct stop_engine *engine, const struct cprocmem_stop_request *request,
                          struct cprocmem_stop_report *report) {
  memset(report, 0, sizeof *report);
  int error = attach(engine, request, report);
  if (error == 0) {
    report->error_thread = 0;
    error = interrupt(engine, request, report);
  }
  size_t group_stopped, running = cprocmem_threads_look(&engine->threads);
  report->stopped = (uint32_t)cprocmem_threads_count_stopped(&engine->threads, &group_stopped);
  report->group_stopped = (uint32_t)group_stopped;
  report->running = (uint32_t)running;
  if (error == 0 && report->stopped == 0 && running == 0) { // it ended meanwhile
    error = -ESRCH;
    report->error_thread = request->pid;
  }
  report->error = -error;
}

// One thread

static const uint64_t stopping_time = 500 * 1000 * 1000;

static const struct traced_thread *find_thread(const struct traced_threads *threads, pid_t tid) {
  for (size_t i = 0; i < threads->count; i++) {
    if (threads->items[i].tid == tid) return &threads->items[i];
  }
  return NULL;
}

bool cprocmem_engine_stop_thread(struct stop_engine *engine, pid_t tid) {
  struct traced_threads *threads = &engine->threads;
  struct seize_pass pass;
  if (cprocmem_threads_seize_one(threads, tid, &pass) != 0) return false;
  for (uint64_t end = cprocmem_now() + stopping_time; cprocmem_now() < end;) {
    if (cprocmem_engine_arm(engine, 10 * stopping_time) != 0) return false;
    cprocmem_threads_interrupt_again(threads);
    cprocmem_threads_look(threads);
    const struct traced_thread *thread = find_thread(threads, tid);
    if (thread == NULL) return false;
    if (thread->state == THREAD_STOPPED) return cprocmem_thread_is_interrupted(thread);
    cprocmem_engine_watch(engine, 50 * microsecond);
  }
  return false;
}

// Resuming

void cprocmem_engine_resume(struct stop_engine *engine, struct cprocmem_resume_report *report) {
  report->waits.count = 0;
  cprocmem_timed_calls_update(&report->waits);
  report->releasing_ns = cprocmem_now();
  size_t left = cprocmem_threads_detach(&engine->threads);
  report->released_ns = cprocmem_now();
  // What is left never stopped, or was killed while it was held. Killed threads need a moment to be gone.
  while (left > 0 && cprocmem_now() < report->released_ns + 2 * millisecond) {
    sched_yield();
    left = cprocmem_threads_detach(&engine->threads);
  }
  report->left_to_exit = (uint32_t)left;
  if (left == 0) cprocmem_engine_arm(engine, 0); // otherwise it stays armed until the holder has ended
  cprocmem_threads_close(&engine->threads);
  cprocmem_timed_calls_forget();
  cprocmem_engine_unwatch(engine);
}
