// The frame of a signal handler: what rt_sigreturn(2) restores a thread from, layout and all.
//
// A thread that returns into such a frame becomes what the frame says, by itself. So a thread that is made to run a system
// call with a frame of itself below its stack pointer finds back to what it did even if the one who made it do so has died.

#ifndef SIGNAL_FRAME_H
#define SIGNAL_FRAME_H

#include <stddef.h>
#include <stdint.h>
#include <sys/user.h>

// struct rt_sigframe of the kernel without its siginfo, which rt_sigreturn does not read.
struct signal_frame {
  uint64_t return_address;
  uint64_t flags; // struct ucontext from here on
  uint64_t link;
  uint64_t stack;
  uint32_t stack_flags, stack_padding;
  uint64_t stack_size;
  uint64_t r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
  uint16_t cs, gs, fs, ss;
  uint64_t error, trap, old_mask, cr2;
  uint64_t extended_state; // the address of the extended state; 0: none
  uint64_t reserved[8];
  uint64_t signal_mask;
};

// A thread's extended state (FPU, SSE, AVX, …) as PTRACE_GETREGSET with NT_X86_XSTATE gives it.
struct extended_state {
  _Alignas(64) uint8_t bytes[16 * 1024];
  size_t size;
};

enum { EXTENDED_STATE_ALIGNMENT = 64, EXTENDED_STATE_END = 4 /* a magic number behind it */ };

// Makes the state one that rt_sigreturn takes, in a frame: with the marks of <asm/sigcontext.h>, as long as is needed.
// Returns its size with the mark at its end, or 0 where it holds something that a frame of any process may not (AMX).
size_t cprocmem_frame_extended_state(struct extended_state *state);

// The frame that restores these registers and this signal mask, and the extended state at an address (0: the initial one).
// The signal stack stays as it is. `restorer` is the address of code that calls rt_sigreturn.
struct signal_frame cprocmem_make_frame(const struct user_regs_struct *registers, uint64_t signal_mask, uint64_t restorer,
                                        uint64_t extended_state);

#endif
