#define _GNU_SOURCE
#include "cprocmem_perf_events.h"
#include <errno.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int cprocmem_perf_open(const struct cprocmem_perf_event *event, pid_t thread) {
  struct perf_event_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.size = sizeof attributes;
  if (event->kind == CPROCMEM_PERF_EXECUTION) {
    attributes.type = PERF_TYPE_BREAKPOINT;
    attributes.bp_type = HW_BREAKPOINT_X;
    attributes.bp_addr = event->address;
    attributes.bp_len = sizeof(long);
  } else {
    attributes.type = PERF_TYPE_SOFTWARE;
    attributes.config =
        event->kind == CPROCMEM_PERF_PAGE_FAULT ? PERF_COUNT_SW_PAGE_FAULTS : PERF_COUNT_SW_DUMMY;
  }
  attributes.sample_period = 1;
  attributes.sample_type =
      PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_ADDR | PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER;
  attributes.sample_regs_user = event->registers;
  attributes.sample_stack_user = event->stack_size;
  attributes.sample_id_all = 1;
  attributes.exclude_kernel = event->excludes_kernel != 0;
  attributes.exclude_hv = 1;
  attributes.disabled = 1;
  attributes.remove_on_exec = event->removed_on_exec != 0;
  attributes.use_clockid = 1;
  attributes.clockid = CLOCK_MONOTONIC;
  long file = syscall(SYS_perf_event_open, &attributes, thread, -1, -1, PERF_FLAG_FD_CLOEXEC);
  return file < 0 ? -errno : (int)file;
}

int cprocmem_perf_set_output(int event, int ring) {
  return ioctl(event, PERF_EVENT_IOC_SET_OUTPUT, ring) == 0 ? 0 : -errno;
}

int cprocmem_perf_refresh(int event, int samples) {
  return ioctl(event, PERF_EVENT_IOC_REFRESH, samples) == 0 ? 0 : -errno;
}

int cprocmem_perf_disable(int event) { return ioctl(event, PERF_EVENT_IOC_DISABLE, 0) == 0 ? 0 : -errno; }

uint64_t cprocmem_perf_ring_head(const void *page) {
  return __atomic_load_n(&((const struct perf_event_mmap_page *)page)->data_head, __ATOMIC_ACQUIRE);
}

void cprocmem_perf_ring_set_tail(void *page, uint64_t tail) {
  __atomic_store_n(&((struct perf_event_mmap_page *)page)->data_tail, tail, __ATOMIC_RELEASE);
}

pid_t cprocmem_own_thread(void) { return (pid_t)syscall(SYS_gettid); }

__attribute__((noinline)) void cprocmem_perf_trap_here(void) { __asm__ volatile("" ::: "memory"); }

void cprocmem_perf_run_traps(int count) {
  for (int index = 0; index < count; index++) cprocmem_perf_trap_here();
}
