// The least work that a tool of this kind can do, as the measure for all of them. Prints `BYTES NANOSECONDS COLONS`.
//
//   yardstick readv PID START SIZE  process_vm_readv of a range (START and SIZE hexadecimal) into one buffer
//   yardstick copy PID START SIZE   the same into a buffer as large as the range, touched before, with two threads
//   yardstick memchr FILE           memchr(':') over a mapping of the file; the time includes mapping it
//   yardstick read FILE             read() of the file into one buffer
//   yardstick write FILE SIZE       write() of one buffer, again and again, to a new file, as long before as it will be
//   yardstick pipe SIZE             the same to a pipe, which a child empties; the time is until it has all
//   yardstick drain                 read() of standard input to its end; the time is from the first byte on
//
// The buffer of the others is 1 MiB, page-aligned and touched: at another page offset the kernel's copy is up to five times slower
// (glibc bug 30994). The time does not include the start of this program, that of every contender does.
// COLONS is 0 where nothing is searched. Status 1: something failed; 64: wrong usage.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { buffer_size = 1 << 20 };

struct result {
  uint64_t bytes;
  uint64_t colons;
};

_Noreturn static void fail(const char *what) {
  fprintf(stderr, "yardstick: %s: %s\n", what, strerror(errno));
  exit(1);
}

_Noreturn static void refuse(void) {
  fprintf(stderr, "usage: yardstick readv|copy PID START SIZE | memchr|read FILE | write FILE SIZE | pipe SIZE | drain\n");
  exit(64);
}

static uint64_t read_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static char *touched_buffer(size_t size) {
  char *buffer = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (buffer == MAP_FAILED) fail("mmap");
  memset(buffer, 1, size);
  return buffer;
}

static int open_file(const char *path) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) fail(path);
  return file;
}

static struct result read_process(pid_t process, uintptr_t start, uint64_t size, char *buffer) {
  struct result result = {0, 0};
  while (result.bytes < size) {
    uint64_t left = size - result.bytes;
    struct iovec local = {buffer, left < buffer_size ? left : buffer_size};
    struct iovec remote = {(void *)(start + result.bytes), local.iov_len};
    ssize_t count = process_vm_readv(process, &local, 1, &remote, 1, 0);
    if (count <= 0) fail("process_vm_readv");
    result.bytes += (uint64_t)count;
  }
  return result;
}

// Half of a range, which one thread copies in pieces.
struct half {
  pid_t process;
  uintptr_t start;
  uint64_t size;
  char *target;
};

static void *copy_half(void *argument) {
  struct half *half = argument;
  for (uint64_t done = 0; done < half->size;) {
    uint64_t left = half->size - done;
    struct iovec local = {half->target + done, left < buffer_size ? left : buffer_size};
    struct iovec remote = {(void *)(half->start + done), local.iov_len};
    ssize_t count = process_vm_readv(half->process, &local, 1, &remote, 1, 0);
    if (count <= 0) fail("process_vm_readv");
    done += (uint64_t)count;
  }
  return NULL;
}

static struct result copy_process(pid_t process, uintptr_t start, uint64_t size, char *target) {
  uint64_t middle = size / 2 / buffer_size * buffer_size;
  struct half first = {process, start, middle, target}, second = {process, start + middle, size - middle, target + middle};
  pthread_t thread;
  if (pthread_create(&thread, NULL, copy_half, &second) != 0) fail("pthread_create");
  copy_half(&first);
  pthread_join(thread, NULL);
  return (struct result){size, 0};
}

static struct result search_file(const char *path) {
  int file = open_file(path);
  struct stat attributes;
  if (fstat(file, &attributes) != 0) fail("fstat");
  size_t size = (size_t)attributes.st_size;
  char *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
  if (bytes == MAP_FAILED) fail("mmap");
  struct result result = {size, 0};
  const char *end = bytes + size;
  for (const char *at = bytes; (at = memchr(at, ':', (size_t)(end - at))) != NULL; at++) result.colons++;
  return result;
}

static struct result read_file(const char *path, char *buffer) {
  int file = open_file(path);
  struct result result = {0, 0};
  ssize_t count;
  while ((count = read(file, buffer, buffer_size)) > 0) result.bytes += (uint64_t)count;
  if (count < 0) fail("read");
  return result;
}

static struct result write_out(int file, uint64_t size, const char *buffer) {
  struct result result = {0, 0};
  while (result.bytes < size) {
    uint64_t left = size - result.bytes;
    ssize_t count = write(file, buffer, left < buffer_size ? left : buffer_size);
    if (count <= 0) fail("write");
    result.bytes += (uint64_t)count;
  }
  return result;
}

static struct result write_file(const char *path, uint64_t size, const char *buffer) {
  int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) fail(path);
  if (ftruncate(file, (off_t)size) != 0) fail("ftruncate");
  return write_out(file, size, buffer);
}

static void empty(int file, struct result *result, uint64_t *started, char *buffer) {
  ssize_t count;
  while ((count = read(file, buffer, buffer_size)) > 0) {
    if (result->bytes == 0) *started = read_clock();
    result->bytes += (uint64_t)count;
  }
  if (count < 0) fail("read");
}

static struct result write_pipe(uint64_t size, uint64_t *started, char *buffer) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail("pipe2");
  fcntl(ends[1], F_SETPIPE_SZ, buffer_size);
  pid_t reader = fork();
  if (reader < 0) fail("fork");
  if (reader == 0) {
    struct result result = {0, 0};
    close(ends[1]);
    empty(ends[0], &result, started, touched_buffer(buffer_size));
    _exit(result.bytes == size ? 0 : 1);
  }
  close(ends[0]);
  *started = read_clock();
  struct result result = write_out(ends[1], size, buffer);
  close(ends[1]);
  int status;
  if (waitpid(reader, &status, 0) != reader || status != 0) fail("the reader");
  return result;
}

int main(int count, char **arguments) {
  if (count < 2) refuse();
  const char *what = arguments[1];
  bool copies = count == 5 && strcmp(what, "copy") == 0;
  char *buffer = touched_buffer(copies ? strtoull(arguments[4], NULL, 16) : buffer_size);
  struct result result;
  uint64_t started = read_clock();
  if (count == 5 && strcmp(what, "readv") == 0) {
    pid_t process = (pid_t)strtol(arguments[2], NULL, 10);
    result = read_process(process, strtoull(arguments[3], NULL, 16), strtoull(arguments[4], NULL, 16), buffer);
  } else if (copies) {
    pid_t process = (pid_t)strtol(arguments[2], NULL, 10);
    result = copy_process(process, strtoull(arguments[3], NULL, 16), strtoull(arguments[4], NULL, 16), buffer);
  } else if (count == 3 && strcmp(what, "memchr") == 0) {
    result = search_file(arguments[2]);
  } else if (count == 3 && strcmp(what, "read") == 0) {
    result = read_file(arguments[2], buffer);
  } else if (count == 4 && strcmp(what, "write") == 0) {
    result = write_file(arguments[2], strtoull(arguments[3], NULL, 16), buffer);
  } else if (count == 3 && strcmp(what, "pipe") == 0) {
    result = write_pipe(strtoull(arguments[2], NULL, 16), &started, buffer);
  } else if (count == 2 && strcmp(what, "drain") == 0) {
    result = (struct result){0, 0};
    empty(STDIN_FILENO, &result, &started, buffer);
  } else {
    refuse();
  }
  uint64_t elapsed = read_clock() - started;
  printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", result.bytes, elapsed, result.colons);
}
