// The calls. Those with a timeout have one that is longer than any test, unless nothing else can end them.
#define _GNU_SOURCE
#include "blocked-calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { long_seconds = 600, object_limit = 64 };
static struct call_objects *all_objects[object_limit];
static int object_count;

static const struct timespec long_time = {.tv_sec = long_seconds};
static const struct timespec short_time = {.tv_sec = 4};

// Objects

static void bind_listener(struct call_objects *objects) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  memcpy(address.sun_path + 1, objects->path, strlen(objects->path)); // an abstract name
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(objects->path));
  objects->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(objects->listener, (struct sockaddr *)&address, size) != 0 || listen(objects->listener, 1) != 0) {
    fail("listen");
  }
}

// A child that ends, giving up the lock it holds, when its end of a pipe is closed.
static void start_child(struct call_objects *objects) {
  int ends[2], ready[2];
  if (pipe2(ends, O_CLOEXEC) != 0 || pipe2(ready, O_CLOEXEC) != 0) fail("pipe");
  objects->child = fork();
  if (objects->child < 0) fail("fork");
  if (objects->child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(ends[1]);
    for (int i = 0; i < object_count; i++) close(all_objects[i]->lock_holder);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(objects->other_file, F_SETLK, &lock) != 0 || write(ready[1], "x", 1) != 1) _exit(1);
    char byte;
    while (read(ends[0], &byte, 1) < 0 && errno == EINTR) {}
    _exit(0);
  }
  char byte;
  close(ready[1]);
  if (read(ready[0], &byte, 1) != 1) fail("lock");
  close(ready[0]);
  close(ends[0]);
  objects->lock_holder = ends[1];
}

void prepare_objects(struct call_objects *objects) {
  if (object_count == object_limit) exit(64);
  snprintf(objects->path, sizeof objects->path, "/tmp/memdump-blocked-%d-%d", getpid(), object_count);
  objects->locked_file = open(objects->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  objects->other_file = open(objects->path, O_RDWR | O_CLOEXEC);
  if (flock(objects->other_file, LOCK_EX) != 0) fail("flock");
  start_child(objects);
  all_objects[object_count++] = objects;
  if (pipe2(objects->pipe, O_CLOEXEC) != 0) fail("pipe");
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, objects->sockets) != 0) fail("socketpair");
  bind_listener(objects);
  objects->events = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN};
  if (epoll_ctl(objects->events, EPOLL_CTL_ADD, objects->pipe[0], &event) != 0) fail("epoll_ctl");
  objects->inotify = inotify_init1(IN_CLOEXEC);
  if (inotify_add_watch(objects->inotify, objects->path, IN_ATTRIB) < 0) fail("inotify_add_watch");
  objects->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  objects->semaphores = semget(IPC_PRIVATE, 1, 0600 | IPC_CREAT);
  objects->messages = msgget(IPC_PRIVATE, 0600 | IPC_CREAT);
  char name[64];
  snprintf(name, sizeof name, "/%s", strrchr(objects->path, '/') + 1);
  struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 8};
  objects->queue = mq_open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600, &attributes);
  mq_unlink(name);
  if (objects->timer < 0 || objects->semaphores < 0 || objects->messages < 0 || objects->queue < 0) fail("objects");
  if (syscall(SYS_io_setup, 8, &objects->context) != 0) fail("io_setup");
}

void end_objects(void) {
  for (int i = 0; i < object_count; i++) {
    kill(all_objects[i]->child, SIGKILL);
    unlink(all_objects[i]->path);
    semctl(all_objects[i]->semaphores, 0, IPC_RMID);
    msgctl(all_objects[i]->messages, IPC_RMID, NULL);
  }
}

// Calls

static long do_nanosleep(struct call_objects *o) { (void)o; return nanosleep(&short_time, NULL); }

static long do_clock_nanosleep(struct call_objects *o) {
  (void)o;
  errno = clock_nanosleep(CLOCK_MONOTONIC, 0, &short_time, NULL);
  return errno != 0 ? -1 : 0;
}

static long do_poll(struct call_objects *o) {
  struct pollfd source = {.fd = o->pipe[0], .events = POLLIN};
  return poll(&source, 1, long_seconds * 1000);
}

static long do_ppoll(struct call_objects *o) {
  struct pollfd source = {.fd = o->pipe[0], .events = POLLIN};
  return ppoll(&source, 1, &long_time, NULL);
}

