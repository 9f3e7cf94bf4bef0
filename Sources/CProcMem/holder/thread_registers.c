#define _GNU_SOURCE
#include "thread_registers.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "cprocmem_holder.h"
#include "processor.h"
#include "stop_engine.h"
#include "trace.h"

#ifndef NT_SIGINFO
#define NT_SIGINFO 0x53494749
#endif

enum {
  RECORD_LIMIT = 64 * 1024, // several times what any processor has
  BUFFER_LIMIT = 4 * RECORD_LIMIT,
};

// Several records, since a system call for each takes longer than to make it.
struct record_buffer {
  _Alignas(8) unsigned char bytes[BUFFER_LIMIT];
  size_t size;
};

static unsigned char *note_data(struct record_buffer *buffer) {
  return buffer->bytes + buffer->size + sizeof(struct cprocmem_register_note);
}

static size_t note_room(const struct record_buffer *buffer) {
  return sizeof buffer->bytes - buffer->size - sizeof(struct cprocmem_register_note) - 8;
}

static void add_note(struct record_buffer *buffer, uint32_t type, size_t size) {
  struct cprocmem_register_note note = {.type = type, .size = (uint32_t)size};
  memset(note_data(buffer) + size, 0, 8);
  memcpy(buffer->bytes + buffer->size, &note, sizeof note);
  buffer->size += sizeof note + ((size + 7) & ~(size_t)7);
}

static bool add_registers(struct record_buffer *buffer, pid_t tid, uint32_t type) {
  struct iovec place = {.iov_base = note_data(buffer), .iov_len = note_room(buffer)};
  if (cprocmem_trace(PTRACE_GETREGSET, tid, type, (unsigned long)&place) != 0) return false;
  add_note(buffer, type, place.iov_len);
  return true;
}

static bool add_signal(struct record_buffer *buffer, pid_t tid) {
  if (cprocmem_trace(PTRACE_GETSIGINFO, tid, 0, (unsigned long)note_data(buffer)) != 0) return false;
  add_note(buffer, NT_SIGINFO, sizeof(siginfo_t));
  return true;
}

// A thread that did not stop answers ESRCH to all of it.
static void add_record(struct record_buffer *buffer, const struct traced_thread *thread, bool general) {
  struct cprocmem_thread_record record = {.tid = thread->tid, .signal = thread->signal};
  const size_t start = buffer->size;
  buffer->size += sizeof record;
  const uint32_t *const sets = cprocmem_processor.register_sets;
  for (const uint32_t *set = sets; *set != 0; set++) {
    bool added = add_registers(buffer, thread->tid, *set);
    if (!added && set == sets) break;
    record.notes += added;
    if (general) break;
  }
  // Any other stop than on the way to a signal is of our own making.
  if (record.notes > 0 && thread->signal != 0) record.notes += add_signal(buffer, thread->tid);
  memcpy(buffer->bytes + start, &record, sizeof record);
}

static bool flush(struct record_buffer *buffer, long file) {
  size_t size = buffer->size;
  buffer->size = 0;
  return size == 0 || syscall(SYS_write, file, buffer->bytes, size) == (long)size;
}

// A file in memory, which no file system can keep us waiting for; another such where a filter denies memfd_create.
static long open_memory_file(void) {
  long file = syscall(SYS_memfd_create, "registers", 1L /* MFD_CLOEXEC */);
  if (file >= 0 || (errno != EPERM && errno != ENOSYS)) return file;
  return syscall(SYS_openat, (long)AT_FDCWD, "/dev/shm", (long)(O_TMPFILE | O_RDWR | O_CLOEXEC), 0600L);
}

static int write_records(const struct traced_threads *threads, bool general, uint64_t deadline, uint32_t *records) {
  static struct record_buffer buffer;
  long file = open_memory_file();
  if (file < 0) return -errno;
  buffer.size = 0;
  bool written = true;
  for (*records = 0; written && *records < threads->count && cprocmem_now() < deadline; ++*records) {
    add_record(&buffer, &threads->items[*records], general);
    if (buffer.size > BUFFER_LIMIT - RECORD_LIMIT) written = flush(&buffer, file);
  }
  if (written && flush(&buffer, file)) return (int)file;
  int error = errno;
  syscall(SYS_close, file);
  return -error;
}

union one_file {
  char bytes[CMSG_SPACE(sizeof(int))];
  struct cmsghdr header;
};

void cprocmem_registers_send(const struct traced_threads *threads, bool general, int control, uint64_t deadline) {
  struct cprocmem_registers_report report = {.error = 0};
  int file = write_records(threads, general, deadline, &report.records);
  if (file < 0) report = (struct cprocmem_registers_report){.error = -file};
  struct iovec part = {.iov_base = &report, .iov_len = sizeof report};
  union one_file ancillary = {.header = {
      .cmsg_len = CMSG_LEN(sizeof file), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
  memcpy(CMSG_DATA(&ancillary.header), &file, sizeof file);
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (file >= 0) {
    message.msg_control = &ancillary;
    message.msg_controllen = sizeof ancillary.bytes;
  }
  syscall(SYS_sendmsg, (long)control, &message, (long)(MSG_DONTWAIT | MSG_NOSIGNAL));
  if (file >= 0) syscall(SYS_close, (long)file);
}

// Called in the tool

int cprocmem_receive_registers(int socket, struct cprocmem_registers_report *report) {
  struct iovec part = {.iov_base = report, .iov_len = sizeof *report};
  union one_file ancillary;
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = &ancillary, .msg_controllen = sizeof ancillary.bytes};
  // A report of another size stays for who waits for it: the holder has let go meanwhile, and says that.
  ssize_t size = recv(socket, NULL, 0, MSG_PEEK | MSG_TRUNC);
  if (size == (ssize_t)sizeof *report) size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  if (size < 0) return -errno;
  if (size == 0) return -ECONNRESET;
  if (size == (ssize_t)sizeof(struct cprocmem_resume_report)) return -ETIME;
  if (size != (ssize_t)sizeof *report || report->error < 0) return -EPROTO;
  if (report->error != 0) return -report->error;
  const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header == NULL || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(int))) return -EPROTO;
  int file;
  memcpy(&file, CMSG_DATA(header), sizeof file);
  return file;
}
