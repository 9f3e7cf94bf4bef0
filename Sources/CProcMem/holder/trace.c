#define _GNU_SOURCE
#include "trace.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef CPROCMEM_STEP_KILL
long cprocmem_die_at;
#endif

long cprocmem_trace(int request, pid_t tid, unsigned long address, unsigned long data) {
#ifdef CPROCMEM_STEP_KILL
  static long step;
  if (++step == cprocmem_die_at) syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
#endif
  return syscall(SYS_ptrace, (long)request, (long)tid, address, data);
}
