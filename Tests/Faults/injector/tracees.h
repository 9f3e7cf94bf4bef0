// The threads of the command and of its children, by what they are to it.
#pragma once
#include "fault.h"

enum role { role_main, role_thread, role_holder, role_count };  // the last: a thread of any other process
enum { call_limit = 512 };

struct tracee {
  pid_t id;  // 0 where the place is free
  enum role role;
  struct pending_fault pending;
};

// The letter that stands for a role in arguments and in the report.
extern const char role_letters[role_count + 1];

// The tracee of this number; a new one is entered. `command` is the process that is run.
struct tracee *tracee_find(pid_t id, pid_t command);
