#define _GNU_SOURCE
#include "cprocmem_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE (1 << 0)
#endif
#ifndef PR_SET_PTRACER
#define PR_SET_PTRACER 0x59616d61
#define PR_SET_PTRACER_ANY ((unsigned long)-1)
#endif

ssize_t cprocmem_readv(pid_t pid, const struct iovec *local, size_t local_count, const struct iovec *remote,
                       size_t remote_count) {
  ssize_t size = process_vm_readv(pid, local, local_count, remote, remote_count, 0);
  return size >= 0 ? size : -errno;
}

// struct pm_scan_arg of <linux/fs.h>
struct page_scan {
  uint64_t size;
  uint64_t flags;
  uint64_t start;
  uint64_t end;
  uint64_t walk_end;
  uint64_t regions;
  uint64_t region_capacity;
  uint64_t page_limit;
  uint64_t category_inverted;
  uint64_t category_required;
  uint64_t category_any_of;
  uint64_t category_returned;
};

#define PAGE_SCAN _IOWR('f', 16, struct page_scan)

_Static_assert(sizeof(struct page_scan) == 96, "the size is part of the ioctl number");
_Static_assert(sizeof(struct cprocmem_page_run) == 24, "a run is a struct page_region");

ssize_t cprocmem_pagemap_scan(int pagemap, uint64_t start, uint64_t end, uint64_t max_pages,
                              struct cprocmem_page_run *runs, size_t capacity, uint64_t *next) {
  struct page_scan scan = {
      .size = sizeof scan,
      .start = start,
      .end = end,
      .regions = (uintptr_t)runs,
      .region_capacity = capacity,
      .page_limit = max_pages,
      .category_inverted = CPROCMEM_PAGE_ZERO,
      .category_required = CPROCMEM_PAGE_ZERO,
      .category_any_of = CPROCMEM_PAGE_PRESENT | CPROCMEM_PAGE_SWAPPED,
      .category_returned = CPROCMEM_PAGE_PRESENT | CPROCMEM_PAGE_SWAPPED,
  };
  int count = ioctl(pagemap, PAGE_SCAN, &scan);
  if (count < 0) return -errno;
  // With many runs walk_end can lie before the end of the last one (seen on 6.18): going on from there repeats runs.
  *next = scan.walk_end;
  if (count > 0 && runs[count - 1].end > *next) *next = runs[count - 1].end;
  if (*next <= start || *next > end) *next = end; // whatever a kernel says, the caller's loop ends
  return count;
}

int cprocmem_pidfd_open(pid_t pid) {
  long file = syscall(SYS_pidfd_open, (long)pid, 0L);
  return file >= 0 ? (int)file : -errno;
}

int cprocmem_pidfd_kill(int pidfd, int signal) {
  return syscall(SYS_pidfd_send_signal, (long)pidfd, (long)signal, NULL, 0L) == 0 ? 0 : -errno;
}

int cprocmem_rename_new(const char *from, const char *to) {
  long result = syscall(SYS_renameat2, (long)AT_FDCWD, from, (long)AT_FDCWD, to, (long)RENAME_NOREPLACE);
  return result == 0 ? 0 : -errno;
}

// struct open_how of <linux/openat2.h>
struct open_how_in_root {
  uint64_t flags;
  uint64_t mode;
  uint64_t resolve;
};

enum { RESOLVE_NO_MAGIC = 0x02, RESOLVE_BELOW_ROOT = 0x10 }; // RESOLVE_NO_MAGICLINKS, RESOLVE_IN_ROOT

int cprocmem_open_in_root(int root, const char *path) {
  const struct open_how_in_root how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGIC | RESOLVE_BELOW_ROOT};
  long file = syscall(SYS_openat2, (long)root, path, &how, sizeof how);
  return file >= 0 ? (int)file : -errno;
}

int cprocmem_set_parent_death_signal(int signal) {
  return prctl(PR_SET_PDEATHSIG, (unsigned long)signal, 0UL, 0UL, 0UL) == 0 ? 0 : -errno;
}

int cprocmem_allow_any_tracer(void) {
  return prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0UL, 0UL, 0UL) == 0 ? 0 : -errno;
}

int cprocmem_tracing_error(void) {
  long result = syscall(SYS_ptrace, (long)PTRACE_DETACH, 0L, 0L, 0L);
  return result == 0 || errno == ESRCH ? 0 : -errno;
}

int cprocmem_wait_exit(pid_t pid) {
  int status;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return -errno;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int cprocmem_signal_file(const int *signals, size_t count) {
  sigset_t set;
  sigemptyset(&set);
  for (size_t index = 0; index < count; index++) sigaddset(&set, signals[index]);
  if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return -errno;
  int file = signalfd(-1, &set, SFD_CLOEXEC);
  return file >= 0 ? file : -errno;
}

int cprocmem_read_signal(int file) {
  struct signalfd_siginfo info;
  ssize_t size = read(file, &info, sizeof info);
  if (size < 0) return -errno;
  return size == sizeof info ? (int)info.ssi_signo : -EIO;
}
