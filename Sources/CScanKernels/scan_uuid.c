// "01234567-89ab-cdef-0123-456789abcdef" in memory. The anchor is the first dash.

#include "scan_text.h"

enum { UUID_LENGTH = 36, FIRST_GROUP = 8 };

_Static_assert(UUID_LENGTH + 1 - FIRST_GROUP <= (int)CSCAN_UUID_REACH, "a UUID is longer than promised");

static struct extent decide(const struct text *text, size_t dash, unsigned options) {
  struct extent none = { 0 };
  size_t begin = dash - FIRST_GROUP, end = begin + UUID_LENGTH;
  if (dash < FIRST_GROUP || end > text->count) return none;
  uint8_t before = byte_at(text, begin - 1), after = byte_at(text, end);
  if (is_hexadecimal(before) || is_forbidden_neighbour(before, options)) return none;
  if (is_hexadecimal(after) || is_forbidden_neighbour(after, options)) return none;
  for (size_t index = 0; index < UUID_LENGTH; index++) {
    uint8_t byte = text->bytes[begin + index];
    bool is_dash = index == 8 || index == 13 || index == 18 || index == 23;
    if (is_dash ? byte != '-' : !is_hexadecimal(byte)) return none;
  }
  return (struct extent){ .begin = begin, .end = end };
}

size_t cscan_uuid(const uint8_t *bytes, size_t count, size_t *from, size_t to, unsigned options,
                  struct cscan_match *matches, size_t capacity) {
  static const struct anchor_filter filter = {
    .first = { .offset = 0, .value = '-', .mask = 0xFF },
    .second = { .offset = 5, .value = '-', .mask = 0xFF },
  };
  struct text text = { .bytes = bytes, .count = count };
  return scan_text(&text, from, to, options, matches, capacity, &filter, decide);
}
