#if defined(__x86_64__)

#define _GNU_SOURCE
#include "interrupted_call.h"

#include <errno.h>
#include <linux/falloc.h>
#include <stddef.h>

#include "registers.h"
#include "system_calls.h"

// Where EINTR comes before anything is done; what is done in part has another result. A file that is no socket, or one without
// a timeout (SO_RCVTIMEO, SO_SNDTIMEO), is restarted by the kernel itself; EINTR of another comes from its driver or from the
// server of its file system, and to make such a call again is what every caller does. Waits for descriptors return it where
// their time is in memory that cannot be written.
static bool returns_eintr(const struct user_regs_struct *registers) {
  switch ((long)registers->orig_rax) {
  case CALL_READ:
  case CALL_WRITE:
  case CALL_PREAD64:
  case CALL_PWRITE64:
  case CALL_READV:
  case CALL_WRITEV:
  case CALL_PREADV:
  case CALL_PWRITEV:
  case CALL_PREADV2:
  case CALL_PWRITEV2:
  case CALL_SENDFILE:
  case CALL_SPLICE:
  case CALL_CONNECT:
  case CALL_ACCEPT:
  case CALL_ACCEPT4:
  case CALL_SENDTO:
  case CALL_SENDMSG:
  case CALL_SENDMMSG:
  case CALL_RECVFROM:
  case CALL_RECVMSG:
  case CALL_RECVMMSG:
  case CALL_SELECT:
  case CALL_PSELECT6:
  case CALL_PPOLL:
  case CALL_SEMOP:
  case CALL_SEMTIMEDOP:
  case CALL_RT_SIGTIMEDWAIT:
  case CALL_IO_GETEVENTS:
  case CALL_IO_PGETEVENTS:
  case CALL_IO_URING_ENTER:
  case CALL_EPOLL_WAIT:
  case CALL_EPOLL_PWAIT:
  case CALL_EPOLL_PWAIT2:
    return true;
  case CALL_FALLOCATE: // a file in memory; what moves the rest of the file cannot be made twice
    return (registers->rsi & (FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_INSERT_RANGE)) == 0;
  default: return false;
  }
}

static bool is_same_call(const struct blocked_call *call, const struct user_regs_struct *registers) {
  const uint64_t arguments[6] = {registers->rdi, registers->rsi, registers->rdx,
                                 registers->r10, registers->r8,  registers->r9};
  bool is_same = call->number == (int64_t)registers->orig_rax && call->stack_pointer == registers->rsp &&
                 call->program_counter == registers->rip;
  for (int i = 0; i < 6; i++) is_same = is_same && call->arguments[i] == arguments[i];
  return is_same;
}

// Has a call that is to be restarted wait no longer than it would have.
static void take_time_off(struct timed_call *timed, struct user_regs_struct *registers) {
  const uint64_t millisecond = 1000 * 1000, whole = timed->timeout.nanoseconds;
  const uint64_t rest = whole > timed->waited ? whole - timed->waited : 0;
  if (timed->timeout.takes_rest) {
    // Where nothing is left it still returns what is there.
    const uint64_t milliseconds = (rest + millisecond - 1) / millisecond;
    registers->r10 = milliseconds;
    timed->timeout.nanoseconds = milliseconds * millisecond;
    timed->waited = 0;
    timed->is_made_again = milliseconds > 0;
    if (registers->orig_rax == CALL_EPOLL_PWAIT2) registers->orig_rax = CALL_EPOLL_PWAIT;
  } else if (rest == 0) {
    registers->rax = (unsigned long)timed->timeout.result;
  } else {
    timed->is_made_again = timed->started_over = true;
  }
}

// Whether it may be one of the calls below, by what it returns: of most threads it is none, and to read all registers takes
// twice as long. True where that cannot be read.
static bool may_be_interrupted(pid_t tid) {
  unsigned long result;
  const unsigned long place = offsetof(struct user_regs_struct, rax);
  if (cprocmem_trace(PTRACE_PEEKUSER, tid, place, (unsigned long)&result) != 0) return true;
  return (long)result == -EINTR || (long)result == -ERESTARTNOHAND;
}

void cprocmem_restart_interrupted_call(pid_t tid, struct timed_call *timed) {
  struct user_regs_struct registers;
  if (!may_be_interrupted(tid) || !cprocmem_get_registers(tid, &registers)) return;
  const bool is_interrupted = (long)registers.rax == -EINTR && returns_eintr(&registers);
  // Restarted by the kernel, with all of its time.
  const bool starts_over = (long)registers.rax == -ERESTARTNOHAND && registers.orig_rax == CALL_IO_PGETEVENTS;
  if (!is_interrupted && !starts_over) return;
  // What the kernel's own calls of this sort return. It decides between EINTR and a restart when the thread leaves its
  // stop, with the signals that are pending then; to turn back the program counter here could miss one.
  registers.rax = (unsigned long)-ERESTARTNOHAND;
  if (timed != NULL && is_same_call(&timed->call, &registers) && cprocmem_timed_call_measure(timed)) {
    take_time_off(timed, &registers);
  }
  cprocmem_set_registers(tid, &registers);
}

#endif
