// Events of the kernel's performance monitoring: samples of another thread's registers and stack, without a stop of it.
//
// perf_event_open(2) has no function in glibc, its structure is full of bit-fields, which the Swift importer leaves out, and
// ioctl(2) is variadic.

#ifndef CPROCMEM_PERF_EVENTS_H
#define CPROCMEM_PERF_EVENTS_H

#include <stdint.h>
#include <sys/types.h>

enum cprocmem_perf_kind {
  CPROCMEM_PERF_DUMMY = 0,       // nothing: owns a ring
  CPROCMEM_PERF_EXECUTION = 1,   // a thread comes to an instruction (a hardware breakpoint)
  CPROCMEM_PERF_PAGE_FAULT = 2,  // a page is touched that was not there
};

struct cprocmem_perf_event {
  uint32_t kind;
  uint32_t stack_size;     // bytes of the user's stack in each sample, a multiple of 8, at most 65,528
  uint64_t address;        // of CPROCMEM_PERF_EXECUTION
  uint64_t registers;      // the user's registers in each sample, a bit for each; <asm/perf_regs.h>
  uint32_t excludes_kernel;  // what the kernel does for the thread does not count
  uint32_t removed_on_exec;  // execve(2) of the thread ends the event (Linux 5.13; EINVAL before)
};

// perf_event_open(2) for one thread on any processor, close on exec, not counting yet. Samples have PERF_SAMPLE_TID, TIME
// (CLOCK_MONOTONIC), ADDR, REGS_USER and STACK_USER. Returns a file or -errno.
int cprocmem_perf_open(const struct cprocmem_perf_event *event, pid_t thread);

// PERF_EVENT_IOC_SET_OUTPUT: samples go to the ring of another event.
int cprocmem_perf_set_output(int event, int ring);

// PERF_EVENT_IOC_REFRESH: counts from now on, and is disarmed by the kernel after so many samples.
int cprocmem_perf_refresh(int event, int samples);

// PERF_EVENT_IOC_DISABLE.
int cprocmem_perf_disable(int event);

// The first page of a mapped ring: how far the kernel has written, with an acquire; and how far we have read, with a release.
uint64_t cprocmem_perf_ring_head(const void *page);
void cprocmem_perf_ring_set_tail(void *page, uint64_t tail);

// gettid(2), which glibc declares only under _GNU_SOURCE.
pid_t cprocmem_own_thread(void);

// A function that does nothing, `count` times: a place for a breakpoint of ours in this very process. C, since an address in
// Swift code is nobody's to promise.
void cprocmem_perf_trap_here(void);
void cprocmem_perf_run_traps(int count);

#endif
