// What is done to the tool: rights taken, calls denied; and the controls.
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lab.h"

#ifdef __x86_64__
#define MACHINE AUDIT_ARCH_X86_64
#else
#define MACHINE AUDIT_ARCH_AARCH64
#endif

void lab_deny(int error, char *calls) {
  static struct sock_filter code[500];
  unsigned n = 0;
  code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
  code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 1, 0);
  code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (char *call = strtok(calls, ","); call; call = strtok(NULL, ",")) {
    if (n + 3 > sizeof code / sizeof *code) exit(64);
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)atoi(call), 0, 1);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error);
  }
  code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog program = {(unsigned short)n, code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) lab_die("seccomp");
}

void lab_become_user(unsigned id) {
  if (setgroups(0, NULL) || setresgid(id, id, id) || setresuid(id, id, id)) lab_die("user");
}

static void put(const char *path, const char *text) {
  int file = open(path, O_WRONLY);
  if (file < 0 || write(file, text, strlen(text)) < 0) lab_die(path);
  close(file);
}

void lab_enter_user_namespace(void) {
  char users[64], groups[64];
  snprintf(users, sizeof users, "0 %d 1", (int)geteuid());
  snprintf(groups, sizeof groups, "0 %d 1", (int)getegid());
  if (unshare(CLONE_NEWUSER)) lab_die("unshare");
  put("/proc/self/setgroups", "deny"), put("/proc/self/uid_map", users), put("/proc/self/gid_map", groups);
}

void lab_become_parent(char **command) {
  char **tool = command, pid[16];
  while (*tool && strcmp(*tool, ":")) tool++;
  if (!*tool) exit(64);
  *tool++ = NULL;
  int child = lab_start(command);
  snprintf(pid, sizeof pid, "%d", child);
  for (char **word = tool; *word; word++) {
    if (!strcmp(*word, "@")) *word = pid;
  }
  lab_pass(500000);
  execvp(tool[0], tool);
}

_Noreturn void lab_attach(int pid) {
  kill(pid, SIGSTOP);
  ptrace(PTRACE_ATTACH, pid, NULL, NULL);
  for (;;) pause();
}

_Noreturn void lab_copy(int pid, uint64_t address, uint64_t size) {
  struct iovec local = {malloc(size), size}, remote = {(void *)(uintptr_t)address, size};
  ssize_t got = process_vm_readv(pid, &local, 1, &remote, 1, 0);
  printf("%zd\n", got);
  exit(got != (ssize_t)size);
}
