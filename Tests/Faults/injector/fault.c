#include "fault.h"

#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <time.h>

int fault_kind_named(const char *name) {
  static const char *const names[] = {"count", "fail", "fail-after", "answer", "shorten", "delay"};
  for (int kind = 0; kind < (int)(sizeof names / sizeof *names); kind++)
    if (strcmp(name, names[kind]) == 0) return kind;
  return -1;
}

static void set_registers(pid_t thread, struct user_regs_struct registers) {
  ptrace(PTRACE_SETREGS, thread, NULL, &registers);
}

// A read of several stretches gives fewer bytes where there is one stretch, and that of half the length.
static struct pending_fault shorten_vector(pid_t thread, struct user_regs_struct registers) {
  unsigned long address = registers.rsi + sizeof(unsigned long);  // iov_len of the first of them
  unsigned long length = (unsigned long)ptrace(PTRACE_PEEKDATA, thread, (void *)address, NULL);
  // Whole pages where there are some, as the kernel stops at a page that it cannot read.
  unsigned long half = length > 8192 ? length / 2 & ~4095UL : length / 2;
  struct pending_fault pending = {
    pending_vector, .third_argument = registers.rdx, .length_address = address, .length = length};
  ptrace(PTRACE_POKEDATA, thread, (void *)address, (void *)half);
  registers.rdx = 1;
  set_registers(thread, registers);
  return pending;
}

static struct pending_fault shorten(pid_t thread, long call, struct user_regs_struct registers, long limit) {
  if (call == SYS_process_vm_readv || call == SYS_process_vm_writev) return shorten_vector(thread, registers);
  struct pending_fault pending = {pending_length, .third_argument = registers.rdx};
  if (limit == 0)
    registers.rdx = (registers.rdx + 1) / 2;
  else if (registers.rdx > (unsigned long)limit)
    registers.rdx = (unsigned long)limit;
  set_registers(thread, registers);
  return pending;
}

static void wait_milliseconds(long count) {
  nanosleep(&(struct timespec){.tv_sec = count / 1000, .tv_nsec = count % 1000 * 1000000}, NULL);
}

struct pending_fault fault_enter(pid_t thread, long call, struct fault fault) {
  struct user_regs_struct registers;
  ptrace(PTRACE_GETREGS, thread, NULL, &registers);
  switch (fault.kind) {
    case fault_none: break;
    case fault_fail:
    case fault_answer:
      registers.orig_rax = (unsigned long)-1;  // no call has this number: the kernel makes none
      set_registers(thread, registers);
      return (struct pending_fault){
        pending_result, .result = fault.kind == fault_fail ? -fault.argument : fault.argument};
    case fault_fail_after: return (struct pending_fault){pending_result, .result = -fault.argument};
    case fault_shorten: return shorten(thread, call, registers, fault.argument);
    case fault_delay: wait_milliseconds(fault.argument); break;
  }
  return (struct pending_fault){pending_none};
}

void fault_leave(pid_t thread, struct pending_fault *pending) {
  if (pending->what == pending_none) return;
  struct user_regs_struct registers;
  ptrace(PTRACE_GETREGS, thread, NULL, &registers);
  if (pending->what == pending_result)
    registers.rax = (unsigned long)pending->result;
  else
    registers.rdx = pending->third_argument;
  if (pending->what == pending_vector)
    ptrace(PTRACE_POKEDATA, thread, (void *)pending->length_address, (void *)pending->length);
  set_registers(thread, registers);
  pending->what = pending_none;
}
