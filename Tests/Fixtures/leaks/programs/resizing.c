// Buffers that are made larger and smaller all the time: chunks change their size, and what there is in all stays the same.
//
// Truth: grows no

#include "program.h"

enum { buffer_count = 6000, smallest = 64, step = 64, sizes = 24 };

static struct {
  char *bytes;
  size_t size;
} buffers[buffer_count];

int main(int count, char **words) {
  // As many of each size. The sizes of two buffers are exchanged at a time: what there is of each size wanders by no more.
  for (int index = 0; index < buffer_count; index++) {
    buffers[index].size = smallest + step * (index % sizes);
    buffers[index].bytes = program_take(buffers[index].size);
    snprintf(buffers[index].bytes, smallest, "buffer %d", index);
  }
  program_begin(count, words);
  for (unsigned long shift = 0;; shift++, program_wait()) {
    for (int index = 0; index < buffer_count / 100; index++) {
      unsigned long place = program_random() % buffer_count;
      // In waves: many buffers are of one size for a while, then of the next.
      size_t size = smallest + step * ((shift / 50 + program_random() % 4) % sizes);
      char *bytes = realloc(buffers[place].bytes, size);
      if (bytes == NULL) exit(1);
      buffers[place].bytes = bytes;
      buffers[place].size = size;
    }
  }
}
