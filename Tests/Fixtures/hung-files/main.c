// A process with a mapped file on a file system in user space (FUSE) whose daemon can be told to answer no more.
//
// hung-files DIRECTORY [--open]: mounts the file system there, in a mount namespace of its own, so that nothing is left of it when the
// process ends; with one file, lib.bin, of 8 pages, each of which has `10.8.0.PAGE:8000` at byte 16. It is mapped privately;
// page 0 is a copy of the process's own with 10.8.1.0:8100 in place of its text, page 1 is in memory, the others are not.
// With --open the file stays open, too; do not hang the daemon then, since the end of the process would ask it.
// What is read of the file is asked of the daemon each time. Prints `lib ADDR SIZE` and `ready`.
// Commands on standard input, and their answers:
//   hang    `hangs`: the daemon reads no further request
//   asked   `asked`: a request waits for the daemon now
//   go      `goes`: the daemon goes on
// Ends at the end of standard input. Status 64: wrong usage. Status 1: no file system of this kind can be mounted.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 8, FILE_NODE = 2, REQUEST_SIZE = 256 * 1024 };

static char content[PAGES * PAGE];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

// The daemon

static struct fuse_attr attributes(uint64_t node) {
  bool is_file = node == FILE_NODE;
  return (struct fuse_attr){
      .ino = node, .size = is_file ? sizeof content : 0, .mode = is_file ? S_IFREG | 0755 : S_IFDIR | 0755, .nlink = 1,
  };
}

static void answer(int device, uint64_t request, int error, const void *body, size_t size) {
  struct fuse_out_header header = {.len = (uint32_t)(sizeof header + size), .error = -error, .unique = request};
  struct iovec parts[2] = {{&header, sizeof header}, {(void *)body, size}};
  if (writev(device, parts, size > 0 ? 2 : 1) < 0 && errno != ENOENT) _exit(1);
}

static void serve(int device, const struct fuse_in_header *header, const char *body) {
  switch (header->opcode) {
  case FUSE_INIT: {
    struct fuse_init_out init = {.major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = 65536};
    answer(device, header->unique, 0, &init, sizeof init);
    break;
  }
  case FUSE_LOOKUP: {
    struct fuse_entry_out entry = {.nodeid = FILE_NODE, .attr = attributes(FILE_NODE)};
    bool is_there = strcmp(body, "lib.bin") == 0;
    answer(device, header->unique, is_there ? 0 : ENOENT, &entry, is_there ? sizeof entry : 0);
    break;
  }
  case FUSE_GETATTR: {
    struct fuse_attr_out attr = {.attr = attributes(header->nodeid)};
    answer(device, header->unique, 0, &attr, sizeof attr);
    break;
  }
  case FUSE_OPEN: {
    struct fuse_open_out open = {.open_flags = FOPEN_DIRECT_IO};
    answer(device, header->unique, 0, &open, sizeof open);
    break;
  }
  case FUSE_READ: {
    const struct fuse_read_in *read = (const void *)body;
    size_t start = read->offset < sizeof content ? (size_t)read->offset : sizeof content;
    size_t size = sizeof content - start < read->size ? sizeof content - start : read->size;
    answer(device, header->unique, 0, content + start, size);
    break;
  }
  case FUSE_FLUSH:
  case FUSE_RELEASE: answer(device, header->unique, 0, NULL, 0); break;
  case FUSE_FORGET:
  case FUSE_BATCH_FORGET:
  case FUSE_INTERRUPT: break;
  default: answer(device, header->unique, ENOSYS, NULL, 0);
  }
}

struct state {
  atomic_bool hangs;
  atomic_bool is_asked;
};

static void run_daemon(int device, struct state *state) {
  static char request[REQUEST_SIZE];
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) {
    struct pollfd entry = {.fd = device, .events = POLLIN};
    if (poll(&entry, 1, 1) <= 0) continue;
    if (atomic_load(&state->hangs)) {
      atomic_store(&state->is_asked, true);
      usleep(1000);
      continue;
    }
    ssize_t size = read(device, request, sizeof request - 1);
    if (size < (ssize_t)sizeof(struct fuse_in_header)) {
      if (size < 0 && (errno == EINTR || errno == ENOENT || errno == EAGAIN)) continue;
      _exit(0); // unmounted
    }
    request[size] = 0;
    serve(device, (const void *)request, request + sizeof(struct fuse_in_header));
  }
}

// The process

static int mount_at(const char *directory) {
  if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) fail("a mount namespace");
  int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (device < 0) fail("/dev/fuse");
  char options[128];
  snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", device);
  if (mount("hung-files", directory, "fuse", MS_NOSUID | MS_NODEV, options) != 0) fail("mount");
  return device;
}

static char *map_file(const char *directory, bool stays_open) {
  char path[4096];
  snprintf(path, sizeof path, "%s/lib.bin", directory);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) fail(path);
  char *memory = mmap(NULL, sizeof content, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  if (memory == MAP_FAILED) fail("mmap");
  if (!stays_open) close(file);
  madvise(memory, sizeof content, MADV_RANDOM); // nothing is read ahead
  strcpy(memory + 16, "10.8.1.0:8100");
  *(volatile char *)(memory + PAGE);
  return memory;
}

int main(int count, char **words) {
  bool stays_open = count == 3 && strcmp(words[2], "--open") == 0;
  if (count != 2 && !stays_open) return 64;
  for (int page = 0; page < PAGES; page++) sprintf(content + page * PAGE + 16, "10.8.0.%d:8000", page);
  struct state *state = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int device = mount_at(words[1]);
  pid_t daemon = fork();
  if (daemon < 0) fail("fork");
  if (daemon == 0) run_daemon(device, state);
  close(device);
  char *memory = map_file(words[1], stays_open);
  printf("lib %p %#zx\nready\n", (void *)memory, sizeof content);
  fflush(stdout);
  char line[64];
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (strcmp(line, "hang\n") == 0) {
      atomic_store(&state->is_asked, false);
      atomic_store(&state->hangs, true);
      puts("hangs");
    } else if (strcmp(line, "go\n") == 0) {
      atomic_store(&state->hangs, false);
      puts("goes");
    } else if (strcmp(line, "asked\n") == 0) {
      while (!atomic_load(&state->is_asked)) usleep(1000);
      puts("asked");
    }
    fflush(stdout);
  }
  kill(daemon, SIGKILL);
  return 0;
}
