// Thin calls on a process. Each says why Swift cannot make the call directly.

#ifndef CPROCMEM_PROCESS_H
#define CPROCMEM_PROCESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

// process_vm_readv(2). glibc declares it only under _GNU_SOURCE, which the Swift importer does not set.
// Returns the bytes read (short where a later page cannot be read) or -errno.
ssize_t cprocmem_readv(pid_t pid, const struct iovec *local, size_t local_count, const struct iovec *remote,
                       size_t remote_count);

// One piece of an address space whose pages share the same categories, as PAGEMAP_SCAN reports it.
struct cprocmem_page_run {
  uint64_t start;
  uint64_t end;
  uint64_t categories;
};

enum {
  CPROCMEM_PAGE_PRESENT = 1 << 3,
  CPROCMEM_PAGE_SWAPPED = 1 << 4,
  CPROCMEM_PAGE_ZERO = 1 << 5,
};

// PAGEMAP_SCAN on an open /proc/PID/pagemap (Linux 6.7): the runs in [start, end) that are present or swapped and are
// not the shared zero page. ioctl is variadic, and the structure is newer than the headers of most distributions.
// Stops after max_pages of them, where that is not 0.
// Returns the number of runs and sets *next to where to go on (== end when done), or -errno (-ENOTTY before 6.7).
ssize_t cprocmem_pagemap_scan(int pagemap, uint64_t start, uint64_t end, uint64_t max_pages,
                              struct cprocmem_page_run *runs, size_t capacity, uint64_t *next);

// pidfd_open(2), by number: glibc has it from 2.36 only.
int cprocmem_pidfd_open(pid_t pid);

// pidfd_send_signal(2), by number, as above.
int cprocmem_pidfd_kill(int pidfd, int signal);

// renameat2(2) with RENAME_NOREPLACE, which glibc declares only under _GNU_SOURCE.
int cprocmem_rename_new(const char *from, const char *to);

// openat2(2) with RESOLVE_IN_ROOT, which the C library has no function for: opens what `path` is for somebody whose root is
// `root`, wherever its symbolic links lead. Returns a file that cannot be read (O_PATH), or -errno (-ENOSYS before 5.6).
int cprocmem_open_in_root(int root, const char *path);

// sigprocmask(2) and signalfd(2), whose flags are an enumeration that is not imported. Blocks the signals and returns a
// file that is ready when one is pending.
int cprocmem_signal_file(const int *signals, size_t count);

// Reads a signal's number from such a file; its structure is newer than some importers take.
int cprocmem_read_signal(int file);

// prctl(2) is variadic. Sends `signal` to the caller when its parent thread ends (PR_SET_PDEATHSIG).
int cprocmem_set_parent_death_signal(int signal);

// ptrace(2) is variadic. Asks it for a process that there is not: 0 where it says so, or -errno.
int cprocmem_tracing_error(void);

// prctl(2) is variadic. Lets any process of the same user trace the caller under Yama's scope 1 (PR_SET_PTRACER_ANY).
int cprocmem_allow_any_tracer(void);

// The macros that take waitid(2) apart are not imported. Waits for `pid`: its exit code, or 128 + its signal, or -errno.
int cprocmem_wait_exit(pid_t pid);

#endif
