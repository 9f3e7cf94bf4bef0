// A tool that does harm, to show that harm is seen: it stands in for memdump, and does what CONTROL names.
//
//   CONTROL=HARM control PID START [FILE]
//
// PID is the target, START (hexadecimal) an address of it, FILE what memdump would write.
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static pid_t target;
static unsigned long start;
static const char *file;

static void wait_milliseconds(long count) {
  nanosleep(&(struct timespec){.tv_sec = count / 1000, .tv_nsec = count % 1000 * 1000000}, NULL);
}

static void write_file(const char *suffix, const char *text) {
  char path[4096];
  snprintf(path, sizeof path, "%s%s", file, suffix);
  int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0 || write(descriptor, text, strlen(text)) < 0) exit(99);
  close(descriptor);
}

static int fail(const char *why) {
  fprintf(stderr, "control: %s\n", why);
  return 2;
}

static int do_nothing(void) { return 0; }

static int leave_stopped(void) { return kill(target, SIGSTOP); }

static int stop_for_long(void) {
  kill(target, SIGSTOP);
  wait_milliseconds(3000);
  return kill(target, SIGCONT);
}

static int leave_zombie(void) { return kill(target, SIGUSR1); }

static int kill_target(void) { return kill(target, SIGKILL); }

// A tracer that outlives the tool.
static int leave_tracer(void) {
  if (fork() != 0) {
    wait_milliseconds(200);
    return 0;
  }
  ptrace(PTRACE_SEIZE, target, NULL, NULL);
  for (;;) pause();
}

static int interrupt_calls(void) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task", target);
  DIR *threads = opendir(path);
  if (!threads) return 99;
  for (struct dirent *entry; (entry = readdir(threads));) syscall(SYS_tgkill, target, atoi(entry->d_name), SIGURG);
  return closedir(threads);
}

static int write_to_target(void) {
  struct iovec local = {"x", 1}, remote = {(void *)start, 1};
  return process_vm_writev(target, &local, 1, &remote, 1, 0) == 1 ? 0 : 99;
}

static int leave_half_file(void) {
  write_file("", "half");
  return fail("no space left");
}

static int leave_temporary_file(void) {
  write_file(".part", "half");
  return fail("no space left");
}

static int replace_manifest_alone(void) {
  write_file(".json", "{\"new\":true}");
  return fail("no space left");
}

static int write_too_little(void) {
  write_file("", "x");
  write_file(".json", "{}");
  return 0;
}

static int say_nothing(void) { return 2; }
static int print_something_else(void) { return puts("0 findings") < 0; }
static int crash(void) { abort(); }
static int hang(void) {
  for (;;) pause();
  return 0;
}

static const struct {
  const char *name;
  int (*run)(void);
} harms[] = {
  {"none", do_nothing},
  {"leave-stopped", leave_stopped},
  {"stop-for-long", stop_for_long},
  {"leave-zombie", leave_zombie},
  {"kill-target", kill_target},
  {"leave-tracer", leave_tracer},
  {"interrupt-calls", interrupt_calls},
  {"write-to-target", write_to_target},
  {"leave-half-file", leave_half_file},
  {"leave-temporary-file", leave_temporary_file},
  {"replace-manifest-alone", replace_manifest_alone},
  {"write-too-little", write_too_little},
  {"say-nothing", say_nothing},
  {"print-something-else", print_something_else},
  {"crash", crash},
  {"hang", hang},
};

int main(int argument_count, char **arguments) {
  const char *name = getenv("CONTROL");
  if (!name || argument_count < 3) return 64;
  target = atoi(arguments[1]);
  start = strtoul(arguments[2], NULL, 16);
  file = argument_count > 3 ? arguments[3] : NULL;
  for (size_t i = 0; i < sizeof harms / sizeof *harms; i++)
    if (strcmp(name, harms[i].name) == 0) return harms[i].run();
  return 64;
}
