#include "tracees.h"

#include <stdio.h>
#include <stdlib.h>

const char role_letters[role_count + 1] = "MTH";

enum { tracee_limit = 1024 };
static struct tracee tracees[tracee_limit];

static pid_t process_of(pid_t thread) {
  char path[64], line[256];
  snprintf(path, sizeof path, "/proc/%d/status", thread);
  FILE *file = fopen(path, "re");
  pid_t process = 0;
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "Tgid: %d", &process) == 1) break;
  if (file) fclose(file);
  return process;
}

static enum role role_of(pid_t id, pid_t command) {
  if (id == command) return role_main;
  return process_of(id) == command ? role_thread : role_holder;
}

struct tracee *tracee_find(pid_t id, pid_t command) {
  struct tracee *free_place = NULL;
  for (struct tracee *tracee = tracees; tracee < tracees + tracee_limit; tracee++) {
    if (tracee->id == id) return tracee;
    if (!free_place && tracee->id == 0) free_place = tracee;
  }
  if (!free_place) {
    fputs("injector: too many threads\n", stderr);
    exit(99);
  }
  *free_place = (struct tracee){.id = id, .role = role_of(id, command)};
  return free_place;
}
