// What the programs share: their options, and the beat that they work in.
//
//   PROGRAM [--fixed] [--limit SIZE]
//
// --fixed is the twin without the leak. What grows ends at about SIZE MiB (64 unless said), so that one that is forgotten does
// no harm. A program writes its number and `ready` when it works, and ends with its standard input.

#ifndef PROGRAM_H
#define PROGRAM_H

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int program_is_fixed;
static size_t program_limit = 64 << 20;

static inline void program_begin(int count, char **words) {
  for (int index = 1; index < count; index++) {
    if (strcmp(words[index], "--fixed") == 0) {
      program_is_fixed = 1;
    } else if (strcmp(words[index], "--limit") == 0 && index + 1 < count) {
      program_limit = strtoul(words[++index], NULL, 10) << 20;
    } else {
      fprintf(stderr, "usage: %s [--fixed] [--limit SIZE]\n", words[0]);
      exit(64);
    }
  }
  printf("process %d\nready\n", getpid());
  fflush(stdout);
}

// Waits for the next beat, 20 ms; exits where nobody holds the standard input open any more.
static inline void program_wait(void) {
  struct pollfd input = {.fd = 0, .events = POLLIN};
  char byte;
  if (poll(&input, 1, 20) > 0 && read(0, &byte, 1) <= 0) exit(0);
}

// Memory, or the end.
static inline void *program_take(size_t size) {
  void *memory = malloc(size);
  if (memory == NULL) exit(1);
  return memory;
}

// Numbers that are the same in each run: xorshift64.
static inline unsigned long program_random(void) {
  static unsigned long state = 88172645463325252ul;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

#endif
