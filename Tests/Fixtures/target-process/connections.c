// Sockets of every kind that a table of the kernel can have, to itself over the loopback interface.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "target-process.h"

static int open_socket(int family, int type) {
  int file = socket(family, type | SOCK_CLOEXEC, 0);
  if (file < 0) fail("socket");
  return file;
}

// Binds it to a port that is free, and returns that.
static in_port_t bind_socket(int file, struct sockaddr *address, socklen_t size) {
  if (bind(file, address, size) != 0 || getsockname(file, address, &size) != 0) fail("bind");
  return ((struct sockaddr_in *)address)->sin_port;
}

static void connect_socket(int file, const void *address, socklen_t size) {
  if (connect(file, address, size) != 0) fail("connect");
}

static int accept_connection(int listener) {
  int file = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  if (file < 0) fail("accept");
  return file;
}

// The side that closes first is the one that TIME_WAIT remembers.
static void leave_in_time_wait(int client, int server) {
  char byte;
  close(client);
  if (read(server, &byte, 1) != 0) fail("read");
  close(server);
}

void set_up_connections(uint64_t count) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int listener = open_socket(AF_INET, SOCK_STREAM);
  in_port_t port = bind_socket(listener, (struct sockaddr *)&address, sizeof address);
  if (listen(listener, 64) != 0) fail("listen");
  for (uint64_t i = 0; i < count; i++) {
    int client = open_socket(AF_INET, SOCK_STREAM);
    connect_socket(client, &address, sizeof address);
    accept_connection(listener);
    if (i == 0 && dup(client) < 0) fail("dup");
  }
  int client = open_socket(AF_INET, SOCK_STREAM);
  connect_socket(client, &address, sizeof address);
  leave_in_time_wait(client, accept_connection(listener));

  struct sockaddr_in6 mapped = {.sin6_family = AF_INET6, .sin6_port = port};
  inet_pton(AF_INET6, "::ffff:127.0.0.1", &mapped.sin6_addr);
  connect_socket(open_socket(AF_INET6, SOCK_STREAM), &mapped, sizeof mapped);
  close(accept_connection(listener));

  struct sockaddr_in6 address6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  int listener6 = open_socket(AF_INET6, SOCK_STREAM);
  in_port_t port6 = bind_socket(listener6, (struct sockaddr *)&address6, sizeof address6);
  if (listen(listener6, 64) != 0) fail("listen");
  connect_socket(open_socket(AF_INET6, SOCK_STREAM), &address6, sizeof address6);
  accept_connection(listener6);

  struct sockaddr_in datagrams = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  in_port_t port_of_datagrams = bind_socket(
    open_socket(AF_INET, SOCK_DGRAM), (struct sockaddr *)&datagrams, sizeof datagrams);
  connect_socket(open_socket(AF_INET, SOCK_DGRAM), &datagrams, sizeof datagrams);

  char *region = place_region(page_size, page_size);
  memcpy(region, &address, sizeof address);
  memcpy(region + 64, &address6, sizeof address6);
  memcpy(region + 128, &datagrams, sizeof datagrams);
  for (unsigned i = 0; i < 3; i++) write_endpoint(region + 256 + 64 * i, 127, 0, 0, 1, ntohs(port));
  write_endpoint(region + 512, 10, 11, 12, 13, 1415);
  printf(
    "connections %p 0x%zx %u %u %u\n", (void *)region, page_size, ntohs(port), ntohs(port6),
    ntohs(port_of_datagrams));
}
