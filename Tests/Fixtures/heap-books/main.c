// A program that keeps the books of its heap, to compare what a walk finds with what is there: under any allocator that is
// preloaded, or linked.
//
//   heap-books rest|storm [threads=N] [count=N] [seed=N] [exits] [visits]
//     N threads with N places in the books each: a known multiset of blocks of all sizes, which rests then, or moves without a
//     pause. exits: every second thread ends. visits: mimalloc counts its own blocks, which collects its free lists.
//   heap-books leak|fragmentation|cache|arenas|buffers|huge-pages|shrunk [count=N] [seed=N] [every=MILLISECONDS]
//     a heap with something to find out; `every` has it go on by itself.
//
// Prints `books ADDRESS COUNT`: COUNT entries of three words, the block, its bytes and its alignment (0 for malloc); an entry
// whose block is 0 is empty. Then `ready`. Reads commands from standard input, a line each, and ends with it:
//
//   stats      `stat NAME NUMBER` for what the allocator says of itself, and `done`
//   give-back  `gave FUNCTION BEFORE AFTER`: the resident anonymous bytes before and after it gave back what it would
//   step       `stepped`, after one step of the growth that a seed has
#define _GNU_SOURCE
#include "books.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t number(const char *argument, const char *name, uint64_t other) {
  size_t length = strlen(name);
  return strncmp(argument, name, length) ? other : strtoull(argument + length, NULL, 10);
}

static void obey(const char *command) {
  if (!strcmp(command, "stats")) {
    say_statistics();
    say("done");
  } else if (!strcmp(command, "give-back")) {
    uint64_t before = resident_anonymous();
    give_back_everywhere();
    const char *function = give_back();
    uint64_t after = resident_anonymous();
    say("gave %s %llu %llu", function, (unsigned long long)before, (unsigned long long)after);
  } else if (!strcmp(command, "step")) {
    step_seed();
    say("stepped");
  } else {
    say("unknown %s", command);
  }
}

int main(int count, char **arguments) {
  const char *mode = count > 1 ? arguments[1] : "rest";
  struct workload workload = {.threads = 4, .seed = 1, .storm = !strcmp(mode, "storm")};
  uint64_t places = 0, every = 0;
  for (int i = 2; i < count; i++) {
    workload.threads = (int)number(arguments[i], "threads=", (uint64_t)workload.threads);
    workload.seed = number(arguments[i], "seed=", workload.seed);
    places = number(arguments[i], "count=", places);
    every = number(arguments[i], "every=", every);
    workload.exits |= !strcmp(arguments[i], "exits");
    workload.visits |= !strcmp(arguments[i], "visits");
  }
  workload.count = places ? places : 3000;
  struct books books;
  if (workload.storm || !strcmp(mode, "rest")) {
    if (workload.threads < 1) return 64;
    books = start_workload(&workload);
  } else if (!start_seed(mode, places, workload.seed, &books)) {
    return 64;
  }
  say("books %p %zu", (void *)books.entries, books.count);
  say("ready");
  char command[64];
  size_t length = 0;
  for (;;) {
    struct pollfd input = {.fd = 0, .events = POLLIN};
    if (poll(&input, 1, every ? (int)every : -1) == 0) {
      step_seed();
      continue;
    }
    if (read(0, &command[length], 1) <= 0) return 0;
    if (command[length] == '\n' || length + 1 == sizeof command) {
      command[length] = 0;
      obey(command);
      length = 0;
    } else {
      length++;
    }
  }
}
