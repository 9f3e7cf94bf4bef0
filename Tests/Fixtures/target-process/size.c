// Numbers of options and commands.
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "target-process.h"

bool parse_size(const char *text, uint64_t *size) {
  static const struct {
    char letter;
    unsigned shift;
  } units[] = {{0, 0}, {'K', 10}, {'M', 20}, {'G', 30}, {'T', 40}};
  if (!isdigit((unsigned char)*text)) return false;
  char *end;
  errno = 0;
  uint64_t number = strtoull(text, &end, 0);
  if (errno != 0) return false;
  for (unsigned i = 0; i < sizeof units / sizeof *units; i++) {
    if (*end != units[i].letter) continue;
    if ((*end && end[1]) || number > UINT64_MAX >> units[i].shift) return false;
    *size = number << units[i].shift;
    return true;
  }
  return false;
}
