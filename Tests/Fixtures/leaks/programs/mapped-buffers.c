// A daemon that receives replies in buffers so large that malloc maps each by itself: the heap between them stays as it was.
//
// Leak: a buffer goes into the table of its connection and stays there after the reply was worked on.
// Fix: --fixed frees it then.
//
// Truth: grows yes
// Truth: kind chunk-size 266240
// Truth: content template reply
// Truth: holder mapped-buffers:connections
// Truth: allocates receive_reply

#include "program.h"

enum { buffer_size = 256 << 10 };

static struct {
  char **buffers;
  size_t count, room;
} connections[4];

__attribute__((noinline)) static char *receive_reply(unsigned long number) {
  char *buffer = program_take(buffer_size);
  for (int place = 0; place < buffer_size; place += 64) {
    snprintf(buffer + place, 64, "reply number=%lu part=%d", number, place / 64);
  }
  return buffer;
}

int main(int count, char **words) {
  program_begin(count, words);
  for (int index = 0; index < 4; index++) {
    connections[index].room = 1024;
    connections[index].buffers = program_take(1024 * sizeof(char *));
  }
  for (unsigned long number = 0;; program_wait()) {
    // A reply in each fifth beat: 2.5 MiB/s.
    if (number++ % 5 != 0 || number / 5 * buffer_size >= program_limit) continue;
    char *buffer = receive_reply(number / 5);
    if (program_is_fixed) {
      free(buffer);
      continue;
    }
    unsigned long connection = number / 5 % 4;
    if (connections[connection].count < connections[connection].room) {
      connections[connection].buffers[connections[connection].count++] = buffer;
    } else {
      free(buffer);
    }
  }
}
