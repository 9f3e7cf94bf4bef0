// What a stop must not do to a call with a timeout: have it start over with all of it. x86_64.
#define _GNU_SOURCE
#include "attach-control.h"

#if defined(__x86_64__)

#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

static void restart_call(pid_t thread) {
  const long restarts = -514; // ERESTARTNOHAND of the kernel
  struct user_regs_struct registers;
  struct iovec vector = {&registers, sizeof registers};
  if (ptrace(PTRACE_GETREGSET, thread, NT_PRSTATUS, &vector) != 0 || (long)registers.rax != -EINTR) return;
  registers.rax = (unsigned long)restarts;
  ptrace(PTRACE_SETREGSET, thread, NT_PRSTATUS, &vector);
}

void stop_and_restart(const pid_t *threads, int count) {
  for (int i = 0; i < count; i++) {
    siginfo_t info;
    if (ptrace(PTRACE_SEIZE, threads[i], NULL, NULL) != 0) continue;
    ptrace(PTRACE_INTERRUPT, threads[i], NULL, NULL);
    if (waitid(P_PID, (id_t)threads[i], &info, WSTOPPED | WNOWAIT | __WALL) == 0) restart_call(threads[i]);
    ptrace(PTRACE_DETACH, threads[i], NULL, NULL);
  }
}

#else

void stop_and_restart(const pid_t *threads, int count) {
  (void)threads;
  (void)count;
}

#endif
