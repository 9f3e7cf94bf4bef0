// The general registers of a stopped 64-bit thread.

#ifndef REGISTERS_H
#define REGISTERS_H

#include <elf.h>
#include <stdbool.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>

#include "../holder/trace.h"

// What an interrupted call has in rax, negated, while its thread is stopped; the kernel's <linux/errno.h>, which is not
// for programs.
enum {
  ERESTARTSYS = 512,           // restart, or EINTR after a handler without SA_RESTART
  ERESTARTNOINTR = 513,        // restart
  ERESTARTNOHAND = 514,        // restart, or EINTR after any handler
  ERESTART_RESTARTBLOCK = 516, // go on by restart_syscall(2), or EINTR after any handler
};

enum { CODE_SEGMENT_64 = 0x33 };

// Once more where it fails: a call that is not repaired returns EINTR.
static inline bool cprocmem_trace_registers(int request, pid_t tid, struct iovec *vector) {
  return cprocmem_trace(request, tid, NT_PRSTATUS, (unsigned long)vector) == 0 ||
         cprocmem_trace(request, tid, NT_PRSTATUS, (unsigned long)vector) == 0;
}

// False where the thread is not stopped, or runs 32-bit code.
static inline bool cprocmem_get_registers(pid_t tid, struct user_regs_struct *registers) {
  struct iovec vector = {registers, sizeof *registers};
  return cprocmem_trace_registers(PTRACE_GETREGSET, tid, &vector) && vector.iov_len == sizeof *registers &&
         registers->cs == CODE_SEGMENT_64;
}

static inline bool cprocmem_set_registers(pid_t tid, const struct user_regs_struct *registers) {
  struct iovec vector = {(void *)registers, sizeof *registers};
  return cprocmem_trace_registers(PTRACE_SETREGSET, tid, &vector);
}

#endif
