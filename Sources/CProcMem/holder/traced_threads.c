#define _GNU_SOURCE
#include "traced_threads.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../numbered_directory.h"
#include "processor.h"
#include "timed_calls.h"
#include "trace.h"

enum {
  TID_LIMIT = 4 * 1024 * 1024, // PID_MAX_LIMIT of 64-bit kernels
  SYSCALL_MARK = 0x80,         // of the stop at a system call (PTRACE_O_TRACESYSGOOD), whose SIGTRAP is none
};

static long trace(int request, pid_t tid, unsigned long data) { return cprocmem_trace(request, tid, 0, data); }

// The state letter of a thread, or 0 when it has vanished.
static char state_letter(const struct traced_threads *threads, pid_t tid) {
  char text[512];
  int file = cprocmem_open_numbered(threads->directory, "", tid, "/stat", O_RDONLY);
  if (file < 0) return 0;
  long length = syscall(SYS_read, file, text, sizeof text);
  syscall(SYS_close, file);
  // The name in front of the state is anything the thread likes, such as "a) D (b"; what follows it has no ')'.
  for (long i = length - 3; i >= 0; i--) {
    if (text[i] == ')') return text[i + 2];
  }
  return 0;
}

static bool is_end(char letter) { return letter == 0 || letter == 'Z' || letter == 'X' || letter == 'x'; }

bool cprocmem_threads_leader_ended(const struct traced_threads *threads) {
  char letter = state_letter(threads, threads->pid);
  return letter != 0 && is_end(letter);
}

// The table

static bool is_known(const struct traced_threads *threads, pid_t tid) {
  return threads->known[tid / 64] >> (tid % 64) & 1;
}

// reap_ended may interrupt any step of these two: at each of them the items below count are all the attached threads.

static void add(struct traced_threads *threads, pid_t tid) {
  threads->known[tid / 64] |= UINT64_C(1) << (tid % 64);
  threads->items[threads->count] = (struct traced_thread){.tid = tid, .state = THREAD_RUNNING};
  atomic_signal_fence(memory_order_seq_cst);
  threads->count++;
}

static void remove_at(struct traced_threads *threads, size_t index) {
  pid_t tid = threads->items[index].tid;
  threads->known[tid / 64] &= ~(UINT64_C(1) << (tid % 64));
  threads->items[index] = threads->items[threads->count - 1];
  atomic_signal_fence(memory_order_seq_cst);
  threads->count--;
}

int cprocmem_threads_open(struct traced_threads *threads, pid_t pid) {
  threads->pid = pid;
  threads->directory = cprocmem_open_numbered(AT_FDCWD, "/proc/", pid, "/task", O_RDONLY | O_DIRECTORY);
  if (threads->directory >= 0) return 0;
  return threads->directory == -ENOENT ? -ESRCH : threads->directory;
}

void cprocmem_threads_close(struct traced_threads *threads) {
  while (threads->count > 0) remove_at(threads, threads->count - 1);
  if (threads->directory >= 0) syscall(SYS_close, threads->directory);
  threads->directory = -1;
}

// States

static long wait_for(pid_t tid, int options, siginfo_t *report) {
  report->si_pid = 0;
  const long all_options = options | WEXITED | WNOHANG | __WALL;
  return syscall(SYS_waitid, (long)P_PID, (long)tid, report, all_options, NULL);
}

// Takes the report that a thread has ended, but leaves the one that it has stopped where it is (WNOWAIT). When a tracer
// dies, a signal whose stop it has consumed dies with it; one that it has only looked at is delivered.
static void look_at(struct traced_thread *thread) {
  siginfo_t report;
  if (wait_for(thread->tid, WSTOPPED | WNOWAIT, &report) != 0) {
    thread->state = THREAD_GONE;
  } else if (report.si_pid == 0) {
    return;
  } else if (report.si_code == CLD_EXITED || report.si_code == CLD_KILLED || report.si_code == CLD_DUMPED) {
    wait_for(thread->tid, 0, &report);
    thread->state = THREAD_GONE;
  } else {
    int event = report.si_status >> 8, signal = report.si_status & SYSCALL_MARK ? 0 : report.si_status & 0x7f;
    thread->state = THREAD_STOPPED;
    thread->group_stopped = event == PTRACE_EVENT_STOP && signal != SIGTRAP;
    thread->signal = event == 0 ? (uint8_t)signal : 0;
  }
}

