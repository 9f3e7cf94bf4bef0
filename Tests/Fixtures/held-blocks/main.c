// Blocks of malloc whose holders are known. Says of each sort `NAME COUNT BYTES`, where BYTES are those of the heap that the
// blocks take, prints `ready`, and ends at the end of standard input.
//
//   held-blocks [COUNT]   so many entries and a tenth of that in sessions; 1000 by default

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct entry {
  struct entry *next;
  char state[184];
};

// What a library keeps for a request: a block with the addresses of its functions, and ten that only it leads to.
struct session {
  void (*drop[3])(struct session *);
  void *parts[10];
  char state[824];
};

struct link {
  struct link *next, *previous;
  char state[288];
};

// A list that grows and is never cut: a variable holds it.
static struct entry *leaked_entries;
// The middle of a block, to which nothing else leads.
char *middle_alone;
// The middle of a block, and its start: which of them counts must not depend on which is found first.
char *a_middle;
char *z_start;
static __thread void *of_thread;

static size_t footprint(void *block) { return malloc_usable_size(block) + 8; }

static void say(const char *name, size_t count, size_t bytes) { printf("%s %zu %zu\n", name, count, bytes); }

void drop_session(struct session *session) { free(session); }

static __attribute__((noinline)) size_t make_entries(size_t count) {
  size_t bytes = 0;
  for (size_t i = 0; i < count; i++) {
    struct entry *entry = calloc(1, sizeof *entry);
    entry->next = leaked_entries;
    leaked_entries = entry;
    bytes += footprint(entry);
  }
  return bytes;
}

static __attribute__((noinline)) size_t make_lost_sessions(size_t count) {
  size_t bytes = 0;
  for (size_t i = 0; i < count; i++) {
    struct session *session = calloc(1, sizeof *session);
    bytes += footprint(session);
    for (int part = 0; part < 3; part++) session->drop[part] = drop_session;
    for (int part = 0; part < 10; part++) {
      session->parts[part] = calloc(1, 520);
      bytes += footprint(session->parts[part]);
    }
  }
  return bytes;
}

static __attribute__((noinline)) size_t make_lost_ring(size_t count) {
  struct link *first = calloc(1, sizeof *first), *last = first;
  size_t bytes = footprint(first);
  for (size_t i = 1; i < count; i++) {
    struct link *link = calloc(1, sizeof *link);
    last->next = link;
    link->previous = last;
    last = link;
    bytes += footprint(link);
  }
  last->next = first;
  first->previous = last;
  return bytes;
}

// A block that only a free one leads to.
static __attribute__((noinline)) size_t make_held_by_free(void) {
  void **holder = calloc(1, 1400);
  holder[8] = calloc(1, 1500);
  size_t bytes = footprint(holder[8]);
  free(holder);
  return bytes;
}

static __attribute__((noinline)) void fill_the_middle(void) {
  char *alone = calloc(1, 3000), *both = calloc(1, 4000);
  middle_alone = alone + 704;
  a_middle = both + 504;
  z_start = both;
  of_thread = calloc(1, 5000);
  say("middle_alone", 1, footprint(alone));
  say("z_start", 1, footprint(both));
  say("of_thread", 1, footprint(of_thread));
}

// What is in the registers and on the stack of a call that is done.
static __attribute__((noinline)) void forget(void) {
  volatile char space[1 << 14];
  memset((char *)space, 0, sizeof space);
}

int main(int count, char **arguments) {
  size_t entries = count > 1 ? strtoul(arguments[1], NULL, 10) : 1000;
  // Each sort has a size of its own, and what is free stays so.
  say("leaked_entries", entries, make_entries(entries));
  say("sessions", entries / 10, make_lost_sessions(entries / 10));
  say("ring", 50, make_lost_ring(50));
  say("held_by_free", 1, make_held_by_free());
  fill_the_middle();
  void *volatile of_stack = calloc(1, 7000);
  say("of_stack", 1, footprint(of_stack));
  forget();
  puts("ready");
  fflush(stdout);
  char byte;
  while (read(0, &byte, 1) > 0) {
  }
  return of_stack == NULL;
}
