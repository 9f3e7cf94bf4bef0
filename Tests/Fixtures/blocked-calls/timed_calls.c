// Calls that a stop makes return EINTR, and that a timeout of the socket or of the call itself lets end: on a connected pair
// of sockets, which is full where the call writes.
#define _GNU_SOURCE
#include "blocked-calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { long_seconds = 600 };

static int reading_socket(struct call_objects *objects) {
  struct timeval time = {.tv_sec = long_seconds};
  setsockopt(objects->sockets[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  return objects->sockets[0];
}

static int full_socket(struct call_objects *objects) {
  struct timeval time = {.tv_sec = long_seconds};
  setsockopt(objects->sockets[0], SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
  static const char bytes[4096];
  for (size_t size = sizeof bytes; size > 0; size /= 2) {
    while (send(objects->sockets[0], bytes, size, MSG_DONTWAIT) > 0) {}
  }
  return objects->sockets[0];
}

static char byte;
static struct iovec vector = {&byte, 1};

static long do_read(struct call_objects *o) { return read(reading_socket(o), &byte, 1); }
static long do_readv(struct call_objects *o) { return readv(reading_socket(o), &vector, 1); }
static long do_recvmsg(struct call_objects *o) {
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
  return recvmsg(reading_socket(o), &message, 0);
}
static long do_recvmmsg(struct call_objects *o) {
  struct mmsghdr message = {.msg_hdr = {.msg_iov = &vector, .msg_iovlen = 1}};
  return recvmmsg(reading_socket(o), &message, 1, 0, NULL);
}
static long do_splice(struct call_objects *o) { return splice(reading_socket(o), NULL, o->pipe[1], NULL, 1, 0); }

static long do_write(struct call_objects *o) { return write(full_socket(o), &byte, 1); }
static long do_writev(struct call_objects *o) { return writev(full_socket(o), &vector, 1); }
static long do_send(struct call_objects *o) { return send(full_socket(o), &byte, 1, 0); }
static long do_sendmmsg(struct call_objects *o) {
  struct mmsghdr message = {.msg_hdr = {.msg_iov = &vector, .msg_iovlen = 1}};
  return sendmmsg(full_socket(o), &message, 1, 0);
}
static long do_sendfile(struct call_objects *o) {
  int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  long result = sendfile(full_socket(o), file, NULL, 1);
  int error = errno;
  close(file);
  errno = error;
  return result;
}

static long open_ring(void) {
  struct io_uring_params parameters = {.flags = 0};
  return syscall(425 /* io_uring_setup */, 4, &parameters);
}

bool has_ring(void) {
  long ring = open_ring();
  if (ring >= 0) close((int)ring);
  return ring >= 0;
}

static long do_ring(struct call_objects *o) {
  (void)o;
  return syscall(ring_call, open_ring(), 0, 1, IORING_ENTER_GETEVENTS, NULL, 0);
}

static long do_ring_time(struct call_objects *o) {
  (void)o;
  const struct timespec time = {.tv_sec = long_seconds};
  struct { uint64_t signals; uint32_t size, least; uint64_t time; } arguments = {.time = (uintptr_t)&time};
  const long extended = 8; // IORING_ENTER_EXT_ARG
  return syscall(ring_call, open_ring(), 0, 1, IORING_ENTER_GETEVENTS | extended, &arguments, sizeof arguments);
}

// The kernel writes the rest of the time back, so that it can go on; not here.
static long do_ppoll_constant(struct call_objects *o) {
  static const struct timespec long_time = {.tv_sec = long_seconds};
  struct pollfd source = {.fd = o->pipe[0], .events = POLLIN};
  return syscall(SYS_ppoll, &source, 1, &long_time, NULL, 8);
}

static void by_writing(struct call_objects *o, pthread_t thread) {
  (void)thread;
  if (send(o->sockets[1], "x", 1, 0) != 1) fail("send");
}

static void by_reading(struct call_objects *o, pthread_t thread) {
  (void)thread;
  static char bytes[4096];
  while (recv(o->sockets[1], bytes, sizeof bytes, MSG_DONTWAIT) > 0) {}
}

static void by_pipe(struct call_objects *o, pthread_t thread) {
  (void)thread;
  if (write(o->pipe[1], "x", 1) != 1) fail("write");
}

static void by_handler(struct call_objects *o, pthread_t thread) { (void)o; pthread_kill(thread, SIGUSR1); }

#ifdef SYS_pause
const struct blocked_call timed_calls[] = {
  {"read-socket", SYS_read, do_read, by_writing, 0},
  {"readv-socket", SYS_readv, do_readv, by_writing, 0},
  {"recvmsg-timeout", SYS_recvmsg, do_recvmsg, by_writing, 0},
  {"recvmmsg-timeout", SYS_recvmmsg, do_recvmmsg, by_writing, 0},
  {"splice-socket", SYS_splice, do_splice, by_writing, 0},
  {"write-socket", SYS_write, do_write, by_reading, 0},
  {"writev-socket", SYS_writev, do_writev, by_reading, 0},
  {"send-timeout", SYS_sendto, do_send, by_reading, 0},
  {"sendmmsg-timeout", SYS_sendmmsg, do_sendmmsg, by_reading, 0},
  {"sendfile-socket", SYS_sendfile, do_sendfile, by_reading, 0},
  {"io_uring_enter", ring_call, do_ring, by_handler, EINTR},
  {"io_uring_enter-timeout", ring_call, do_ring_time, by_handler, EINTR},
  {"ppoll-constant", SYS_ppoll, do_ppoll_constant, by_pipe, 0},
  {NULL, 0, NULL, NULL, 0},
};
#else
const struct blocked_call timed_calls[] = {{NULL, 0, NULL, NULL, 0}};
#endif