static long do_select(struct call_objects *o) {
  fd_set sources;
  FD_ZERO(&sources);
  FD_SET(o->pipe[0], &sources);
  struct timeval time = {.tv_sec = long_seconds};
  return select(o->pipe[0] + 1, &sources, NULL, NULL, &time);
}

static long do_epoll_wait(struct call_objects *o) {
  struct epoll_event event;
  return syscall(SYS_epoll_wait, o->events, &event, 1, -1);
}

static long do_epoll_wait_time(struct call_objects *o) {
  struct epoll_event event;
  return syscall(SYS_epoll_wait, o->events, &event, 1, long_seconds * 1000);
}

static long do_epoll_pwait2(struct call_objects *o) {
  struct epoll_event event;
  return syscall(441 /* epoll_pwait2 */, o->events, &event, 1, &long_time, NULL, 0);
}

static long do_futex(struct call_objects *o) { return syscall(SYS_futex, &o->futex, FUTEX_WAIT, 0, NULL, NULL, 0); }

static long do_futex_time(struct call_objects *o) {
  return syscall(SYS_futex, &o->futex, FUTEX_WAIT, 0, &long_time, NULL, 0);
}

static long do_read_pipe(struct call_objects *o) {
  char byte;
  return read(o->pipe[0], &byte, 1);
}

static long do_recv(struct call_objects *o) {
  char byte;
  return recv(o->sockets[0], &byte, 1, 0);
}

static long do_recv_time(struct call_objects *o) {
  struct timeval time = {.tv_sec = long_seconds};
  setsockopt(o->sockets[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  return do_recv(o);
}

static long do_accept(struct call_objects *o) { return accept(o->listener, NULL, NULL); }

static long do_semop(struct call_objects *o) {
  struct sembuf operation = {.sem_op = -1};
  return semop(o->semaphores, &operation, 1);
}

static long do_semtimedop(struct call_objects *o) {
  struct sembuf operation = {.sem_op = -1};
  return semtimedop(o->semaphores, &operation, 1, &long_time);
}

static long do_msgrcv(struct call_objects *o) {
  struct { long type; char byte; } message;
  return msgrcv(o->messages, &message, 1, 0, 0);
}

static long do_sigtimedwait(struct call_objects *o) {
  (void)o;
  sigset_t awaited;
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &awaited, NULL);
  return sigtimedwait(&awaited, NULL, &long_time);
}

static long do_flock(struct call_objects *o) { return flock(o->locked_file, LOCK_EX); }

static long do_setlkw(struct call_objects *o) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  return fcntl(o->locked_file, F_SETLKW, &lock);
}

static long do_inotify_read(struct call_objects *o) {
  char events[512];
  return read(o->inotify, events, sizeof events);
}

static long do_timerfd_read(struct call_objects *o) {
  uint64_t expirations;
  return read(o->timer, &expirations, sizeof expirations);
}

static long do_io_getevents(struct call_objects *o) {
  struct io_event event;
  return syscall(SYS_io_getevents, o->context, 1L, 1L, &event, &long_time);
}

static long do_waitpid(struct call_objects *o) { return waitpid(o->child, NULL, 0); }

static long do_mq_timedreceive(struct call_objects *o) {
  struct timespec end;
  clock_gettime(CLOCK_REALTIME, &end);
  end.tv_sec += long_seconds;
  char message[8];
  return mq_timedreceive(o->queue, message, sizeof message, NULL, &end);
}

static long do_pause(struct call_objects *o) { (void)o; return syscall(SYS_pause); }

// What they wait for

static void write_byte(int file) {
  if (write(file, "x", 1) != 1) fail("write");
}

static void by_pipe(struct call_objects *o, pthread_t thread) { (void)thread; write_byte(o->pipe[1]); }
static void by_socket(struct call_objects *o, pthread_t thread) { (void)thread; write_byte(o->sockets[1]); }
static void by_user_signal(struct call_objects *o, pthread_t thread) { (void)o; pthread_kill(thread, SIGUSR2); }
static void by_handler(struct call_objects *o, pthread_t thread) { (void)o; pthread_kill(thread, SIGUSR1); }
static void by_unlocking(struct call_objects *o, pthread_t thread) { (void)thread; flock(o->other_file, LOCK_UN); }
static void by_child(struct call_objects *o, pthread_t thread) { (void)thread; close(o->lock_holder); }
static void by_message(struct call_objects *o, pthread_t thread) { (void)thread; mq_send(o->queue, "x", 1, 0); }
static void by_change(struct call_objects *o, pthread_t thread) { (void)thread; chmod(o->path, 0400); }