bool cprocmem_thread_is_interrupted(const struct traced_thread *thread) {
  return thread->state == THREAD_STOPPED && thread->signal == 0 && !thread->group_stopped;
}

void cprocmem_threads_look_again(struct traced_threads *threads, pid_t tid) {
  for (size_t i = 0; i < threads->count; i++) {
    if (threads->items[i].tid != tid) continue;
    threads->items[i].state = THREAD_RUNNING;
    look_at(&threads->items[i]);
  }
}

// Looks at a thread that has not been seen to stand still. One that does so now has its interrupted call restarted at
// once, so that the instants are few in which our death lets it return EINTR.
static void look_for_stop(struct traced_thread *thread) {
  if (thread->state == THREAD_STOPPED) return;
  look_at(thread);
  if (!cprocmem_thread_is_interrupted(thread) || cprocmem_processor.restart_interrupted_call == NULL) return;
  cprocmem_processor.restart_interrupted_call(thread->tid, cprocmem_timed_call_of(thread->tid));
}

static struct traced_threads *reaped_threads;

// A thread in execve holds the lock that PTRACE_SEIZE of any other thread waits for, and itself waits until we, the
// tracer, have reaped the threads that its execve has killed. Only a signal handler runs inside a PTRACE_SEIZE that
// waits; the kernel restarts the call afterwards. It asks for one thread after the other, since a wait for all of them
// would also consume stops: the kernel reports those of tracees even where only WEXITED is asked for.
static void reap_ended(int signal) {
  (void)signal;
  int saved_errno = errno;
  for (size_t i = 0; i < reaped_threads->count; i++) {
    struct traced_thread thread = {.tid = reaped_threads->items[i].tid};
    look_at(&thread);
  }
  errno = saved_errno;
}

