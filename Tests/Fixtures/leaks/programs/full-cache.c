// A cache that fills up to its bound within a second and then replaces what is in it: no leak.
//
// Truth: grows no

#include "program.h"

enum { entry_count = 20000 };

struct entry {
  unsigned long key;
  char *value;
};

static struct entry entries[entry_count];

int main(int count, char **words) {
  unsigned long number = 0;
  // It is full before it says so: what is to be seen is the cache at work, not its start.
  for (; number < entry_count; number++) {
    entries[number].key = number;
    entries[number].value = program_take(200);
  }
  program_begin(count, words);
  for (;; program_wait()) {
    for (int turn = 0; turn < 200; turn++) {
      struct entry *entry = &entries[program_random() % entry_count];
      free(entry->value);
      entry->key = number++;
      entry->value = program_take(200);
      snprintf(entry->value, 200, "user=%lu name=visitor-%lu", entry->key, entry->key % 977);
    }
  }
}
