#if defined(__x86_64__)

#define _GNU_SOURCE
#include "injection.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../holder/process_facts.h"
#include "../holder/trace.h"
#include "registers.h"
#include "signal_frame.h"

enum {
  RED_ZONE = 128,    // below the stack pointer, in use all the same (System V ABI)
  FRAME_ALIGNMENT = 16,
  LEAST_ROOM = 4096, // that has to be left below the frames: for a signal handler, if we die
  SIGNAL_SET_SIZE = 8,
  SYSCALL_STOP = SIGTRAP | 0x80,
  INTERRUPT_STOP = SIGTRAP | PTRACE_EVENT_STOP << 8,
  SHARES_FILES = 0x400, // CLONE_FILES
};

static struct injection current;

static int fit(pid_t pid, const struct cprocmem_gadgets *gadgets, struct injection **injection) {
  current = (struct injection){.tid = pid, .gadgets = *gadgets};
  *injection = &current;
  if (!cprocmem_injection_has_gadgets(&current)) return -ESTALE;
  return cprocmem_injection_fits(&current) ? 0 : -EAGAIN;
}

static struct injection *of_child(pid_t child, const struct cprocmem_gadgets *gadgets) {
  const struct mapping_bounds frames = current.frames; // its parent's; the child has a copy of them
  current = (struct injection){.tid = child, .gadgets = *gadgets, .frames = frames, .options = PTRACE_O_EXITKILL};
  if (!cprocmem_get_registers(child, &current.registers)) return NULL;
  current.own_frame = current.registers.rsp; // the exit frame of its parent's thread, in its own copy
  return &current;
}

static bool is_in_the_way(const struct injection *injection, pid_t tid) {
  struct user_regs_struct registers;
  if (!cprocmem_get_registers(tid, &registers)) return true;
  return registers.rsp >= injection->unused.stack.start && registers.rsp < injection->unused.stack.end;
}

// Frames

// What a signal handler that returns would go back to: a call that was interrupted is made again. One with a timeout
// starts over with all of it, where the kernel itself would know how much is left; rt_sigreturn forgets that.
static struct user_regs_struct registers_after_restart(const struct injection *injection) {
  struct user_regs_struct registers = injection->registers;
  if (!cprocmem_injection_in_call(injection)) return registers;
  switch (-(int64_t)registers.rax) {
  case ERESTARTSYS:
  case ERESTARTNOINTR:
  case ERESTARTNOHAND:
  case ERESTART_RESTARTBLOCK:
    registers.rax = registers.orig_rax;
    registers.rip -= 2; // `syscall`
  }
  return registers;
}

static struct user_regs_struct call_registers(const struct injection *injection, uint64_t number,
                                              const uint64_t arguments[4], uint64_t stack_pointer) {
  struct user_regs_struct registers = injection->registers;
  registers.rax = number;
  registers.orig_rax = UINT64_MAX; // no call to restart
  registers.rdi = arguments[0];
  registers.rsi = arguments[1];
  registers.rdx = arguments[2];
  registers.r10 = arguments[3];
  registers.r8 = registers.r9 = 0;
  registers.rip = injection->gadgets.call;
  registers.rsp = stack_pointer;
  return registers;
}

static uint64_t down_to(uint64_t address, uint64_t size, uint64_t alignment) { return (address - size) & ~(alignment - 1); }

static void erase(const struct injection *injection) {
  static const uint8_t zeros[sizeof(struct extended_state) + 4 * sizeof(struct signal_frame)];
  const size_t size = (size_t)(injection->frames.end - injection->frames.start);
  if (size <= sizeof zeros) cprocmem_write_memory(injection->tid, injection->frames.start, zeros, size);
}