static void by_futex(struct call_objects *o, pthread_t thread) {
  (void)thread;
  o->futex = 1;
  syscall(SYS_futex, &o->futex, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void by_connection(struct call_objects *o, pthread_t thread) {
  (void)thread;
  struct sockaddr_un address;
  socklen_t size = sizeof address;
  getsockname(o->listener, (struct sockaddr *)&address, &size);
  int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(client, (struct sockaddr *)&address, size) != 0) fail("connect");
}

static void by_semaphore(struct call_objects *o, pthread_t thread) {
  (void)thread;
  struct sembuf operation = {.sem_op = 1};
  semop(o->semaphores, &operation, 1);
}

static void by_system_v_message(struct call_objects *o, pthread_t thread) {
  (void)thread;
  struct { long type; char byte; } message = {1, 'x'};
  msgsnd(o->messages, &message, 1, 0);
}

static void by_timer(struct call_objects *o, pthread_t thread) {
  (void)thread;
  timerfd_settime(o->timer, 0, &(struct itimerspec){.it_value.tv_nsec = 1}, NULL);
}

static void by_file_event(struct call_objects *o, pthread_t thread) {
  (void)thread;
  static char byte;
  struct iocb request = {.aio_fildes = (uint32_t)o->locked_file, .aio_lio_opcode = IOCB_CMD_PREAD,
                         .aio_buf = (uintptr_t)&byte, .aio_nbytes = 1};
  struct iocb *requests[] = {&request};
  if (syscall(SYS_io_submit, o->context, 1L, requests) != 1) fail("io_submit");
}

#ifdef SYS_pause
const struct blocked_call blocked_calls[] = {
  {"nanosleep", SYS_clock_nanosleep, do_nanosleep, NULL, 0},
  {"clock_nanosleep", SYS_clock_nanosleep, do_clock_nanosleep, NULL, 0},
  {"poll", SYS_poll, do_poll, by_pipe, 0},
  {"ppoll", SYS_ppoll, do_ppoll, by_pipe, 0},
  {"select", SYS_pselect6, do_select, by_pipe, 0},
  {"epoll_wait", SYS_epoll_wait, do_epoll_wait, by_pipe, 0},
  {"epoll_wait-timeout", SYS_epoll_wait, do_epoll_wait_time, by_pipe, 0},
  {"epoll_pwait2", 441, do_epoll_pwait2, by_pipe, 0},
  {"futex", SYS_futex, do_futex, by_futex, 0},
  {"futex-timeout", SYS_futex, do_futex_time, by_futex, 0},
  {"read-pipe", SYS_read, do_read_pipe, by_pipe, 0},
  {"recv", SYS_recvfrom, do_recv, by_socket, 0},
  {"recv-timeout", SYS_recvfrom, do_recv_time, by_socket, 0},
  {"accept", SYS_accept, do_accept, by_connection, 0},
  {"semop", SYS_semtimedop, do_semop, by_semaphore, 0},
  {"semtimedop", SYS_semtimedop, do_semtimedop, by_semaphore, 0},
  {"msgrcv", SYS_msgrcv, do_msgrcv, by_system_v_message, 0},
  {"sigtimedwait", SYS_rt_sigtimedwait, do_sigtimedwait, by_user_signal, 0},
  {"flock", SYS_flock, do_flock, by_unlocking, 0},
  {"fcntl-setlkw", SYS_fcntl, do_setlkw, by_child, 0},
  {"inotify-read", SYS_read, do_inotify_read, by_change, 0},
  {"timerfd-read", SYS_read, do_timerfd_read, by_timer, 0},
  {"io_getevents", SYS_io_getevents, do_io_getevents, by_file_event, 0},
  {"waitpid", SYS_wait4, do_waitpid, by_child, 0},
  {"mq_timedreceive", SYS_mq_timedreceive, do_mq_timedreceive, by_message, 0},
  {"pause", SYS_pause, do_pause, by_handler, EINTR},
  {NULL, 0, NULL, NULL, 0},
};
#else // the kernel of this processor has half of them under other names
const struct blocked_call blocked_calls[] = {{NULL, 0, NULL, NULL, 0}};
#endif
