// Which threads calls are injected into.

#if defined(__x86_64__)

#define _GNU_SOURCE
#include "injection.h"

#include <string.h>
#include <sys/ptrace.h>

#include "../holder/process_facts.h"
#include "../holder/trace.h"
#include "registers.h"
#include "signal_frame.h"

#ifndef PTRACE_GET_RSEQ_CONFIGURATION
#define PTRACE_GET_RSEQ_CONFIGURATION 0x420f
#endif
#ifndef PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG
#define PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG 0x4211
#endif

enum { SEARCHED_SIZE = 64 * 1024 }; // as far above the stack pointer as a signal stack is large

// A thread in a critical section of rseq would go on in it with the kernel's help for it gone.
static bool may_be_in_sequence(const struct injection *injection) {
  struct { uint64_t address; uint32_t size, signature, flags, padding; } sequence;
  long size = cprocmem_trace(PTRACE_GET_RSEQ_CONFIGURATION, injection->tid, sizeof sequence, (unsigned long)&sequence);
  if (size != (long)sizeof sequence) return true;
  if (sequence.address == 0) return false;
  uint64_t critical_section; // rseq_cs of struct rseq
  bool is_known = cprocmem_read_memory(injection->tid, sequence.address + 8, &critical_section, sizeof critical_section);
  return !is_known || critical_section != 0;
}

static bool is_restorer(const struct cprocmem_gadgets *gadgets, uint64_t address) {
  for (int k = 0; k < CPROCMEM_RESTORER_LIMIT; k++) {
    if (address != 0 && address == gadgets->restorers[k]) return true;
  }
  return false;
}

// A handler on a signal stack: the kernel would take that for free, and run another handler over it, once the stack pointer
// is elsewhere. Then a signal frame stands above the stack pointer whose saved one is on another stack, or below.
static bool may_be_on_signal_stack(const struct injection *injection) {
  static uint64_t words[SEARCHED_SIZE / sizeof(uint64_t)];
  const struct mapping_bounds *around = &injection->unused.around;
  uint64_t start = (injection->registers.rsp + 7) & ~UINT64_C(7), size = around->end - start;
  if (size > sizeof words) size = sizeof words;
  if (!cprocmem_read_touched(injection->tid, start, words, size)) return true;
  const size_t count = size / sizeof *words;
  for (size_t i = 0; i + sizeof(struct signal_frame) / sizeof *words <= count; i++) {
    struct signal_frame frame;
    memcpy(&frame, &words[i], sizeof frame);
    if (!is_restorer(&injection->gadgets, frame.return_address) || frame.cs != CODE_SEGMENT_64) continue;
    if (frame.rsp < injection->registers.rsp || frame.rsp >= around->end) return true;
  }
  return false;
}

bool cprocmem_injection_has_gadgets(const struct injection *injection) {
  static const uint8_t call[] = {0x0f, 0x05, 0xc3}, long_restorer[] = {0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 0x05};
  static const uint8_t restorer[] = {0xb8, 15, 0, 0, 0, 0x0f, 0x05};
  uint8_t found_call[sizeof call], found[sizeof long_restorer];
  const struct cprocmem_gadgets *gadgets = &injection->gadgets;
  return cprocmem_read_memory(injection->tid, gadgets->call, found_call, sizeof found_call) &&
         memcmp(found_call, call, sizeof call) == 0 &&
         cprocmem_read_memory(injection->tid, gadgets->restorers[0], found, sizeof found) &&
         (memcmp(found, long_restorer, sizeof found) == 0 || memcmp(found, restorer, sizeof restorer) == 0);
}

// Whether calls of the thread go to a handler of its own in place of the kernel (prctl PR_SET_SYSCALL_USER_DISPATCH, as Wine
// has it), which kills a thread that blocks the signal. Before Linux 6.4 that cannot be asked for.
static bool dispatches_calls(const struct injection *injection) {
  struct { uint64_t mode, selector, offset, length; } dispatch = {.mode = 0};
  const unsigned long size = sizeof dispatch;
  long result = cprocmem_trace(PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG, injection->tid, size, (unsigned long)&dispatch);
  return result == 0 && dispatch.mode != 0;
}

bool cprocmem_injection_in_call(const struct injection *injection) {
  return (int64_t)injection->registers.orig_rax >= 0;
}

bool cprocmem_injection_fits(struct injection *injection) {
  return cprocmem_get_registers(injection->tid, &injection->registers) &&
         cprocmem_find_unused_stack(injection->tid, injection->registers.rsp, &injection->unused) &&
         (cprocmem_injection_in_call(injection) || !may_be_in_sequence(injection)) &&
         !may_be_on_signal_stack(injection) && !dispatches_calls(injection) &&
         !cprocmem_has_filter(injection->tid);
}

#endif
