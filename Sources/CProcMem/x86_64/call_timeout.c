#if defined(__x86_64__)

#define _GNU_SOURCE
#include "call_timeout.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "../holder/process_facts.h"
#include "../numbered_directory.h"
#include "register_use.h"
#include "system_calls.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

static const uint64_t millisecond = 1000 * 1000, second = 1000 * 1000 * 1000;
static const uint64_t year = UINT64_C(365) * 24 * 3600; // in seconds: what is longer counts as endless

// What stands in the process's memory

static bool read_time(pid_t pid, uint64_t address, uint64_t *nanoseconds) {
  struct { int64_t seconds, nanoseconds; } time; // struct timespec of the kernel
  if (address == 0 || !cprocmem_read_memory(pid, address, &time, sizeof time)) return false;
  if (time.seconds < 0 || (uint64_t)time.seconds > year || time.nanoseconds < 0) return false;
  *nanoseconds = (uint64_t)time.seconds * second + (uint64_t)time.nanoseconds;
  return true;
}

static bool in_memory(const struct blocked_call *call, int argument, int64_t result, struct call_timeout *timeout) {
  timeout->result = result;
  return read_time(call->pid, call->arguments[argument], &timeout->nanoseconds);
}

static bool of_ring(const struct blocked_call *call, struct call_timeout *timeout) {
  const uint64_t flags = call->arguments[3];
  const uint64_t waits = 1, has_arguments = 8, is_absolute = 0x20, is_registered = 0x40; // IORING_ENTER_…
  struct { uint64_t signals; uint32_t size, least_wait; uint64_t time; } arguments; // struct io_uring_getevents_arg
  if ((flags & (waits | has_arguments)) != (waits | has_arguments)) return false;
  if ((flags & (is_absolute | is_registered)) != 0) return false;
  if (!cprocmem_read_memory(call->pid, call->arguments[4], &arguments, sizeof arguments)) return false;
  timeout->result = -ETIME;
  return read_time(call->pid, arguments.time, &timeout->nanoseconds);
}

// Events

// Their timeout is a number of milliseconds in r10. A call may keep no value there, but the instruction does: what stands
// behind it has to have no use for what we change.
static bool of_events(const struct blocked_call *call, struct call_timeout *timeout) {
  const int32_t milliseconds = (int32_t)call->arguments[3];
  if (milliseconds <= 0) return false;
  timeout->nanoseconds = (uint64_t)milliseconds * millisecond;
  timeout->takes_rest = cprocmem_r10_is_dead(call->pid, call->program_counter);
  return true;
}

// With a time in memory. It is restarted as epoll_pwait, which takes the same arguments else; a filter may not allow that.
static bool of_events_in_memory(const struct blocked_call *call, struct call_timeout *timeout) {
  if (!in_memory(call, 3, 0, timeout)) return false;
  timeout->takes_rest = timeout->nanoseconds / millisecond < INT_MAX && !cprocmem_has_filter(call->tid) &&
                        cprocmem_r10_is_dead(call->pid, call->program_counter);
  return true;
}

// Sockets

static bool is_socket(pid_t pid, int file) {
  char target[8] = "";
  int files = cprocmem_open_numbered(AT_FDCWD, "/proc/", pid, "/fd", O_PATH | O_DIRECTORY);
  if (files < 0) return false;
  char name[12], *digit = name + sizeof name - 1;
  *digit = 0;
  do *--digit = (char)('0' + file % 10);
  while ((file /= 10) > 0);
  long size = syscall(SYS_readlinkat, (long)files, digit, target, (long)sizeof target);
  syscall(SYS_close, (long)files);
  return size == (long)sizeof target && memcmp(target, "socket:[", sizeof target) == 0;
}

// A socket of the process, open here too; -1: it is none. Nothing else is opened: to close some files is to do something.
static int open_socket(pid_t pid, int file) {
  if (file < 0 || !is_socket(pid, file)) return -1;
  int process = (int)syscall(SYS_pidfd_open, (long)pid, 0L);
  if (process < 0) return -1;
  int socket = (int)syscall(SYS_pidfd_getfd, (long)process, (long)file, 0L);
  syscall(SYS_close, (long)process);
  return socket;
}

static bool read_option(int socket, int option, void *value, size_t size) {
  socklen_t length = (socklen_t)size;
  return syscall(SYS_getsockopt, (long)socket, (long)SOL_SOCKET, (long)option, value, &length) == 0 && length == size;
}

static bool of_socket(const struct blocked_call *call, int argument, int option, struct call_timeout *timeout) {
  int socket = open_socket(call->pid, (int)call->arguments[argument]);
  if (socket < 0) return false;
  struct timeval time = {.tv_sec = 0};
  int domain = 0;
  bool is_known = read_option(socket, option, &time, sizeof time) && read_option(socket, SO_DOMAIN, &domain, sizeof domain);
  syscall(SYS_close, (long)socket);
  if (!is_known || time.tv_sec < 0 || (uint64_t)time.tv_sec > year || time.tv_usec < 0) return false;
  timeout->nanoseconds = (uint64_t)time.tv_sec * second + (uint64_t)time.tv_usec * 1000;
  timeout->result = -EAGAIN;
  if (call->number == CALL_CONNECT && domain != AF_UNIX) {
    timeout->result = -EINPROGRESS;
    if (domain != AF_INET && domain != AF_INET6) return false;
  }
  return timeout->nanoseconds > 0; // 0: endless
}

bool cprocmem_find_timeout(const struct blocked_call *call, struct call_timeout *timeout) {
  *timeout = (struct call_timeout){.nanoseconds = 0};
  switch (call->number) {
  case CALL_EPOLL_WAIT:
  case CALL_EPOLL_PWAIT: return of_events(call, timeout);
  case CALL_EPOLL_PWAIT2: return of_events_in_memory(call, timeout);
  case CALL_RT_SIGTIMEDWAIT: return in_memory(call, 2, -EAGAIN, timeout);
  case CALL_SEMTIMEDOP: return in_memory(call, 3, -EAGAIN, timeout);
  case CALL_IO_GETEVENTS:
  case CALL_IO_PGETEVENTS: return in_memory(call, 4, 0, timeout);
  case CALL_IO_URING_ENTER: return of_ring(call, timeout);
  case CALL_READ:
  case CALL_READV:
  case CALL_PREADV2:
  case CALL_ACCEPT:
  case CALL_ACCEPT4:
  case CALL_RECVFROM:
  case CALL_RECVMSG:
  case CALL_RECVMMSG: return of_socket(call, 0, SO_RCVTIMEO, timeout);
  case CALL_WRITE:
  case CALL_WRITEV:
  case CALL_PWRITEV2:
  case CALL_CONNECT:
  case CALL_SENDTO:
  case CALL_SENDMSG:
  case CALL_SENDMMSG:
  case CALL_SENDFILE: return of_socket(call, 0, SO_SNDTIMEO, timeout);
  case CALL_SPLICE: return of_socket(call, 0, SO_RCVTIMEO, timeout) || of_socket(call, 2, SO_SNDTIMEO, timeout);
  default: return false;
  }
}

#endif
