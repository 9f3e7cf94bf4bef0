#define _GNU_SOURCE
#include "sleep_clock.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../numbered_directory.h"
#include "monotonic_time.h"

enum {
  PROCESSOR_LIMIT = 8192, // of a kernel
  KNOWN_LIMIT = 256,      // clocks
  ATTEMPTS = 10,
  PROCESSOR_FIELD = 39,   // of /proc/PID/stat, counted from 1
};

struct scheduler_figures {
  uint64_t start, switches;
};

struct processor_clock {
  int processor;
  bool is_known;
  uint64_t offset; // CLOCK_MONOTONIC less this clock
};

static struct processor_clock clocks[KNOWN_LIMIT];
static size_t clock_count;
// Waiting for our turn on a busy processor may take long, and is worth so much.
static const uint64_t most_look_up_time = 20 * 1000 * 1000;
static uint64_t look_up_time;

void cprocmem_sleep_clock_reset(void) { clock_count = look_up_time = 0; }

// Reading

// The text behind the key of a line; NULL where there is none such.
static const char *value_of(const char *text, const char *key) {
  for (const char *found = strstr(text, key); found != NULL; found = strstr(found + 1, key)) {
    const char *end = found + strlen(key);
    while (*end == ' ') end++;
    if (found[-1] == '\n' && *end == ':') return end + 1;
  }
  return NULL;
}

static uint64_t number_at(const char **text) {
  uint64_t number = 0;
  while (**text == ' ') ++*text;
  for (; **text >= '0' && **text <= '9'; ++*text) number = number * 10 + (uint64_t)(**text - '0');
  return number;
}

// Milliseconds with six places: nanoseconds.
static uint64_t time_at(const char *text) {
  uint64_t milliseconds = number_at(&text), rest = 0;
  if (*text == '.') text++;
  for (int place = 0; place < 6; place++) rest = rest * 10 + (*text >= '0' && *text <= '9' ? (uint64_t)(*text++ - '0') : 0);
  return milliseconds * 1000000 + rest;
}

static bool read_figures(int file, struct scheduler_figures *figures) {
  char text[4096];
  long size = syscall(SYS_pread64, (long)file, text, sizeof text - 1, 0L);
  if (size <= 0) return false;
  text[size] = 0;
  // The thread's name stands in front of a line of dashes, and is shorter than that.
  const char *body = strstr(text, "--------------------");
  if (body == NULL) return false;
  const char *start = value_of(body, "se.exec_start"), *switches = value_of(body, "nr_voluntary_switches");
  if (start == NULL || switches == NULL) return false;
  *figures = (struct scheduler_figures){.start = time_at(start), .switches = number_at(&switches)};
  return figures->start != 0;
}

bool cprocmem_sleep_count(int file, uint64_t *switches) {
  struct scheduler_figures figures;
  if (!read_figures(file, &figures)) return false;
  *switches = figures.switches;
  return true;
}

// The processor that a thread ran on last; -1: not known.
static int processor_of(int directory, pid_t tid) {
  char text[1024];
  int file = cprocmem_open_numbered(directory, "", tid, "/stat", O_RDONLY);
  if (file < 0) return -1;
  long size = syscall(SYS_read, (long)file, text, sizeof text - 1);
  syscall(SYS_close, (long)file);
  if (size <= 0) return -1;
  text[size] = 0;
  const char *field = strrchr(text, ')'); // the end of field 2, which may hold anything
  for (int number = 2; field != NULL && number < PROCESSOR_FIELD; number++) field = strchr(field + 1, ' ');
  return field != NULL ? (int)number_at(&field) : -1;
}

// Clocks

typedef uint64_t processor_set[PROCESSOR_LIMIT / 64];

static bool run_on(const processor_set set, size_t size) {
  return syscall(SYS_sched_setaffinity, 0L, size, set) == 0;
}

// Reads the clock of the processor that we run on.
static bool read_clock(int file, uint64_t *offset) {
  for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
    // The scheduler notes the time when a thread wakes up,
    const struct timespec moment = {.tv_nsec = 1};
    syscall(SYS_nanosleep, &moment, NULL);
    struct scheduler_figures before, after;
    if (!read_figures(file, &before)) return false;
    *offset = cprocmem_now() - before.start;
    // … and when another has run instead: then the two times are not of one moment.
    if (!read_figures(file, &after)) return false;
    if (after.start == before.start) return true;
  }
  return false;
}

static struct processor_clock look_up_clock(int processor) {
  struct processor_clock clock = {.processor = processor};
  static processor_set own, wanted;
  long size = syscall(SYS_sched_getaffinity, 0L, sizeof own, own);
  int file = (int)syscall(SYS_openat, (long)AT_FDCWD, "/proc/self/sched", (long)(O_RDONLY | O_CLOEXEC), 0L);
  if (size > 0 && file >= 0 && processor < PROCESSOR_LIMIT) {
    memset(wanted, 0, sizeof wanted);
    wanted[processor / 64] = UINT64_C(1) << (processor % 64);
    clock.is_known = run_on(wanted, sizeof wanted) && read_clock(file, &clock.offset);
    run_on(own, (size_t)size);
  }
  if (file >= 0) syscall(SYS_close, (long)file);
  return clock;
}

static const struct processor_clock *clock_of(int processor) {
  for (size_t i = 0; i < clock_count; i++) {
    if (clocks[i].processor == processor) return &clocks[i];
  }
  if (clock_count == KNOWN_LIMIT || processor < 0 || look_up_time >= most_look_up_time) return NULL;
  const uint64_t before = cprocmem_now();
  clocks[clock_count] = look_up_clock(processor);
  look_up_time += cprocmem_now() - before;
  return &clocks[clock_count++];
}

bool cprocmem_sleep_facts(int directory, pid_t tid, int file, struct sleep_facts *facts) {
  struct scheduler_figures figures;
  if (!read_figures(file, &figures)) return false;
  *facts = (struct sleep_facts){
      .switches = figures.switches, .start = figures.start, .processor = processor_of(directory, tid),
  };
  return true;
}

uint64_t cprocmem_sleep_start(const struct sleep_facts *facts) {
  const struct processor_clock *clock = clock_of(facts->processor);
  if (clock == NULL || !clock->is_known) return 0;
  const uint64_t now = cprocmem_now(), start = facts->start + clock->offset; // modulo 2^64
  return (int64_t)(now - start) > 0 ? start : now;
}

bool cprocmem_sleep_length(int directory, pid_t tid, int file, const struct sleep_facts *facts, uint64_t start,
                           uint64_t *length) {
  const uint64_t now = cprocmem_now();
  struct scheduler_figures figures;
  // To stand still is to go to sleep once more.
  if (!read_figures(file, &figures) || figures.switches != facts->switches + 1) return false;
  if (start != 0) {
    *length = now > start ? now - start : 0;
    return true;
  }
  // Where it has been stopped on the same processor, its own two times are of one clock.
  *length = figures.start - facts->start;
  return facts->processor >= 0 && figures.start >= facts->start && processor_of(directory, tid) == facts->processor;
}
