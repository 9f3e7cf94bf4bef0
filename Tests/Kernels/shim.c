// The C of the shim alone, for a processor for which there is no Swift here: the holder, and the reader of memory.
//   memdump hold PID MS            stop every thread, wait, let go
//   memdump registers PID          stop, fetch the registers of every thread, let go
//   memdump snapshot PID           stop, ask for a snapshot, let go
//   memdump read PID ADDRESS SIZE  the memory, to standard output
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cprocmem_holder.h"
#include "cprocmem_process.h"

static bool receive(int socket, void *report, size_t size) {
  struct pollfd wait = {.fd = socket, .events = POLLIN};
  return poll(&wait, 1, 20000) == 1 && recv(socket, report, size, 0) == (ssize_t)size;
}

// Prints the notes of the first thread.
static int print_registers(int socket) {
  uint32_t type = CPROCMEM_MESSAGE_REGISTERS;
  send(socket, &type, sizeof type, MSG_NOSIGNAL);
  struct cprocmem_registers_report report;
  int file = cprocmem_receive_registers(socket, &report);
  if (file < 0) return printf("no registers: %s\n", strerror(-file)), 1;
  struct cprocmem_thread_record record = {0};
  struct cprocmem_register_note note;
  lseek(file, 0, SEEK_SET);
  if (read(file, &record, sizeof record) != sizeof record) return puts("no record"), 1;
  printf("%u threads: ", report.records);
  for (uint32_t i = 0; i < record.notes && read(file, &note, sizeof note) == sizeof note; i++) {
    printf("note %#x of %u, ", note.type, note.size);
    lseek(file, (note.size + 7) & ~7u, SEEK_CUR);
  }
  puts("");
  return 0;
}

static int print_snapshot(int socket) {
  struct cprocmem_snapshot_request request = {.type = CPROCMEM_MESSAGE_SNAPSHOT};
  struct cprocmem_snapshot_report report;
  send(socket, &request, sizeof request, MSG_NOSIGNAL);
  if (!receive(socket, &report, sizeof report)) return puts("no report"), 1;
  printf("snapshot: %s\n", strerror(report.error));
  return 0;
}

static int hold(const char *what, int pid, unsigned ms) {
  pid_t holder;
  int socket = cprocmem_holder_start(&holder), status = 0;
  if (socket < 0) return printf("no holder: %s\n", strerror(-socket)), 2;
  struct cprocmem_stop_request stop = {
      .type = CPROCMEM_MESSAGE_STOP, .pid = pid, .settle_ns = 5000000000u, .hold_ns = 10000000000u};
  struct cprocmem_stop_report stopped = {.error = -1};
  send(socket, &stop, sizeof stop, MSG_NOSIGNAL);
  if (!receive(socket, &stopped, sizeof stopped)) return puts("no report"), 2;
  printf("error %d, stopped %u, running %u\n", stopped.error, stopped.stopped, stopped.running);
  if (stopped.error) return 2;
  if (!strcmp(what, "registers")) status = print_registers(socket);
  else if (!strcmp(what, "snapshot")) status = print_snapshot(socket);
  else usleep(ms * 1000);
  uint32_t type = CPROCMEM_MESSAGE_RELEASE;
  send(socket, &type, sizeof type, MSG_NOSIGNAL);
  struct cprocmem_resume_report resumed;
  if (!receive(socket, &resumed, sizeof resumed)) return puts("no resume"), 2;
  close(socket);
  return cprocmem_holder_reap(holder) || status;
}

static int look(int pid, uint64_t address, size_t size) {
  static char bytes[1 << 20];
  for (size_t at = 0; at < size; at += sizeof bytes) {
    struct iovec local = {bytes, sizeof bytes}, remote = {(void *)(uintptr_t)(address + at), sizeof bytes};
    if (cprocmem_readv(pid, &local, 1, &remote, 1) != (ssize_t)sizeof bytes) return 2;
    if (write(STDOUT_FILENO, bytes, sizeof bytes) != (ssize_t)sizeof bytes) return 2;
  }
  return 0;
}

int main(int count, char **words) {
  if (count < 3) return 64;
  int pid = atoi(words[2]);
  if (!strcmp(words[1], "read") && count > 4) return look(pid, strtoull(words[3], NULL, 0), strtoull(words[4], NULL, 0));
  return hold(words[1], pid, count > 3 ? (unsigned)atoi(words[3]) : 0);
}
