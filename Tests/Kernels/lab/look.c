// What is seen of a target from outside.
#define _GNU_SOURCE
#include "lab.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool field(int pid, int tid, const char *name, char *value, size_t size) {
  char path[64], line[512];
  snprintf(path, sizeof path, "/proc/%d/task/%d/status", pid, tid);
  FILE *file = fopen(path, "re");
  size_t n = strlen(name);
  bool found = false;
  while (file && !found && fgets(line, sizeof line, file)) {
    if (strncmp(line, name, n) || line[n] != ':') continue;
    line[strcspn(line, "\n")] = 0;
    snprintf(value, size, "%s", line + n + 1 + strspn(line + n + 1, " \t"));
    found = true;
  }
  if (file) fclose(file);
  return found;
}

int lab_number(int pid, const char *name) {
  char value[64];
  return field(pid, pid, name, value, sizeof value) ? atoi(value) : -1;
}

/// The next entry of a directory that is a number; 0 at the end.
static int next_number(DIR *directory) {
  struct dirent *entry;
  while (directory && (entry = readdir(directory))) {
    if (isdigit((unsigned char)*entry->d_name)) return atoi(entry->d_name);
  }
  return 0;
}

int lab_children(int parent, const char *name, int *found) {
  int count = 0;
  DIR *directory = opendir("/proc");
  for (int pid; (pid = next_number(directory));) {
    char value[64];
    if (lab_number(pid, "PPid") != parent) continue;
    if (name && (!field(pid, pid, "Name", value, sizeof value) || strncmp(value, name, strlen(name)))) continue;
    count++;
    if (found) *found = pid;
  }
  if (directory) closedir(directory);
  return count;
}

static int stopped_threads(int pid) {
  int count = 0;
  char path[64], value[64];
  snprintf(path, sizeof path, "/proc/%d/task", pid);
  DIR *directory = opendir(path);
  for (int tid; (tid = next_number(directory));) {
    count += field(pid, tid, "State", value, sizeof value) && (*value == 'T' || *value == 't');
  }
  if (directory) closedir(directory);
  return count;
}

const char *lab_complaint(int pid, const struct lab_state *state) {
  static char text[128];
  // The machine may be slow; a control, which is to fail, need not wait so long.
  const char *patience = getenv("PATIENCE_S");
  uint64_t before[lab_most_threads], limit = lab_now() + (patience ? strtoull(patience, NULL, 10) : 8) * 1000000000;
  for (unsigned i = 0; i < state->ready; i++) before[i] = state->beats[i];
  for (;;) {
    int stopped = stopped_threads(pid), tracer = lab_number(pid, "TracerPid"), still = 0;
    for (unsigned i = 0; i < state->ready; i++) still += state->beats[i] == before[i];
    if (tracer < 0) return "it is gone";
    if (state->wrong) return "it computes wrong";
    if (!stopped && !tracer && !still) return NULL;
    snprintf(text, sizeof text, "threads stopped %d, tracer %d, threads without a heartbeat %d", stopped, tracer, still);
    if (lab_now() > limit) return text;
    lab_pass(1000);
  }
}

int lab_check(int pid, struct lab_state *state) {
  const char *complaint = lab_complaint(pid, state);
  printf("%s; SIGCHLD %ju, EINTR %ju, children %d, longest gap %ju ms\n", complaint ? complaint : "runs",
         (uintmax_t)state->children, (uintmax_t)state->interrupts, lab_children(pid, NULL, NULL),
         (uintmax_t)(state->gap / 1000000));
  state->gap = 0;
  return complaint != NULL;
}
