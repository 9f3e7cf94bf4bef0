// Runs a command whose system calls fail as they are told to.
//
//   injector REPORT PATH ROLE CALL FIRST LAST KIND ARGUMENT -- COMMAND…
//
// Calls are counted from the command's first openat or readlink of a path that has PATH in it: what the loader does is no
// concern of ours. Of the calls with the number CALL that threads of ROLE make (M the main thread, T the others, H other
// processes), those from FIRST to LAST meet the fault KIND (fault.h). REPORT is told, line by line:
//
//   hit NUMBER           the call of this number met the fault
//   end STATUS           the command has ended; 128 + N by the signal N
//   killed SIGNAL        another process of it was ended by a signal
//   count ROLE CALL N    at the end: how often each call was made
//
// Ends when the last process of the command has ended, with the command's status. It is killed when its parent ends, and
// with it, by the kernel, all that it traces.
#define _GNU_SOURCE
#include "tracees.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static FILE *report;
static pid_t command;
static const char *armed_by;
static bool is_armed;
static long counts[role_count][call_limit];
static struct {
  enum role role;
  long call, first, last;
  struct fault fault;
} picked;

_Noreturn static void fail(const char *what) {
  fprintf(stderr, "injector: %s: %s\n", what, strerror(errno));
  exit(99);
}

// Up to `limit` bytes of a text of the thread; what stands before a page that cannot be read, where one follows.
static void read_text(pid_t thread, unsigned long address, char *text, size_t limit) {
  struct iovec local = {text, limit}, remote = {(void *)address, limit};
  if (process_vm_readv(thread, &local, 1, &remote, 1, 0) > 0) return;
  size_t rest = 4096 - (address & 4095);
  if (rest < limit) remote.iov_len = rest;
  process_vm_readv(thread, &local, 1, &remote, 1, 0);
}

static bool arms(const struct tracee *tracee, const struct __ptrace_syscall_info *call) {
  long number = (long)call->entry.nr;
  if (tracee->role != role_main) return false;
  if (number != SYS_openat && number != SYS_readlink && number != SYS_newfstatat) return false;
  char path[256] = "";
  read_text(tracee->id, call->entry.args[number == SYS_readlink ? 0 : 1], path, sizeof path - 1);
  return strstr(path, armed_by) != NULL;
}

static void enter(struct tracee *tracee, const struct __ptrace_syscall_info *call) {
  long number = (long)call->entry.nr;
  tracee->pending.what = pending_none;
  if (number < 0 || number >= call_limit) return;
  is_armed = is_armed || arms(tracee, call);
  if (!is_armed) return;
  long count = ++counts[tracee->role][number];
  if (number != picked.call || tracee->role != picked.role || count < picked.first || count > picked.last) return;
  fprintf(report, "hit %ld\n", count);
  tracee->pending = fault_enter(tracee->id, number, picked.fault);
}

static void see_system_call(struct tracee *tracee) {
  struct __ptrace_syscall_info info;
  if (ptrace(PTRACE_GET_SYSCALL_INFO, tracee->id, (void *)sizeof info, &info) <= 0) return;
  if (info.op == PTRACE_SYSCALL_INFO_ENTRY) enter(tracee, &info);
  if (info.op == PTRACE_SYSCALL_INFO_EXIT) fault_leave(tracee->id, &tracee->pending);
}

// Lets the thread run on to its next stop, as if nobody had seen this one.
static void see_stop(struct tracee *tracee, int status) {
  int signal = WSTOPSIG(status), event = status >> 16;
  int request = PTRACE_SYSCALL;
  if (signal == (SIGTRAP | 0x80)) see_system_call(tracee);
  // A stop by a signal lasts until SIGCONT. The first one of the command itself is ours, by PTRACE_INTERRUPT (SIGTRAP).
  if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) request = PTRACE_LISTEN;
  bool delivers = event == 0 && signal != (SIGTRAP | 0x80);
  ptrace(request, tracee->id, NULL, (void *)(long)(delivers ? signal : 0));
}

static void start(char **words) {
  int gate[2];
  if (pipe(gate) != 0) fail("pipe");
  command = fork();
  if (command < 0) fail("fork");
  if (command == 0) {
    char go;
    close(gate[1]);
    if (read(gate[0], &go, 1) != 1) _exit(126);
    close(gate[0]);
    execvp(words[0], words);
    _exit(127);
  }
  const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
    PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (ptrace(PTRACE_SEIZE, command, NULL, (void *)options) != 0) fail("PTRACE_SEIZE");
  // Stops for its system calls begin at a stop.
  if (ptrace(PTRACE_INTERRUPT, command, NULL, NULL) != 0) fail("PTRACE_INTERRUPT");
  if (write(gate[1], "", 1) != 1) fail("write");
  close(gate[0]);
  close(gate[1]);
}

// Follows all there is of the command to its end, and returns its status.
static int follow(void) {
  int result = 99, status;
  for (pid_t id; (id = waitpid(-1, &status, __WALL)) > 0;) {
    struct tracee *tracee = tracee_find(id, command);
    if (WIFSTOPPED(status)) {
      see_stop(tracee, status);
      continue;
    }
    if (id == command) {
      result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      fprintf(report, "end %d\n", result);
    } else if (WIFSIGNALED(status) && tracee->role == role_holder) {
      fprintf(report, "killed %d\n", WTERMSIG(status));
    }
    tracee->id = 0;
  }
  return result;
}

int main(int argument_count, char **arguments) {
  const char *role = argument_count > 10 ? strchr(role_letters, arguments[3][0]) : NULL;
  int kind = role ? fault_kind_named(arguments[7]) : -1;
  if (kind < 0 || strcmp(arguments[9], "--") != 0) {
    fputs("usage: injector REPORT PATH ROLE CALL FIRST LAST KIND ARGUMENT -- COMMAND…\n", stderr);
    return 64;
  }
  report = fopen(arguments[1], "we");
  if (!report) fail(arguments[1]);
  setvbuf(report, NULL, _IOLBF, 0);  // what it has told is not lost when it is killed
  armed_by = arguments[2];
  picked.role = (enum role)(role - role_letters);
  picked.call = atol(arguments[4]);
  picked.first = atol(arguments[5]);
  picked.last = atol(arguments[6]);
  picked.fault = (struct fault){(enum fault_kind)kind, atol(arguments[8])};
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  start(arguments + 10);
  int result = follow();
  for (int i = 0; i < role_count; i++)
    for (int call = 0; call < call_limit; call++)
      if (counts[i][call]) fprintf(report, "count %c %d %ld\n", role_letters[i], call, counts[i][call]);
  return result;
}
