// What matters to a child that is forked off: memory that it does not inherit, memory that changes all the time, and what
// makes a fork from outside unsafe.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "target-process.h"

enum { odd_pages = 4, counter_pages = 512 };

static char *place_pages(unsigned thing) {
  char *region = place_region(odd_pages * page_size, page_size);
  for (unsigned page = 0; page < odd_pages; page++) write_page_text(region, thing, page);
  return region;
}

void set_up_uninherited(void) {
  char *unforked = place_pages(1), *wiped = place_pages(2);
  if (madvise(unforked, odd_pages * page_size, MADV_DONTFORK) != 0) fail("MADV_DONTFORK");
  if (madvise(wiped, odd_pages * page_size, MADV_WIPEONFORK) != 0) fail("MADV_WIPEONFORK");
  printf("dont-fork %p 0x%zx\n", (void *)unforked, odd_pages * page_size);
  printf("wipe-on-fork %p 0x%zx\n", (void *)wiped, odd_pages * page_size);
}

static char *counters;
static _Atomic uint64_t round_count;

static void *count_in_all_pages(void *unused) {
  (void)unused;
  for (uint64_t round = 1;; round++) {
    for (size_t page = 0; page < counter_pages; page++) {
      atomic_store((_Atomic uint64_t *)(void *)(counters + page * page_size), round);
    }
    atomic_store(&round_count, round);
  }
  return NULL;
}

void set_up_counters(void) {
  counters = place_region(counter_pages * page_size, page_size);
  start_thread(count_in_all_pages, NULL);
  if (!wait_for_count(&round_count, 1)) fail("start a thread");
  printf("counters %p 0x%zx\n", (void *)counters, counter_pages * page_size);
}

void set_up_filter(void) {
  struct sock_filter allow = {.code = BPF_RET | BPF_K, .k = SECCOMP_RET_ALLOW};
  struct sock_fprog program = {.len = 1, .filter = &allow};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail("PR_SET_NO_NEW_PRIVS");
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) fail("PR_SET_SECCOMP");
  printf("filter\n");
}

// Page faults in a region go to this process, and nobody answers.
void set_up_user_faults(void) {
  enum { user_mode_only = 1 };
  long file = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | user_mode_only);
  struct uffdio_api api = {.api = UFFD_API};
  char *region = place_region(odd_pages * page_size, page_size);
  struct uffdio_register request = {
      .range = {.start = (uintptr_t)region, .len = odd_pages * page_size}, .mode = UFFDIO_REGISTER_MODE_MISSING};
  bool is_set_up = file >= 0 && ioctl((int)file, UFFDIO_API, &api) == 0 && ioctl((int)file, UFFDIO_REGISTER, &request) == 0;
  printf("user-faults %d\n", is_set_up);
}

// From here on the kernel asks this byte at every call of this thread: 0 lets it through.
void set_up_dispatch(void) {
  enum { set_dispatch = 59, dispatch_on = 1 }; // PR_SET_SYSCALL_USER_DISPATCH, since Linux 5.11
  static char selector;
  if (prctl(set_dispatch, dispatch_on, 0, 0, &selector) != 0) fail("PR_SET_SYSCALL_USER_DISPATCH");
  printf("dispatch\n");
}

static void run_on_stack(void (*body)(void), void *stack, size_t stack_size) {
  static ucontext_t coroutine, thread;
  if (getcontext(&coroutine) != 0) fail("getcontext");
  coroutine.uc_stack.ss_sp = stack;
  coroutine.uc_stack.ss_size = stack_size;
  coroutine.uc_link = &thread;
  makecontext(&coroutine, body, 0);
  swapcontext(&thread, &coroutine);
}

void run_on_coroutine(void (*body)(void)) {
  enum { stack_size = 256 << 10 };
  printf("coroutine\n");
  run_on_stack(body, place_region(stack_size, page_size), stack_size);
}

// Sleeps with next to nothing of the stack, on which there is no room for the linker to look up a name.
static void sleep_for_ever(void) {
  for (;;) syscall(SYS_ppoll, NULL, 0, NULL, NULL, 0);
}

// Variables that lie below the stack pointer of the coroutine, and are in use all the same.
void sleep_on_inner_coroutine(void) {
  struct {
    unsigned char kept[16 << 10];
    unsigned char stack[1 << 10] __attribute__((aligned(64)));
  } inner;
  for (size_t i = 0; i < sizeof inner.kept; i++) inner.kept[i] = (unsigned char)(i % 255 + 1);
  printf("inner-coroutine %p 0x%zx\n", (void *)inner.kept, sizeof inner.kept);
  fflush(stdout);
  const struct timespec none = {0};
  syscall(SYS_ppoll, NULL, 0, &none, NULL, 0);
  run_on_stack(sleep_for_ever, inner.stack, sizeof inner.stack);
}

// As deep as the mapping grows for it: what a stack begins with is 132 KiB.
__attribute__((noinline)) void use_deep_stack(void) {
  volatile unsigned char deep[1 << 20];
  for (size_t i = 0; i < sizeof deep; i += page_size) deep[i] = 1;
  printf("deep-stack %d\n", deep[0]);
}
