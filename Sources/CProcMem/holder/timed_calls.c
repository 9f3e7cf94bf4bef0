#define _GNU_SOURCE
#include "timed_calls.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../numbered_directory.h"
#include "monotonic_time.h"
#include "processor.h"

enum { CALL_LIMIT = 256 }; // each has an open file

static struct timed_call calls[CALL_LIMIT];
static size_t call_count;

// /proc/PID/task/TID/syscall: the number, six arguments, the stack pointer and the program counter of a thread that sleeps in
// a call. Of others it is a word, or starts with -1.

static bool parse_word(const char **text, uint64_t *word) {
  while (**text == ' ') ++*text;
  const bool is_hexadecimal = (*text)[0] == '0' && (*text)[1] == 'x';
  if (is_hexadecimal) *text += 2;
  const char *start = *text;
  for (*word = 0;; ++*text) {
    const char c = **text;
    if (c >= '0' && c <= '9') {
      *word = *word * (is_hexadecimal ? 16 : 10) + (uint64_t)(c - '0');
    } else if (is_hexadecimal && c >= 'a' && c <= 'f') {
      *word = *word * 16 + (uint64_t)(c - 'a' + 10);
    } else {
      return *text > start;
    }
  }
}

static bool read_call(int directory, pid_t tid, struct blocked_call *call) {
  char text[256];
  int file = cprocmem_open_numbered(directory, "", tid, "/syscall", O_RDONLY);
  if (file < 0) return false;
  long size = syscall(SYS_read, (long)file, text, sizeof text - 1);
  syscall(SYS_close, (long)file);
  if (size <= 0) return false;
  text[size] = 0;
  const char *place = text;
  uint64_t number;
  if (!parse_word(&place, &number)) return false;
  call->number = (int64_t)number;
  for (int i = 0; i < 6; i++) {
    if (!parse_word(&place, &call->arguments[i])) return false;
  }
  return parse_word(&place, &call->stack_pointer) && parse_word(&place, &call->program_counter);
}

// Where it is the call that we had made again, its time is known exactly, and that until then counts, too. Returns whether it
// is.
static bool add_earlier_time(struct timed_call *timed, const struct cprocmem_waits *waits) {
  for (uint32_t i = 0; i < waits->count; i++) {
    const struct cprocmem_wait *wait = &waits->items[i];
    // It has gone to sleep once since.
    if (wait->tid != timed->call.tid || wait->switches + 1 != timed->slept.switches) continue;
    timed->waited_before = wait->waited_ns;
    timed->start = wait->end_ns - (timed->timeout.nanoseconds - wait->waited_ns);
    return true;
  }
  return false;
}

struct timed_call *cprocmem_timed_calls_note(pid_t pid, int directory, pid_t tid, const struct cprocmem_waits *waits) {
  if (cprocmem_processor.find_timeout == NULL || call_count == CALL_LIMIT) return NULL;
  struct timed_call *timed = &calls[call_count];
  *timed = (struct timed_call){.call = {.pid = pid, .tid = tid}};
  if (!read_call(directory, tid, &timed->call)) return NULL;
  if (!cprocmem_processor.find_timeout(&timed->call, &timed->timeout)) return NULL;
  timed->file = cprocmem_open_numbered(directory, "", tid, "/sched", O_RDONLY);
  if (timed->file < 0) return NULL;
  if (!cprocmem_sleep_facts(directory, tid, timed->file, &timed->slept)) {
    syscall(SYS_close, (long)timed->file);
    return NULL;
  }
  timed->directory = directory;
  if (!add_earlier_time(timed, waits)) timed->start = cprocmem_sleep_start(&timed->slept);
  call_count++;
  return timed;
}

struct timed_call *cprocmem_timed_call_of(pid_t tid) {
  for (size_t i = 0; i < call_count; i++) {
    if (calls[i].call.tid == tid) return &calls[i];
  }
  return NULL;
}

bool cprocmem_timed_call_measure(struct timed_call *timed) {
  uint64_t length;
  const pid_t tid = timed->call.tid;
  if (!cprocmem_sleep_length(timed->directory, tid, timed->file, &timed->slept, timed->start, &length)) return false;
  timed->waited = timed->waited_before + length;
  return true;
}

void cprocmem_waits_remove(struct cprocmem_waits *waits, pid_t tid) {
  for (uint32_t i = 0; i < waits->count;) {
    if (waits->items[i].tid == tid) {
      waits->items[i] = waits->items[--waits->count];
    } else {
      i++;
    }
  }
}

void cprocmem_timed_calls_update(struct cprocmem_waits *waits) {
  for (size_t i = 0; i < call_count; i++) {
    const struct timed_call *timed = &calls[i];
    struct cprocmem_wait wait = {
        .tid = timed->call.tid, .started_over = timed->started_over, .waited_ns = timed->waited,
        .end_ns = cprocmem_now() + timed->timeout.nanoseconds - timed->waited,
    };
    cprocmem_waits_remove(waits, wait.tid);
    if (!timed->is_made_again || waits->count == CPROCMEM_WAIT_LIMIT) continue;
    // Counted anew, since it may have been made to run after it was stopped.
    if (cprocmem_sleep_count(timed->file, &wait.switches)) waits->items[waits->count++] = wait;
  }
}

void cprocmem_timed_calls_forget(void) {
  while (call_count > 0) syscall(SYS_close, (long)calls[--call_count].file);
  cprocmem_sleep_clock_reset();
}