static int prepare(struct injection *injection) {
  static struct extended_state state;
  struct iovec vector = {state.bytes, sizeof state.bytes};
  if (cprocmem_trace(PTRACE_GETREGSET, injection->tid, NT_X86_XSTATE, (unsigned long)&vector) != 0) return -errno;
  state.size = vector.iov_len;
  uint64_t *mask = &injection->signal_mask;
  if (cprocmem_trace(PTRACE_GETSIGMASK, injection->tid, SIGNAL_SET_SIZE, (unsigned long)mask) != 0) return -errno;
  size_t state_size = cprocmem_frame_extended_state(&state);
  if (state_size == 0) return -EAGAIN;

  // The thread's own frame is the lowest, so that a signal handler it may still run below it spoils none.
  uint64_t top = injection->unused.end - RED_ZONE;
  uint64_t state_address = down_to(top, state_size, EXTENDED_STATE_ALIGNMENT);
  injection->exit_frame = down_to(state_address, sizeof(struct signal_frame), FRAME_ALIGNMENT);
  injection->own_frame = down_to(injection->exit_frame, sizeof(struct signal_frame), FRAME_ALIGNMENT);
  if (injection->own_frame < injection->unused.start + LEAST_ROOM || injection->own_frame > top) return -EAGAIN;
  injection->frames = (struct mapping_bounds){injection->own_frame, state_address + state_size};

  const struct user_regs_struct own = registers_after_restart(injection);
  const uint64_t no_arguments[4] = {0}, all_signals = ~UINT64_C(0);
  const struct user_regs_struct end = call_registers(injection, SYS_exit_group, no_arguments, injection->exit_frame);
  const uint64_t restorer = injection->gadgets.restorers[0];
  const struct signal_frame frames[2] = {
      cprocmem_make_frame(&own, *mask, restorer, state_address),
      cprocmem_make_frame(&end, all_signals, restorer, 0),
  };
  pid_t pid = injection->tid;
  bool written = cprocmem_write_memory(pid, state_address, state.bytes, state_size) &&
                 cprocmem_write_memory(pid, injection->exit_frame, &frames[1], sizeof frames[1]) &&
                 cprocmem_write_memory(pid, injection->own_frame, &frames[0], sizeof frames[0]);
  if (!written) erase(injection);
  return written ? 0 : -EFAULT;
}

// Calls

// Waits until a traced thread has stopped, and leaves the report where it is, as look_at does in traced_threads.c. There is
// no time limit but the kill timer: a thread in the middle of a call cannot be told to come back.
static int wait_for_stop(pid_t tid, int *stop) {
  siginfo_t report;
  do {
    report.si_pid = 0;
    const long options = WSTOPPED | WEXITED | WNOWAIT | __WALL;
    if (syscall(SYS_waitid, (long)P_PID, (long)tid, &report, options, NULL) != 0 && errno != EINTR) return -ESRCH;
  } while (report.si_pid == 0);
  if (report.si_code == CLD_EXITED || report.si_code == CLD_KILLED || report.si_code == CLD_DUMPED) return -ESRCH;
  *stop = report.si_status;
  return 0;
}

static int resume_to_stop(pid_t tid, int request, int *stop) {
  if (cprocmem_trace(request, tid, 0, 0) != 0) return -errno;
  return wait_for_stop(tid, stop);
}

// The child has the options of its parent, and is stopped by PTRACE_EVENT_STOP. Only it dies with us.
static int take_child(const struct injection *injection, pid_t *child) {
  unsigned long message = 0;
  int stop;
  // Once more where it fails, for whatever reason: a child whose number is not known stays a zombie.
  int tries = 3;
  while (cprocmem_trace(PTRACE_GETEVENTMSG, injection->tid, 0, (unsigned long)&message) != 0) {
    if (--tries == 0) return -errno;
  }
  *child = (pid_t)message;
  int error = wait_for_stop(*child, &stop);
  if (error != 0) return error;
  const unsigned long options = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD;
  return cprocmem_trace(PTRACE_SETOPTIONS, *child, 0, options) == 0 ? 0 : -errno;
}

