// What memdump must not be: a tool that stops a process with PTRACE_ATTACH. Tests kill it at random instants to see that
// they would notice a target that was left stopped. Ends with its parent process.
//
//   attach-control probe        status 0 where a process may trace its child, 1 where not
//   attach-control loop PID     attaches to all threads and detaches again, for ever
//   attach-control hold PID     seizes and stops all threads (PTRACE_SEIZE), prints `held`, and waits for the end of
//                               standard input
//   attach-control hold-deaf PID  the same, but ignores SIGTERM
//   attach-control fork PID N   has a thread make a child, with its registers saved here only, and dies before its ptrace
//                               call N; status 0 when there are fewer
//   attach-control restart PID  stops each thread for a moment five times a second, and has its calls start over
//   attach-control deny ERRNO CALLS COMMAND...
//                               runs a command whose calls of these numbers (with commas) fail so: a seccomp filter
//   attach-control signal PID   sends SIGUSR1 to each thread but the first (tgkill)
#define _GNU_SOURCE
#include "attach-control.h"

#include <dirent.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { thread_limit = 1024 };
static pid_t threads[thread_limit];

static int list_threads(pid_t process) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task", process);
  DIR *directory = opendir(path);
  if (!directory) return 0;
  int count = 0;
  struct dirent *entry;
  while (count < thread_limit && (entry = readdir(directory))) {
    pid_t thread = atoi(entry->d_name);
    if (thread > 0) threads[count++] = thread;
  }
  closedir(directory);
  return count;
}

static void attach_and_detach(pid_t process) {
  int count = list_threads(process);
  for (int i = 0; i < count; i++) {
    if (ptrace(PTRACE_ATTACH, threads[i], NULL, NULL) != 0) threads[i] = 0;
  }
  for (int i = 0; i < count; i++) {
    if (threads[i] && waitpid(threads[i], NULL, __WALL) != threads[i]) threads[i] = 0;
  }
  for (int i = 0; i < count; i++) {
    if (threads[i]) ptrace(PTRACE_DETACH, threads[i], NULL, NULL);
  }
}

static int hold(pid_t process) {
  int count = list_threads(process);
  for (int i = 0; i < count; i++) {
    if (ptrace(PTRACE_SEIZE, threads[i], NULL, NULL) != 0) return 1;
    if (ptrace(PTRACE_INTERRUPT, threads[i], NULL, NULL) != 0) return 1;
    siginfo_t info;
    if (waitid(P_PID, (id_t)threads[i], &info, WSTOPPED | WNOWAIT | __WALL) != 0) return 1;
  }
  printf("held\n");
  fflush(stdout);
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0 || errno == EINTR) {}
  return 0;
}

static int send_signals(pid_t process) {
  int count = list_threads(process), failures = 0;
  for (int i = 0; i < count; i++) {
    if (threads[i] != process && syscall(SYS_tgkill, process, threads[i], SIGUSR1) != 0) failures++;
  }
  return failures > 0;
}

static int deny(char **arguments) {
  enum { call_limit = 16 };
  struct sock_filter code[2 * call_limit + 2] = {{.code = BPF_LD | BPF_W | BPF_ABS, .k = offsetof(struct seccomp_data, nr)}};
  unsigned short size = 1;
  const unsigned error = (unsigned)atoi(arguments[0]);
  for (char *call = strtok(arguments[1], ","); call && size < 2 * call_limit; call = strtok(NULL, ",")) {
    code[size++] = (struct sock_filter){.code = BPF_JMP | BPF_JEQ | BPF_K, .jf = 1, .k = (unsigned)atoi(call)};
    code[size++] = (struct sock_filter){.code = BPF_RET | BPF_K, .k = SECCOMP_RET_ERRNO | error};
  }
  code[size++] = (struct sock_filter){.code = BPF_RET | BPF_K, .k = SECCOMP_RET_ALLOW};
  struct sock_fprog program = {.len = size, .filter = code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) return 70;
  execvp(arguments[2], arguments + 2);
  return 127;
}

static int probe(void) {
  pid_t child = fork();
  if (child < 0) return 1;
  if (child == 0) {
    pause();
    _exit(0);
  }
  int status = ptrace(PTRACE_SEIZE, child, NULL, NULL) == 0 ? 0 : 1;
  kill(child, SIGKILL);
  waitpid(child, NULL, __WALL);
  return status;
}

int main(int count, char **arguments) {
  pid_t parent = getppid();
  const char *mode = count > 1 ? arguments[1] : "";
  if (strcmp(mode, "probe") == 0) return probe();
  if (strcmp(mode, "deny") == 0 && count > 4) return deny(arguments + 2);
  pid_t process = count > 2 ? atoi(arguments[2]) : 0;
  if (process <= 0) return 64;
  if (strcmp(mode, "hold-deaf") == 0) signal(SIGTERM, SIG_IGN);
  if (strncmp(mode, "hold", 4) == 0) return hold(process);
  if (strcmp(mode, "fork") == 0 && count > 3) {
    return fork_plainly(process, threads, list_threads(process), atol(arguments[3]));
  }
  if (strcmp(mode, "signal") == 0) return send_signals(process);
  while (strcmp(mode, "restart") == 0 && getppid() == parent) {
    stop_and_restart(threads, list_threads(process));
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
  }
  if (strcmp(mode, "loop") != 0) return 64;
  while (getppid() == parent) attach_and_detach(process);
  return 0;
}
