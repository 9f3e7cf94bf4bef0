// The conversation: one command a line on standard input, one line of answer each.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "target-process.h"

static bool ends_with_parent_process;

static void answer(bool is_set_up, const char *option, const char *key, uint64_t value) {
  if (is_set_up) printf("%s %ju\n", key, (uintmax_t)value);
  else printf("error needs %s\n", option);
}

static void answer_pair(bool is_set_up, const char *option, const char *key, uint64_t first, uint64_t second) {
  if (is_set_up) printf("%s %ju %ju\n", key, (uintmax_t)first, (uintmax_t)second);
  else printf("error needs %s\n", option);
}

// By its path, so that the process keeps its name. /proc/self would be the leader, which may be a zombie.
static void execute_self(void) {
  char path[4096];
  ssize_t length = readlink("/proc/thread-self/exe", path, sizeof path - 1);
  if (length < 0) fail("readlink");
  path[length] = 0;
  remove_files();
  execl(path, path, "--known", ends_with_parent_process ? "--spawned-by-thread" : NULL, (char *)NULL);
  fail("exec");
}

// What a fork costs this process, in nanoseconds.
static uint64_t time_fork(void) {
  uint64_t start = read_clock();
  pid_t child = fork();
  if (child == 0) _exit(0);
  uint64_t end = read_clock();
  if (child < 0) fail("fork");
  while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
  return end - start;
}

// A child that has the same pages and changes none, to the end of this process.
static pid_t keep_child(void) {
  pid_t parent = getpid(), child = fork();
  if (child < 0) fail("fork");
  if (child > 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);
  for (;;) pause();
}

static void obey(const char *command) {
  uint64_t first = 0, second = 0;
  bool found;
  if (strcmp(command, "gap") == 0) {
    found = take_gap(&first);
    answer(found, "--threads", "gap", first);
  } else if (strcmp(command, "beats") == 0) {
    found = count_beats(&first);
    answer(found, "--threads", "beats", first);
  } else if (strcmp(command, "check") == 0) {
    found = count_checks(&first, &second);
    answer_pair(found, "--self-check", "check", first, second);
  } else if (strcmp(command, "spawned") == 0) {
    found = count_spawned(&first);
    answer(found, "--spawn-storm", "spawned", first);
  } else if (strcmp(command, "signals") == 0) {
    found = count_signals(&first, &second);
    answer(found, "--signals", "signals", first);
  } else if (strcmp(command, "values") == 0) {
    found = count_signals(&first, &second);
    answer(found, "--signals", "values", second);
  } else if (strcmp(command, "interrupts") == 0) {
    found = count_interrupts(&first);
    answer(found, "--signals", "interrupts", first);
  } else if (strcmp(command, "children") == 0) {
    found = count_children(&first, &second);
    answer_pair(found, "--signals", "children", first, second);
  } else if (strcmp(command, "unmap") == 0) {
    printf(unmap_known() ? "unmapped\n" : "error needs --known\n");
  } else if (strncmp(command, "grow ", 5) == 0 && parse_size(command + 5, &first)) {
    grow_heap(first);
    printf("grown\n");
  } else if (strncmp(command, "map ", 4) == 0 && parse_size(command + 4, &first)) {
    map_texts(first);
    printf("grown\n");
  } else if (strncmp(command, "share ", 6) == 0 && parse_size(command + 6, &first)) {
    share_more(first);
    printf("grown\n");
  } else if (strncmp(command, "code ", 5) == 0 && parse_size(command + 5, &first)) {
    map_code(first);
    printf("grown\n");
  } else if (strncmp(command, "touch ", 6) == 0 && parse_size(command + 6, &first)) {
    touch_file(first);
    printf("grown\n");
  } else if (strncmp(command, "second ", 7) == 0 && parse_size(command + 7, &first)) {
    printf(grow_second_heap(first) ? "grown\n" : "error needs --second-libc\n");
  } else if (strncmp(command, "shift ", 6) == 0 && parse_size(command + 6, &first)) {
    found = shift_slots(first, &second);
    answer(found, "--slots", "shifted", second);
  } else if (strcmp(command, "fork") == 0) {
    printf("fork %ju\n", (uintmax_t)time_fork());
  } else if (strcmp(command, "keep-child") == 0) {
    printf("child %jd\n", (intmax_t)keep_child());
  } else if (strcmp(command, "mallinfo") == 0) {
    if (!describe_allocations()) printf("error needs --allocations\n");
  } else if (strcmp(command, "exec") == 0) {
    execute_self();
  } else if (strcmp(command, "exit") == 0) {
    printf("bye\n");
    finish();
  } else {
    printf("error unknown command\n");
  }
  fflush(stdout);
}

// Returns when there is input, or its end. Ends the process with its parent.
static void wait_for_input(void) {
  struct pollfd sources[] = {
    {.fd = STDIN_FILENO, .events = POLLIN},
    {.fd = parent_descriptor(), .events = POLLIN},  // -1 is left out by poll
  };
  for (;;) {
    if (poll(sources, 2, -1) < 0 && errno != EINTR) fail("poll");
    if (sources[1].revents != 0) finish();
    if (sources[0].revents != 0) return;
  }
}

_Noreturn void serve_commands(bool spawned_by_thread) {
  ends_with_parent_process = spawned_by_thread;
  uint64_t gap_of_set_up;
  take_gap(&gap_of_set_up);
  printf("ready\n");
  fflush(stdout);
  char line[256];
  size_t length = 0;
  for (;;) {
    wait_for_input();
    char bytes[256];
    ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) finish();
    for (ssize_t i = 0; i < count; i++) {
      if (bytes[i] != '\n') {
        if (length < sizeof line - 1) line[length++] = bytes[i];
        continue;
      }
      line[length] = 0;
      length = 0;
      obey(line);
    }
  }
}
