#define _GNU_SOURCE
#include "include/cprocmem_file_window.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

// A window in use has a start that is not 0. The handler of a signal reads these while other threads write them.
struct window {
  _Atomic(uintptr_t) start;
  _Atomic(size_t) count;
  atomic_bool is_cut;
};

static struct window windows[CPROCMEM_FILE_WINDOWS];
static struct sigaction previous;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int page_mask;

// The kernel maps the pages around one that is touched, too, up to this; more where they are large. fault_around_bytes in
// mm/memory.c.
enum { FAULT_AROUND = 64 << 10 };

static bool put_zeros(void *start, size_t count) {
  return mmap(start, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
}

// The bytes that the file no longer has read as zeros from here on. The instruction that met them is run again.
static void fill_in(int signal, siginfo_t *info, void *context) {
  uintptr_t address = (uintptr_t)info->si_addr;
  int error = errno;
  for (int index = 0; index < CPROCMEM_FILE_WINDOWS; index++) {
    struct window *window = &windows[index];
    uintptr_t start = atomic_load(&window->start);
    size_t count = atomic_load(&window->count);
    if (start == 0 || address < start || address - start >= count) continue;
    uintptr_t page = address & ~(uintptr_t)page_mask;
    if (!put_zeros((void *)page, start + count - page)) break;
    atomic_store(&window->is_cut, true);
    errno = error;
    return;
  }
  errno = error;
  if (previous.sa_flags & SA_SIGINFO) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
    previous.sa_handler(signal);
  } else {
    sigaction(SIGBUS, &previous, NULL);
  }
}

static void install(void) {
  page_mask = (int)sysconf(_SC_PAGESIZE) - 1;
  struct sigaction action = { .sa_sigaction = fill_in, .sa_flags = SA_SIGINFO | SA_ONSTACK };
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, &previous);
}

int cprocmem_file_window_open(void *start) {
  pthread_once(&once, install);
  for (int index = 0; index < CPROCMEM_FILE_WINDOWS; index++) {
    uintptr_t unused = 0;
    if (!atomic_compare_exchange_strong(&windows[index].start, &unused, (uintptr_t)start)) continue;
    atomic_store(&windows[index].is_cut, false);
    return index;
  }
  return -EAGAIN;
}

int cprocmem_file_window_map(int index, int file, uint64_t offset, size_t count) {
  struct window *window = &windows[index];
  size_t old = atomic_load(&window->count);
  char *start = (char *)atomic_load(&window->start);
  size_t whole = (count + (size_t)page_mask) & ~(size_t)page_mask;
  // Before it is mapped, for what may be cut while it is touched.
  atomic_store(&window->count, whole > old ? whole : old);
  if (whole > 0) {
    void *mapped = mmap(start, whole, PROT_READ, MAP_PRIVATE | MAP_FIXED, file, (off_t)offset);
    if (mapped == MAP_FAILED) return -errno;
    // Cheaper than MAP_POPULATE, which asks for every single page.
    for (size_t place = 0; place < whole; place += FAULT_AROUND) (void)*(volatile char *)(start + place);
  }
  if (whole < old && !put_zeros(start + whole, old - whole)) return -errno;
  atomic_store(&window->count, whole);
  return 0;
}

int cprocmem_file_window_is_cut(int index) { return atomic_load(&windows[index].is_cut); }

void cprocmem_file_window_close(int index) {
  atomic_store(&windows[index].count, 0);
  atomic_store(&windows[index].start, 0);
}
