// Confines itself, unless the first argument is `free`, and then tries what a process that was taken over would: prints a line
// for each act, `denied NAME` or `done NAME`. The second argument is a directory to try files in, with a file `old`. `naming` leaves it
// the right to names there, `elsewhere` in /usr.
#define _GNU_SOURCE
#include "cprocmem_confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *name, bool is_done) { printf("%s %s\n", is_done ? "done" : "denied", name); }

static void *nothing(void *value) { return value; }

// A child that ends at once.
static bool makes_child(void) {
  pid_t child = fork();
  if (child == 0) _exit(0);
  if (child > 0) waitpid(child, NULL, 0);
  return child > 0;
}

static bool makes_thread(void) {
  pthread_t thread;
  return pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0;
}

int main(int count, char **arguments) {
  if (count != 3 || chdir(arguments[2]) != 0) return 64;
  if (strcmp(arguments[1], "free") != 0) {
    bool is_elsewhere = strcmp(arguments[1], "elsewhere") == 0;
    int directory = open(is_elsewhere ? "/usr" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int result = cprocmem_confine(&directory, is_elsewhere || strcmp(arguments[1], "naming") == 0);
    if (result < 0) return printf("cannot: %s\n", strerror(-result)), 1;
    printf("landlock %d\n", result);
    if (cprocmem_keep_capabilities(0) != 0) return 1;
  }
  say("read", open("old", O_RDONLY) >= 0);
  say("list", open(".", O_RDONLY | O_DIRECTORY) >= 0);
  say("thread", makes_thread());
  say("memory", malloc(64 << 20) != NULL);
  say("write", open("old", O_WRONLY) >= 0);
  say("create", open("new", O_WRONLY | O_CREAT, 0600) >= 0);
  say("unnamed", open(".", O_TMPFILE | O_RDWR, 0600) >= 0);
  say("link", link("old", "linked") == 0);
  say("symlink", symlink("old", "pointing") == 0);
  say("directory", mkdir("directory", 0700) == 0);
  say("rename", rename("old", "renamed") == 0 && rename("renamed", "old") == 0);
  say("mode", chmod("old", 0644) == 0);
  say("socket", socket(AF_INET, SOCK_STREAM, 0) >= 0);
  say("local socket", socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
  say("process", makes_child());
  say("namespace", unshare(CLONE_FS) == 0);
  long word = syscall(SYS_process_vm_readv, getppid(), NULL, 0L, NULL, 0L, 0L);
  say("memory of others", word >= 0);
  // Of nobody: the kernel, if it is asked, knows no such process.
  say("trace", ptrace(PTRACE_DETACH, 0, NULL, NULL) == 0 || errno == ESRCH);
  say("remove", unlink("old") == 0);
  fflush(stdout);
  execl("/bin/echo", "echo", "done program", (char *)NULL);
  say("program", false);
  return 0;
}