int cprocmem_threads_prepare(struct traced_threads *threads) {
  const size_t items_size = TID_LIMIT * sizeof(struct traced_thread), known_size = TID_LIMIT / 8;
  long memory = syscall(SYS_mmap, NULL, items_size + known_size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0L);
  if (memory == -1) return -errno;
  threads->directory = -1;
  threads->count = 0;
  threads->items = (void *)memory;
  threads->known = (void *)(memory + (long)items_size);
#ifdef SYS_mlock2
  syscall(SYS_mlock2, memory, items_size + known_size, 1 /* MLOCK_ONFAULT */); // as far as the limits allow
#endif
  reaped_threads = threads;
  struct sigaction action = {.sa_handler = reap_ended, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
  return sigaction(SIGCHLD, &action, NULL) == 0 ? 0 : -errno;
}

// Attaching

struct seize_context {
  struct traced_threads *threads;
  struct seize_pass *pass;
  bool interrupt;
  size_t seen;
};

// Returns 0 when the thread is attached, ESRCH when it has ended, or the error.
static int attach(struct traced_threads *threads, pid_t tid) {
  int error = 0;
  // An execve gives its thread the tid of the leader. So a second try tells a leader that had ended from a thread that
  // may not be traced, and the thread may already be attached to, as it was before.
  for (int attempt = 0; attempt < 3; attempt++) {
    if (trace(PTRACE_SEIZE, tid, 0) == 0) return 0;
    error = errno;
    struct traced_thread thread = {.tid = tid, .state = THREAD_RUNNING};
    look_at(&thread);
    if (thread.state != THREAD_GONE) return 0;
    if (error == ESRCH || is_end(state_letter(threads, tid))) return ESRCH;
  }
  return error;
}

static void ask_to_stop(struct traced_thread *thread) {
  thread->asked = trace(PTRACE_INTERRUPT, thread->tid, 0) == 0;
}

static int seize(void *pointer, int tid) {
  struct seize_context *context = pointer;
  struct traced_threads *threads = context->threads;
  context->seen++;
  if (tid >= TID_LIMIT || is_known(threads, tid)) return 0;
  add(threads, tid); // first, so that reap_ended knows it from the instant of its attachment
  int error = attach(threads, tid);
  if (error != 0) {
    remove_at(threads, threads->count - 1);
    if (error == ESRCH) return 0;
    context->pass->error_thread = tid;
    return -error;
  }
  context->pass->found++;
  if (context->interrupt) ask_to_stop(&threads->items[threads->count - 1]);
  return 0;
}

int cprocmem_threads_seize_new(struct traced_threads *threads, bool interrupt, struct seize_pass *pass) {
  *pass = (struct seize_pass){.found = 0};
  struct seize_context context = {.threads = threads, .pass = pass, .interrupt = interrupt};
  if (syscall(SYS_lseek, threads->directory, 0L, SEEK_SET) != 0) return -errno;
  int result = cprocmem_each_number(threads->directory, seize, &context);
  if (result < 0) return result;
  // A listing in several pieces can miss threads while others end. The directory has a link for every thread.
  struct stat status;
  pass->complete = fstat(threads->directory, &status) == 0 && status.st_nlink == context.seen + 2;
  return 0;
}

int cprocmem_threads_seize_one(struct traced_threads *threads, pid_t tid, struct seize_pass *pass) {
  *pass = (struct seize_pass){.found = 0};
  struct seize_context context = {.threads = threads, .pass = pass, .interrupt = true};
  return seize(&context, tid);
}

void cprocmem_threads_interrupt(struct traced_threads *threads) {
  for (size_t i = 0; i < threads->count; i++) ask_to_stop(&threads->items[i]);
}

void cprocmem_threads_interrupt_again(struct traced_threads *threads) {
  for (size_t i = 0; i < threads->count; i++) {
    struct traced_thread *thread = &threads->items[i];
    if (thread->state == THREAD_RUNNING && !thread->asked) ask_to_stop(thread);
  }
}

// A thread that is gone may live on as the leader, whose tid an execve gave it. Then what was known of the leader is
// out of date, and the new one may have missed its interrupt. One more does nothing to a thread that has stopped.
static void stop_leader_again(struct traced_threads *threads) {
  for (size_t i = 0; i < threads->count; i++) {
    struct traced_thread *thread = &threads->items[i];
    if (thread->tid != threads->pid) continue;
    thread->state = THREAD_RUNNING;
    ask_to_stop(thread);
    return;
  }
}

// Returns how many are running.
static size_t look_at_all(struct traced_threads *threads, bool *some_are_gone) {
  size_t running = 0;
  *some_are_gone = false;
  for (size_t i = 0; i < threads->count;) {
    struct traced_thread *thread = &threads->items[i];
    look_for_stop(thread);
    if (thread->state == THREAD_RUNNING) running++;
    if (thread->state == THREAD_GONE) {
      remove_at(threads, i);
      *some_are_gone = true;
    } else {
      i++;
    }
  }
  return running;
}

size_t cprocmem_threads_look(struct traced_threads *threads) {
  bool some_are_gone;
  size_t running = look_at_all(threads, &some_are_gone);
  while (some_are_gone) {
    stop_leader_again(threads);
    running = look_at_all(threads, &some_are_gone);
  }
  return running;
}

bool cprocmem_threads_only_sleepers(struct traced_threads *threads) {
  for (size_t i = 0; i < threads->count; i++) {
    struct traced_thread *thread = &threads->items[i];
    if (thread->state != THREAD_RUNNING) continue;
    char letter = state_letter(threads, thread->tid);
    if (is_end(letter)) {
      thread->state = THREAD_ENDED;
    } else if (letter != 'D') {
      return false;
    }
  }
  return true;
}

size_t cprocmem_threads_count_stopped(const struct traced_threads *threads, size_t *group_stopped) {
  size_t stopped = 0;
  *group_stopped = 0;
  for (size_t i = 0; i < threads->count; i++) {
    if (threads->items[i].state != THREAD_STOPPED) continue;
    stopped++;
    *group_stopped += threads->items[i].group_stopped;
  }
  return stopped;
}

size_t cprocmem_threads_detach(struct traced_threads *threads) {
  for (size_t i = 0; i < threads->count;) {
    struct traced_thread *thread = &threads->items[i];
    look_for_stop(thread);
    if (thread->state == THREAD_STOPPED) {
      // A thread that can no longer be detached from is being killed, or execve gave its tid to another: look again.
      bool detached = trace(PTRACE_DETACH, thread->tid, thread->signal) == 0;
      thread->state = detached ? THREAD_GONE : THREAD_RUNNING;
    }
    if (thread->state == THREAD_GONE) {
      remove_at(threads, i);
    } else {
      i++;
    }
  }
  return threads->count;
}