// With the child of a clone in *child, stopped before its first instruction; NULL where the call is none.
static int run(const struct injection *injection, uint64_t number, const uint64_t arguments[4], int64_t *result,
               pid_t *child) {
  const pid_t tid = injection->tid;
  const uint64_t all_signals = ~UINT64_C(0);
  struct user_regs_struct registers = call_registers(injection, number, arguments, injection->own_frame);
  const unsigned long clone_option = child != NULL ? PTRACE_O_TRACECLONE : 0;
  const unsigned long options = injection->options | PTRACE_O_TRACESYSGOOD | clone_option;
  if (cprocmem_trace(PTRACE_SETOPTIONS, tid, 0, options) != 0) return -errno;
  // In this order: with its signals blocked and no frame to return to, it would stay so if we died.
  if (!cprocmem_set_registers(tid, &registers)) return -ESRCH;
  if (cprocmem_trace(PTRACE_SETSIGMASK, tid, SIGNAL_SET_SIZE, (unsigned long)&all_signals) != 0) return -errno;
  int stop, error = resume_to_stop(tid, PTRACE_SYSCALL, &stop);
  // It may have been interrupted twice, and owes us another stop.
  if (error == 0 && stop == INTERRUPT_STOP) error = resume_to_stop(tid, PTRACE_SYSCALL, &stop);
  if (error != 0) return error;
  if (stop != SYSCALL_STOP) return -EINTR; // a SIGSTOP came first
  error = resume_to_stop(tid, PTRACE_SYSCALL, &stop);
  if (error == 0 && child != NULL && stop == (SIGTRAP | PTRACE_EVENT_CLONE << 8)) {
    error = take_child(injection, child);
    if (error == 0) error = resume_to_stop(tid, PTRACE_SYSCALL, &stop);
  }
  if (error != 0) return error;
  if (stop != SYSCALL_STOP || !cprocmem_get_registers(tid, &registers)) return -EINTR;
  *result = (int64_t)registers.rax;
  bool is_interrupted = *result <= -ERESTARTSYS && *result >= -ERESTART_RESTARTBLOCK;
  return is_interrupted ? -EINTR : 0;
}

static int call(const struct injection *injection, uint64_t number, const uint64_t arguments[4], int64_t *result) {
  return run(injection, number, arguments, result, NULL);
}

// With no signal for its end it is a child that only a wait with __WALL or __WCLONE sees.
static int fork_process(const struct injection *injection, int64_t *result, pid_t *child) {
  const uint64_t arguments[4] = {SHARES_FILES, injection->exit_frame};
  return run(injection, SYS_clone, arguments, result, child);
}

// Where the kernel looks for signals, it also looks whether a call has to be restarted. A thread that is stopped anywhere
// else is brought there first, by one more interrupt.
static int bring_to_signals(pid_t tid) {
  int stop, error = wait_for_stop(tid, &stop);
  if (error != 0) return error;
  bool is_there = stop >> 8 == PTRACE_EVENT_STOP || (stop >> 8 == 0 && stop != SYSCALL_STOP);
  if (is_there) return 0;
  if (cprocmem_trace(PTRACE_INTERRUPT, tid, 0, 0) != 0) return -errno;
  return resume_to_stop(tid, PTRACE_CONT, &stop);
}

static int put_back(const struct injection *injection) {
  const pid_t tid = injection->tid;
  int error = bring_to_signals(tid);
  if (error != 0) return error;
  // The mask first: until the registers are its own again, the frame still restores both.
  const unsigned long mask = (unsigned long)&injection->signal_mask;
  if (cprocmem_trace(PTRACE_SETSIGMASK, tid, SIGNAL_SET_SIZE, mask) != 0) return -errno;
  if (!cprocmem_set_registers(tid, &injection->registers)) return -ESRCH;
  erase(injection);
  return cprocmem_trace(PTRACE_SETOPTIONS, tid, 0, injection->options) == 0 ? 0 : -errno;
}

static void run_to_end(const struct injection *injection) {
  const uint64_t no_arguments[4] = {0};
  const struct user_regs_struct end = call_registers(injection, SYS_exit_group, no_arguments, injection->own_frame);
  if (cprocmem_set_registers(injection->tid, &end)) cprocmem_trace(PTRACE_CONT, injection->tid, 0, 0);
}

const struct injector cprocmem_x86_64_injector = {
    .fit = fit,
    .is_in_the_way = is_in_the_way,
    .of_child = of_child,
    .prepare = prepare,
    .fork = fork_process,
    .call = call,
    .end = put_back,
    .erase = erase,
    .run_to_end = run_to_end,
};

#endif
